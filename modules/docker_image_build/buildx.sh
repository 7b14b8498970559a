# $1: the command docker; $2: the Engine's address; $3: the sizes of secrets, which are on standard
# input one after the other; then the words of the command, in which {1} stands for the first
# secret's file.
cli=$1 sizes=$3
export DOCKER_HOST="$2"
shift 3
if [ -n "$sizes" ]; then
    umask 077
    folder=$(mktemp -d) || exit
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 129' HUP INT TERM
    number=0
    for size in $sizes; do
        number=$((number + 1))
        dd bs=1 count="$size" of="$folder/$number" 2>/dev/null || exit
    done
    umask 022
    count=$#
    while [ "$count" -gt 0 ]; do
        word=$1
        shift
        case $word in
        id=*,type=file,src={*})
            file=${word##*,src=\{}
            word="${word%,src=*},src=$folder/${file%\}}"
            ;;
        esac
        set -- "$@" "$word"
        count=$((count - 1))
    done
fi
"$cli" "$@" </dev/null
