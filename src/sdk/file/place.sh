# Puts a new file in a file's place: a reader sees the old file or the new one, never half of one.
# $1 path; $2 a new path beside it; $3 how many bytes; $4 permissions; $5 owner:group that it must
# have; $6 uid:gid of the file it replaces; $7 whether that is kept as a backup; $8 the checksum it
# must still have; $9 whether it may be overwritten in place; then the file of the host that is the
# content (empty: another source), four parts of the SELinux context, and what validates.
# Status 3: not valid, 4: changed meanwhile, 5: cut off, 6: a directory.

path=$1 new=$2 bytes=$3 mode=$4 owner=$5 before=$6 backup=$7 known=$8 unsafe=$9
shift 9
source=$1 user=$2 role=$3 type=$4 level=$5
shift 5

# Makes the new file, empty, which nobody else may open.
make_new() {
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
}

# Gives the new file its owner and permissions; sets $stat and $size.
settle() {
    [ -z "$before" ] || chown -- "$before" "$new" 2>/dev/null
    [ -z "$owner" ] || chown -- "$owner" "$new" || exit 1
    [ -z "$mode" ] || chmod -- "$mode" "$new" || exit 1
    if [ -e /sys/fs/selinux/enforce ]; then
        if [ -e "$path" ]; then chcon --reference="$path" -- "$new" 2>/dev/null; fi
        if [ -n "$user$role$type$level" ]; then
            chcon ${user:+-u "$user"} ${role:+-r "$role"} ${type:+-t "$type"} \
                ${level:+-l "$level"} -- "$new" || exit 1
        fi
    fi
    stat=$(described '' "$new") || exit 1
    size=${stat#*:*:*:}
    size=${size%%:*}
}

# Has the new file validated by the command that is given, and puts it in place.
# Output: the backup's path, NUL, what the kernel says of the new file.
place() {
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
}
