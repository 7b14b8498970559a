# $1 directory; $2 whether ~ and variables in the arguments are expanded; then the command.

if [ -n "$1" ]; then
    expand "$1"
    cd -- "$path" 2>/dev/null || {
        printf 'rplay:chdir' >&2
        exit 253
    }
fi
expanding=$2
shift 2
if [ -n "$expanding" ]; then
    left=$#
    while [ "$left" -gt 0 ]; do
        expand "$1"
        shift
        set -- "$@" "$path"
        left=$((left - 1))
    done
fi
exec "$@"
