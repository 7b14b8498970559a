# $1 path; $2 -h for a symbolic link itself; $3 modification time and $4 access time: preserve,
# now, or as touch -t takes it. Output: what the kernel says of the file.

stamp() {
    case $4 in
    preserve) ;;
    now) touch ${2:+"$2"} "$3" -c -- "$1" ;;
    *) touch ${2:+"$2"} "$3" -c -t "$4" -- "$1" ;;
    esac
}
stamp "$1" "$2" -m "$3" || exit
stamp "$1" "$2" -a "$4" || exit
if [ -n "$2" ]; then describe '' "$1"; else describe -L "$1"; fi
printf %s "$stat"
