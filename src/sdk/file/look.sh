# The number of paths that are looked at; then nine arguments for each:
# $1 path; $2 the name it gets inside $1 where that is a directory; $3 algorithm of the checksum;
# $4 the checksum that is looked for: the content is left out where it is the same; $5 the most
# bytes of content; $6 whether the SELinux context, $7 whether lsattr's flags, $8 whether the kind
# of its content, and $9 whether what a symbolic link leads to are wanted.
# Output for each: umask, path, stat, link, real path, stat of it, nearest ancestor, checksum,
# context, flags, rights, kind of content, size of the content that follows, each ended by NUL;
# then the content. A short content stands for its checksum: no program is started for it.

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
        describe '' "$path" ' %N' && here=${stat%%" $path -> "*}
        case $stat in
        *" $path -> "*) link=${stat#*" $path -> "} ;;
        *) describe '' "$path" && here=$stat link=$(readlink -- "$path") ;;
        esac
        if [ -n "$9" ]; then
            real=$(readlink -f -- "$path")
            [ -e "$path" ] && describe -L "$path" && there=$stat
        fi
    elif [ -e "$path" ]; then
        describe '' "$path" && here=$stat
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

    size= text=
    if [ -f "$path" ] && [ -r "$path" ] && [ "$3$5" != 0 ]; then
        size=${there:-$here}
        size=${size#*:*:*:}
        size=${size%%:*}
        if [ "$size" -gt 1024 ] || ! read_text "$path" "$size"; then
            text=
            [ -n "$3" ] && sum_up "$3" "$path"
            [ "$size" -gt "$5" ] && size=
            [ -n "$4" ] && [ "$sum" = "$4" ] && size=
        fi
    fi
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

    printf '%s\0%s' "$size" "$text"
    [ -n "$text" ] || [ "${size:-0}" -eq 0 ] || head -c "$size" <"$path"
}

looks=$1
shift
while [ "$looks" -gt 0 ]; do
    look "$@"
    shift 9
    looks=$((looks - 1))
done
:
