# Functions that scripts about files share. None of them changes anything.

# Sets $path to $1 with ~ and $VARIABLES expanded, as Ansible expands arguments that are paths.
expand() {
    path=$1
    case $path in
    '~' | '~/'*) path=${HOME-'~'}${path#'~'} ;;
    '~'*)
        user=${path%%/*}
        home=$(getent passwd "${user#'~'}" | cut -d : -f 6)
        path=${home:-$user}${path#"$user"}
        ;;
    esac
    case $path in *'$'*) expand_variables ;; esac
}

expand_variables() {
    rest=$path path=
    while :; do
        path=$path${rest%%'$'*}
        case $rest in *'$'*) rest=${rest#*'$'} ;; *) break ;; esac
        case $rest in
        '{'*'}'*) name=${rest#'{'} name=${name%%'}'*} word={$name} ;;
        [A-Za-z0-9_]*) name=${rest%%[!A-Za-z0-9_]*} word=$name ;;
        *) path=$path'$' && continue ;;
        esac
        rest=${rest#"$word"}
        path=$path$(printenv "$name" || printf '$%s' "$word")
    done
}

# Sets $stat to what the kernel says of the file $2, of what it leads to where $1 is -L; what $3
# asks for stands behind it.
describe() {
    set -- "$1" "$2" "%f:%u:%g:%s:%X:%Y:%Z:%i:%d:%h:%b:%o:%t:%T:%U:%G$3"
    stat=$(QUOTING_STYLE=literal stat ${1:+"$1"} -c "$3" -- "$2" 2>/dev/null) ||
        stat=$(busybox stat ${1:+"$1"} -c "$3" -- "$2")
}

# Sets $text to the content of the file $1 of $2 bytes without starting a program: false where the
# shell cannot hold it (a NUL in it; a letter of several bytes, where the shell counts letters).
read_text() {
    text= line=
    while IFS= read -r line; do text="$text$line
" line=; done <"$1"
    text=$text$line
    [ ${#text} -eq "$2" ]
}

# Sets $sum to the checksum of the file $2 by the algorithm $1.
sum_up() {
    case $1 in
    md5) sum=$(md5sum <"$2") ;;
    sha1) sum=$(sha1sum <"$2") ;;
    sha224) sum=$(sha224sum <"$2") ;;
    sha256) sum=$(sha256sum <"$2") ;;
    sha384) sum=$(sha384sum <"$2") ;;
    sha512) sum=$(sha512sum <"$2") ;;
    *) sum= ;;
    esac
    sum=${sum%% *}
}
