# $1: what to do; $2: the group; then options of groupadd, groupmod or groupdel.
verb=$1 name=$2
shift 2
if command -v groupadd >/dev/null 2>&1; then
    case $verb in
        create) groupadd "$@" -- "$name" ;;
        modify) groupmod "$@" -- "$name" ;;
        remove) groupdel "$@" -- "$name" ;;
    esac || exit
else
    # BusyBox has no group to alter, and other letters for what it can do.
    case $verb in
        create)
            for word; do
                shift
                case $word in -r) word=-S ;; esac
                set -- "$@" "$word"
            done
            addgroup "$@" "$name"
            ;;
        remove) delgroup "$name" ;;
        modify)
            printf '%s\n' 'groupmod is missing: on Alpine, the package shadow has it' >&2
            exit 1
            ;;
    esac || exit
fi
getent group "$name" 2>/dev/null || grep -s "^$name:" /etc/group || :
