# Tells what stands below the directory $1 at the paths that are read, each ended by NUL and
# beginning with `./`. $2 whether checksums and times are wanted.
# Output, for each that is there: what the kernel says, its path, when it was changed, in the host's
# time, and the CRC-32 of a file in hexadecimal, backwards. Two slashes stand between fields, and
# at the end of each: no path holds them.

cd -- "$1" || exit
xargs -0 -r sh -c '
    command -v stat >/dev/null || stat() { busybox stat "$@"; }
    all=$1
    shift
    stat="%f:%u:%g:%s:%X:%Y:%Z:%i:%d:%h:%b:%o:%t:%T:%U:%G"
    if [ -z "$all" ]; then
        stat -c "$stat//%n//////" -- "$@" 2>/dev/null
        exit 0
    fi
    for path do
        sum=
        if [ -f "$path" ] && [ ! -L "$path" ] && [ -r "$path" ]; then
            sum=$(gzip -1c <"$path" | tail -c 8 | head -c 4 | od -An -tx1 | tr -d " \n")
        fi
        if told=$(stat -c "$stat//%n//%y" -- "$path" 2>/dev/null); then
            printf "%s//%s//\n" "$told" "$sum"
        fi
    done
' sh "$2"
:
