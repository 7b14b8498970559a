# $1: the configuration file, or nothing; $2: the Engine's address.
pid=$(cat /var/run/docker.pid 2>/dev/null)
[ -n "$pid" ] && [ -r "/proc/$pid/cmdline" ] || pid=$(pgrep -o -x dockerd 2>/dev/null)
line=$([ -n "$pid" ] && tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null)
part command_line
printf '%s' "$line"
end
path=$1
if [ -z "$path" ]; then
    path=$(printf '%s\n' "$line" | sed -n 's/^--config-file=//p' | tail -n 1)
    path=${path:-/etc/docker/daemon.json}
fi
part path
printf '%s' "$path"
end
if [ -e "$path" ]; then
    part file
    cat "$path"
    end
fi
if [ -e /etc/default/docker ]; then
    part default_file
    cat /etc/default/docker
    end
fi
if [ -e /etc/systemd/system/docker.service.d/rplay.conf ]; then
    part drop_in
    cat /etc/systemd/system/docker.service.d/rplay.conf
    end
fi
part dockerd
command -v dockerd
end
part version
command -v dockerd >/dev/null 2>&1 && dockerd --version 2>/dev/null
end
part info
ask_engine "$2" info
end
look_service auto system docker '' default
