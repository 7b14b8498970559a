# Unpacks an archive. $1 `tar`, with the path of GNU's in $3, or `zip`; $2 the directory; $4 where
# the archive is, empty where it is read; then the arguments, in which `rplay:archive` stands for
# where it is. Status 9: no unzip.

kind=$1 dest=$2 tar=$3 archive=$4
shift 4
cd -- "$dest" || exit
if [ "$kind" = tar ]; then
    export LC_ALL=C LANG=C LANGUAGE=C
    exec "$tar" --extract "$@"
fi
command -v unzip >/dev/null || exit 9
if [ -z "$archive" ]; then
    umask=$(umask)
    umask 077
    folder=$(mktemp -d) || exit
    trap 'rm -rf -- "$folder"' EXIT
    trap 'exit 129' HUP INT TERM
    archive=$folder/source
    cat >"$archive" || exit
    umask "$umask"
fi
left=$#
while [ "$left" -gt 0 ]; do
    word=$1
    [ "$word" = rplay:archive ] && word=$archive
    shift
    set -- "$@" "$word"
    left=$((left - 1))
done
unzip -o "$@" </dev/null
