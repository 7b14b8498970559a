# The number of paths that are looked at; then eight arguments for each:
# $1 path; $2 the name it gets inside $1 where that is a directory; $3 algorithm of the checksum;
# $4 the checksum that is looked for: the content is left out where it is the same; $5 the most
# bytes of content; $6 whether the SELinux context, $7 whether lsattr's flags, and $8 whether the
# kind of its content are wanted.
# Output for each: umask, path, stat, link, real path, stat of it, nearest ancestor, checksum,
# context, flags, rights, kind of content, size of the content that follows, each ended by NUL;
# then the content.

look() {
    expand "$1"
    case $path in -*) path=./$path ;; esac
    if [ -n "$2" ]; then
        case $path in
        */) path=$path$2 ;;
        *) [ -d "$path" ] && path=$path/$2 ;;
        esac
    fi

    # With a slash behind it a symbolic link would be followed.
    while [ "$path" != "${path%/}" ] && [ "$path" != / ]; do path=${path%/}; done

    here= link= real= there= ancestor= sum= context= flags= rights= kind=
    if [ -L "$path" ]; then
        here=$(described '' "$path")
        link=$(readlink -- "$path")
        real=$(readlink -f -- "$path")
        [ -e "$path" ] && there=$(described -L "$path")
    elif [ -e "$path" ]; then
        here=$(described '' "$path")
    else
        ancestor=$path
        while [ ! -e "$ancestor" ] && [ ! -L "$ancestor" ]; do
            case $ancestor in
            */*) ancestor=${ancestor%/*} ;;
            *) ancestor=. ;;
            esac
            ancestor=${ancestor:-/}
        done
        if [ ! -d "$ancestor" ]; then
            ancestor=other:$ancestor
        elif [ ! -x "$ancestor" ]; then
            ancestor=closed:$ancestor
        else
            ancestor=directory:$ancestor
        fi
    fi

    [ -n "$3" ] && [ -f "$path" ] && [ -r "$path" ] && sum=$(summed "$3" "$path")
    [ -n "$6" ] && [ -e /sys/fs/selinux/enforce ] && [ -n "$here" ] &&
        context=$(stat -c %C -- "$path")
    [ -n "$7" ] && [ -n "$here" ] && flags=$(lsattr -vd -- "$path" 2>/dev/null)
    [ -n "$8" ] && [ -f "$path" ] && [ -s "$path" ] && command -v file >/dev/null &&
        kind=$(file -b -L --mime-type --mime-encoding -- "$path" 2>/dev/null)
    [ -r "$path" ] && rights=r
    [ -w "$path" ] && rights=${rights}w
    [ -x "$path" ] && rights=${rights}x

    umask
    printf '\0%s\0' "$path"
    printf '%s\0' "$here" "$link" "$real" "$there" "$ancestor" "$sum" "$context" "$flags" \
        "$rights" "$kind"

    size=
    if [ "$5" -gt 0 ] && [ -f "$path" ] && [ -r "$path" ]; then
        size=${there:-$here}
        size=${size#*:*:*:}
        size=${size%%:*}
        [ "$size" -gt "$5" ] && size=
        [ -n "$4" ] && [ "$sum" = "$4" ] && size=
    fi
    printf '%s\0' "$size"
    [ -n "$size" ] && [ "$size" -gt 0 ] && head -c "$size" <"$path"
}

looks=$1
shift
while [ "$looks" -gt 0 ]; do
    look "$@"
    shift 8
    looks=$((looks - 1))
done
:
