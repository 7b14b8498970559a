# $1 a directory that is copied; $2 -L where symbolic links in it are followed. $path is where it
# goes to: a directory, or not there. `examine` comes before this.
# Output: the paths in $1, each ended by NUL, and another NUL; what stands there; `dest`, NUL; what
# stands at the same paths below $path. Nothing where $1 is no directory.

root=$path
expand "$1"
case $path in -*) path=./$path ;; esac
if [ -d "$path" ]; then
    start=$(pwd)
    cd -- "$path" || exit
    find ${2:+"$2"} . -print0 || exit
    printf '\0'
    find ${2:+"$2"} . -print0 | examine "$2" || exit
    printf 'dest\0'
    here=$(pwd)
    if cd -- "$start" && [ -d "$root" ]; then
        cd -- "$root" || exit
        top=$(pwd)
        (cd -- "$here" && find ${2:+"$2"} . -print0) | (cd -- "$top" && examine '') || exit
    fi
fi
:
