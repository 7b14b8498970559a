# Holds an archive against a directory. $1 GNU's tar; $2 the directory; then tar's arguments.
# Output: every member's name, and behind it what differs.

tar=$1
cd -- "$2" || exit
shift 2
export LC_ALL=C LANG=C LANGUAGE=C
exec "$tar" --diff --verbose "$@"
