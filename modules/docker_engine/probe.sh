# $1: the source of packages; $2: its keyring; $3: the Engine's socket; $4: users, one on a line;
# then the arguments of look_packages.
part release
grep -E '^(ID|VERSION_CODENAME)=' /etc/os-release 2>/dev/null
end
part architecture
dpkg --print-architecture 2>/dev/null
end
part source
[ -n "$1" ] && [ -f "$1" ] && cat "$1"
end
part keyring
[ -n "$2" ] && [ -f "$2" ] && sha256sum "$2"
end
part members
getent group docker 2>/dev/null || grep -s '^docker:' /etc/group
end
by_lines
for user in $4; do
    part "user:$user"
    id -nG -- "$user" 2>/dev/null
    end
done
by_blanks
part engine
ask_engine "unix://$3" version
end
shift 4
look_service auto system docker '' default
look_packages "$@"
