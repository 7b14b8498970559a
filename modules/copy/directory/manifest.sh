# Says what stands at many paths below the current directory; the paths are read, each ended by
# NUL, and begin with `./`. With -L as $1 symbolic links are followed, unless they lead nowhere.
# Output, for each batch of paths: what the kernel says of each, what cannot be said that way, and
# checksums; each of the three ended by NUL. Two slashes stand between fields: no path holds them.
examine() {
    xargs -0 sh -c '
        follow=$1
        shift
        newline="
"
        return=$(printf "\r")
        command -v stat >/dev/null || stat() { busybox stat "$@"; }
        stat ${follow:+"$follow"} \
            -c "%f:%u:%g:%s:%X:%Y:%Z:%i:%d:%h:%b:%o:%t:%T:%U:%G//%n//" -- "$@" 2>/dev/null
        printf "\0"
        for path do
            if [ -L "$path" ]; then
                [ -n "$follow" ] && [ -e "$path" ] && continue
                printf "link//%s//%s//\n" "$path" "$(readlink -- "$path")"
                [ -d "$path" ] && printf "directory//%s////\n" "$path"
            else
                # In such a name the programs differ about what they print.
                case $path in
                *\\* | *"$newline"* | *"$return"*)
                    [ -f "$path" ] && [ -r "$path" ] &&
                        printf "sum//%s//%s//\n" "$path" "$(sha1sum <"$path")"
                    ;;
                esac
            fi
        done
        printf "\0"
        for path do
            [ -L "$path" ] && [ -z "$follow" ] && continue
            [ -f "$path" ] && [ -r "$path" ] || continue
            case $path in
            *\\* | *"$newline"* | *"$return"*) ;;
            *) printf "%s\0" "$path" ;;
            esac
        done | xargs -0 -r sha1sum --
        printf "\0"
    ' sh "$1"
}
