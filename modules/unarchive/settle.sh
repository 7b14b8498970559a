# Sets owner, permissions and the like of what stands below the directory $1 at the paths that are
# read, each ended by NUL. $2 owner:group, $3 permissions, $4 to $7 parts of the SELinux context,
# $8 what chattr is told; each may be empty.

cd -- "$1" || exit
shift
xargs -0 -r sh -c '
    owner=$1 mode=$2 user=$3 role=$4 type=$5 level=$6 flags=$7
    shift 7
    for path do
        [ -e "$path" ] || [ -L "$path" ] || continue
        [ -z "$owner" ] || chown -h -- "$owner" "$path" || exit 255
        if [ -n "$user$role$type$level" ] && [ -e /sys/fs/selinux/enforce ]; then
            chcon -h ${user:+-u "$user"} ${role:+-r "$role"} ${type:+-t "$type"} \
                ${level:+-l "$level"} -- "$path" || exit 255
        fi
        [ -L "$path" ] && continue
        [ -z "$mode" ] || chmod -- "$mode" "$path" || exit 255
        [ -z "$flags" ] || chattr -- "$flags" "$path" || exit 255
    done
' sh "$@"
