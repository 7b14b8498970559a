# Puts a new file in a file's place: a reader sees the old file or the new one, never half of one.
# $1 path; $2 a new path beside it; $3 how many bytes; $4 the umask to make it under; $5 permissions;
# $6 owner:group that it must have; $7 uid:gid of the file it replaces; $8 whether that is kept as a
# backup; $9 the checksum it must still have; then whether it may be overwritten in place, the file
# of the host that is the content (empty: another source), four parts of the SELinux context, and
# what validates.
# Status 3: not valid, 4: changed meanwhile, 5: cut off, 6: a directory.

path=$1 new=$2 bytes=$3 mask=$4 mode=$5 owner=$6 before=$7 backup=$8 known=$9
shift 9
unsafe=$1 source=$2 user=$3 role=$4 type=$5 level=$6
shift 6

# Makes the new file, empty: it has its owner before it has content.
make_new() {
    if [ -d "$path" ]; then
        echo "a directory is in its place" >&2
        exit 6
    fi
    old_umask=$(umask)
    umask "$mask"
    set -C
    printf '' >"$new" || exit 1
    set +C
    umask "$old_umask"
    trap 'rm -f -- "$new"' EXIT
    trap 'exit 129' HUP INT TERM
    # Both belong to the task's user and group: no program is needed to make them equal.
    if [ -n "$before" ] && ! { ours "$path" && ours "$new"; }; then
        chown -- "$before" "$new" 2>/dev/null
    fi
    [ -z "$owner" ] || chown -- "$owner" "$new" || exit 1
}

ours() { [ -O "$1" ] && [ -G "$1" ]; } 2>/dev/null

# Gives the new file its permissions; sets $stat and $size.
settle() {
    if [ -e /sys/fs/selinux/enforce ]; then
        if [ -e "$path" ]; then chcon --reference="$path" -- "$new" 2>/dev/null; fi
        if [ -n "$user$role$type$level" ]; then
            chcon ${user:+-u "$user"} ${role:+-r "$role"} ${type:+-t "$type"} \
                ${level:+-l "$level"} -- "$new" || exit 1
        fi
    fi
    describe '' "$new" || exit 1
    if [ -n "$mode" ] && [ $((0x${stat%%:*} & 07777)) -ne $((mode)) ]; then
        chmod -- "$mode" "$new" || exit 1
        describe '' "$new" || exit 1
    fi
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
    if [ -n "$known" ]; then
        sum_up sha1 "$path"
        [ "$sum" = "$known" ] || exit 4
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
