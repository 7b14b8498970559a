# Puts content in a file's place: a reader sees the old file or the new one, never a half of one.
# $1 path; $2 a new path beside it; $3 how many bytes; $4 permissions; $5 owner:group that it must
# have; $6 uid:gid of the file it replaces; $7 whether that is kept as a backup; $8 the checksum it
# must still have; $9 whether it may be overwritten in place; then the file of the host that is the
# content (empty: standard input), four parts of the SELinux context, and what validates.
# Output: the backup's path, NUL, what the kernel says of the new file.
# Status 3: not valid, 4: changed meanwhile, 5: cut off, 6: a directory.

path=$1 new=$2 bytes=$3 mode=$4 owner=$5 before=$6 backup=$7 known=$8 unsafe=$9
shift 9
source=$1 context=$2$3$4$5

if [ -d "$path" ]; then
    echo "a directory is in its place" >&2
    exit 6
fi

old_umask=$(umask)
umask 077
set -C
printf '' >"$new" || exit 1
set +C
umask "$old_umask"
trap 'rm -f -- "$new"' EXIT
trap 'exit 129' HUP INT TERM

said=$(dd ${source:+if="$source"} of="$new" bs=65536 conv=fsync,notrunc 2>&1) || {
    printf '%s\n' "$said" >&2
    exit 1
}
[ -z "$before" ] || chown -- "$before" "$new" 2>/dev/null
[ -z "$owner" ] || chown -- "$owner" "$new" || exit 1
[ -z "$mode" ] || chmod -- "$mode" "$new" || exit 1
if [ -e /sys/fs/selinux/enforce ]; then
    if [ -e "$path" ]; then chcon --reference="$path" -- "$new" 2>/dev/null; fi
    if [ -n "$context" ]; then
        chcon ${2:+-u "$2"} ${3:+-r "$3"} ${4:+-t "$4"} ${5:+-l "$5"} -- "$new" || exit 1
    fi
fi
shift 5

stat=$(described '' "$new") || exit 1
size=${stat#*:*:*:}
size=${size%%:*}
if [ "$size" != "$bytes" ]; then
    echo "$size of $bytes bytes arrived" >&2
    exit 5
fi
if [ $# -gt 0 ]; then
    "$@" </dev/null >&2 || {
        printf '\0%s' "$?" >&2
        exit 3
    }
fi
if [ -n "$known" ] && [ "$(summed sha1 "$path")" != "$known" ]; then
    exit 4
fi

if [ -n "$backup" ] && [ -f "$path" ]; then
    backup=$path.$$.$(date +%Y-%m-%d@%H:%M:%S)~
    cp -p -- "$path" "$backup" || {
        rm -f -- "$backup"
        exit 1
    }
else
    backup=
fi
if ! mv -f -- "$new" "$path"; then
    [ -n "$unsafe" ] && [ -f "$path" ] && cat "$new" >"$path" || exit 1
    rm -f -- "$new"
fi
trap - EXIT
printf '%s\0%s' "$backup" "$stat"
