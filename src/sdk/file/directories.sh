# Makes directories. $1 owner:group; $2 permissions; $3 to $6 SELinux user, role, type and level;
# then the directories, the outer before the inner.
# Output: what the kernel says of the last.

owner=$1 mode=$2 user=$3 role=$4 type=$5 level=$6
shift 6
old_umask=$(umask)
umask 077
mkdir -p -- "$@" || exit
umask "$old_umask"
[ -z "$owner" ] || chown -- "$owner" "$@" || exit
[ -z "$mode" ] || chmod -- "$mode" "$@" || exit
if [ -e /sys/fs/selinux/enforce ] && [ -n "$user$role$type$level" ]; then
    chcon ${user:+-u "$user"} ${role:+-r "$role"} ${type:+-t "$type"} ${level:+-l "$level"} \
        -- "$@" || exit
fi
for last do :; done
describe -L "$last"
printf %s "$stat"
