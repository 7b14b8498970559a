# $1 the module's file name; $2 whether it reads its arguments from a file; $3 what that holds; then
# the words of its interpreter. Standard input is the module.
# Output: the module's.

mask=$(umask)
umask 077
folder=$(mktemp -d "${TMPDIR:-/tmp}/rplay.XXXXXXXX") || exit
trap 'rm -rf -- "$folder"; exit 143' HUP INT TERM
module=$folder/$1 arguments=
cat >"$module" && chmod 700 -- "$module" || exit
if [ -n "$2" ]; then
    arguments=$folder/args
    printf %s "$3" >"$arguments"
fi
umask "$mask"
shift 3
# Python is found as Ansible finds it, where it is not at its place.
case ${1##*/} in
python*)
    for python in "$1" python3 /usr/libexec/platform-python python; do
        command -v "$python" >/dev/null && break
    done
    command -v "$python" >/dev/null || python=$1
    shift
    set -- "$python" "$@"
    ;;
esac
"$@" "$module" ${arguments:+"$arguments"} </dev/null
status=$?
rm -rf -- "$folder"
exit "$status"
