# Looks at the directory for an archive; `look` comes before this. $1 the archive on the host, may
# be empty; $2 a file that makes the work needless, may be empty.
# Output, each ended by NUL: `created`; who looks; the directory it is run in; GNU's tar; the
# archive's path; its size, empty where it cannot be read. Then its first bytes.

created= size=
if [ -n "$2" ]; then
    expand "$2"
    if [ -e "$path" ] || [ -L "$path" ]; then created=created; fi
fi
tar=$(command -v gtar || command -v tar)
case $("${tar:-false}" --version 2>/dev/null) in
*GNU*) ;;
*) tar= ;;
esac
path=
if [ -n "$1" ]; then
    expand "$1"
    if [ -f "$path" ] && [ -r "$path" ]; then
        size=$(wc -c <"$path")
    fi
fi
printf '%s\0' "$created" "$(id -u):$(id -g)" "$(pwd)" "$tar" "$path" "$size"
[ -z "$size" ] || head -c 6 <"$path"
