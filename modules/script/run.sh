# Takes a script from standard input, runs it and removes it.
# $1 its name; $2 how many bytes it has; $3 directory in which it runs; $4 the line that runs it,
# in which $0 is its path. The line is the user's: it gets the PATH that the user has.
# Status 253 with a last line `rplay: …`: it was not run.

refuse() {
    printf 'rplay: %s\n' "$1" >&2
    exit 253
}

old_umask=$(umask)
umask 077
folder=$(mktemp -d "${TMPDIR:-/tmp}/rplay-script-XXXXXXXX") || refuse 'no temporary directory'
trap 'rm -rf -- "$folder"' EXIT
trap 'exit 129' HUP INT TERM
file=$folder/$1
cat >"$file" || refuse 'it could not be stored'
[ "$(wc -c <"$file")" -eq "$2" ] || refuse 'it did not arrive whole'
chmod 0700 "$file" || refuse 'it could not be made a program'
umask "$old_umask"
if [ -n "$3" ]; then
    expand "$3"
    cd -- "$path" || refuse "the directory $path may not be entered"
fi
PATH=${login_path-$PATH}
sh -c "$4" "$file" </dev/null
