# $1: the group. Output: name NUL content NUL …
printf 'group\0'
getent group "$1" 2>/dev/null || grep -s "^$1:" /etc/group
printf '\0tool\0'
command -v groupadd || command -v addgroup
printf '\0'
