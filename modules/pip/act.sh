# $1: the umask, or nothing; then a program and its arguments.
[ -z "$1" ] || umask "$1"
shift
exec "$@" </dev/null
