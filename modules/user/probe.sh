# $1: the user; $2: the file of a key, or nothing. Output: name NUL content NUL …
part() { printf '%s\0' "$1"; }
end() { printf '\0'; }
line=$(getent passwd "$1" 2>/dev/null || grep -s "^$1:" /etc/passwd)
part passwd
printf '%s' "$line"
end
part shadow
getent shadow "$1" 2>/dev/null
end
part groups
[ -n "$line" ] && id -Gn -- "$1" 2>/dev/null
end
part group
[ -n "$line" ] && id -gn -- "$1" 2>/dev/null
end
home=${line%:*}
home=${home##*:}
part own_group
getent group "$1" 2>/dev/null || grep -s "^$1:" /etc/group
end
part home
[ -n "$line" ] && [ -d "$home" ] && printf there
end
part key
case $2 in
    '') ;;
    /*) file=$2 ;;
    *) file=$home/$2 ;;
esac
[ -n "$2" ] && [ -n "$line" ] && [ -f "$file" ] && printf 'there\n' && cat "$file.pub" 2>/dev/null
end
part tools
for tool in useradd usermod userdel chage chpasswd ssh-keygen; do command -v "$tool"; done
end
part uid
id -u
end
