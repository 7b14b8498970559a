# Tells what stands below the directory $1. $2 -L where symbolic links are followed; $3 how many
# levels are examined, all where it is empty; then what `find` is to find.
# Output: its path, the time, the umask, whether it is a directory (`none`, `closed`, `open`), how
# much was examined, the directories that may not be read with two slashes behind each, each of
# these ended by NUL; then what was found. Two slashes stand between fields: no path holds them.

examine() { find ${follow:+"$follow"} . ${depth:+-maxdepth "$depth"} "$@" -print0 2>/dev/null; }

expand "$1"
follow=$2 depth=$3
shift 3
printf '%s\0' "$path" "$(date +%s)" "$(umask)"
case $path in -*) path=./$path ;; esac
if [ ! -d "$path" ]; then
    printf 'none\0'
    exit
fi
if ! cd -- "$path" 2>/dev/null || [ ! -r . ]; then
    printf 'closed\0'
    exit
fi
printf 'open\0%s\0' "$(examine | tr -dc '\0' | wc -c)"
if [ "$(id -u)" -ne 0 ]; then
    examine -type d | xargs -0 sh -c '
        for path do
            if [ ! -r "$path" ] || [ ! -x "$path" ]; then printf "%s//" "$path"; fi
        done
    ' sh
fi
printf '\0'
examine "$@" | xargs -0 -r sh -c '
    command -v stat >/dev/null || stat() { busybox stat "$@"; }
    stat -c "%f:%u:%g:%s:%X:%Y:%Z:%i:%d:%h:%b:%o:%t:%T:%U:%G//%n//" -- "$@" 2>/dev/null
' sh
:
