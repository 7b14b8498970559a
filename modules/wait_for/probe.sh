# $1 path; $2 whether its content is wanted. Output: `there` on a line, then the content.

expand "$1"
[ -e "$path" ] || exit 0
echo there
[ -n "$2" ] && [ -f "$path" ] && cat "$path"
exit 0
