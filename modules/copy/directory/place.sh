# Puts files, directories and symbolic links into a directory: each is made complete in a private
# directory and then put in its place at once.
# $1 the directory; $2 the private one's name in it; $3 the directory of the host that files are
# taken from; $4 the outermost of the directories that have to be made for $1, and $5 owner:group
# of these; then what is to be done, three words each: what, a value, and which list of paths it is
# done to.
# Standard input: an archive with `tree`, what is new, and `lists`, paths each ended by NUL.

root=$1 new=$2 source=$3 outermost=$4 owner=$5
shift 5
start=$(pwd)
private=

undo() {
    [ -z "$private" ] || rm -rf -- "$private"
    if [ -n "$outermost" ] && cd -- "$start"; then
        find "$outermost" -depth -type d -exec rmdir -- {} + 2>/dev/null
    fi
}
trap undo EXIT
trap 'exit 129' HUP INT TERM

# Does $1 with the value $2 to the paths in the file $3.
work() {
    case $1 in
    fetch)
        cd -- "$start" && cd -- "$source" || exit
        xargs -0 sh -c 'into=$1; shift; cp -- "$@" "$into"' sh "$here/$2" <"$3" || exit
        cd -- "$here" || exit
        ;;
    try_own) xargs -0 chown -h -- "$2" <"$3" 2>/dev/null || : ;;
    own) xargs -0 chown -h -- "$2" <"$3" ;;
    label)
        [ ! -e /sys/fs/selinux/enforce ] || xargs -0 sh -c '
            tree=$1
            shift
            for path do chcon --reference="$path" -- "$tree/$path"; done
        ' sh "$2" <"$3" 2>/dev/null || :
        ;;
    permit) xargs -0 chmod -- "$2" <"$3" ;;
    keep)
        xargs -0 sh -c '
            stamp=$1
            shift
            for path do
                [ ! -f "$path" ] || cp -p -- "$path" "$path.$stamp" || {
                    rm -f -- "$path.$stamp"
                    exit 1
                }
            done
        ' sh "$$.$(date +%Y-%m-%d@%H:%M:%S)$2" <"$3"
        ;;
    move) xargs -0 sh -c 'into=$1; shift; exec mv -f -- "$@" "$into"' sh "$2" <"$3" ;;
    open)
        # Nobody else can enter them until now; and with these permissions, perhaps nobody can
        # take the private directory out of them.
        {
            rm -rf -- "$private"
            cd -- "$start" && xargs -0 chmod -- "$2"
        } <"$3"
        ;;
    esac
}

old_umask=$(umask)
umask 077
if [ -n "$outermost" ]; then
    mkdir -p -- "$root" || exit 1
    [ -z "$owner" ] || find "$outermost" -type d -exec chown -- "$owner" {} + || exit 1
fi
cd -- "$root" || exit 1
here=$(pwd)
mkdir -- "$new" || exit 1
private=$here/$new
tar -xomf - -C "$new" || exit 1
umask "$old_umask"
while [ $# -gt 0 ]; do
    work "$1" "$2" "$private/lists/$3" || exit 1
    shift 3
done
outermost=
