# $1 path; $2 -h to change a symbolic link itself; $3 owner:group; $4 permissions; $5 to $8 SELinux
# user, role, type and level; $9 flags for chattr. What is empty is left as it is.
# Output: what the kernel says of the file then.

[ -z "$3" ] || chown ${2:+"$2"} -- "$3" "$1" || exit
[ -z "$4" ] || chmod -- "$4" "$1" || exit
if [ -n "$5$6$7$8" ]; then
    chcon ${2:+"$2"} ${5:+-u "$5"} ${6:+-r "$6"} ${7:+-t "$7"} ${8:+-l "$8"} -- "$1" || exit
fi
[ -z "$9" ] || chattr -- "$9" "$1" || exit
if [ -n "$2" ]; then describe '' "$1"; else describe -L "$1"; fi
printf %s "$stat"
