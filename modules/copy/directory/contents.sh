# $1 a directory; $2 the most bytes; then paths below it.
# Output: the beginning of each file, ended by NUL. A file with NUL in it is not what it says, as
# its checksum shows.

cd -- "$1" || exit
most=$2
shift 2
for path do
    head -c "$most" <"$path" | tr '\000' '\001'
    printf '\0'
done
