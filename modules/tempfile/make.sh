# Makes a file or directory of a name that is not in use; only its owner may use it.
# $1 `file` or `directory`; $2 where; $3 and $4 what its name begins and ends with.
# Output: its path, NUL, what the kernel says of it.

make() {
    case $1 in
    directory) mkdir -- "$2" ;;
    *) (set -C && : >"$2") ;;
    esac
}

if [ -n "$2" ]; then
    expand "$2"
else
    for path in "$TMPDIR" "$TEMP" "$TMP" /tmp /var/tmp /usr/tmp "$PWD"; do
        [ -n "$path" ] && [ -d "$path" ] && [ -w "$path" ] && break
    done
fi
case $path in
/*) ;;
*) path=$PWD/$path ;;
esac
folder=${path%/}
umask 077
tries=100
while [ "$tries" -gt 0 ]; do
    word=$(LC_ALL=C tr -dc a-z0-9_ </dev/urandom 2>/dev/null | head -c 8)
    path=$folder/$3$word$4
    if said=$(make "$1" "$path" 2>&1); then
        describe '' "$path" && printf '%s\0%s' "$path" "$stat"
        exit
    fi
    [ -e "$path" ] || [ -L "$path" ] || break
    tries=$((tries - 1))
done
printf '%s\n' "$said" >&2
exit 1
