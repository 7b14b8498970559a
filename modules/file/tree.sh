# Sets one thing on many files: standard input names them, each ended by NUL.
# $1 `mode` or `owner`; $2 what it is set to.

case $1 in
mode) xargs -0 chmod -- "$2" ;;
owner) xargs -0 chown -h -- "$2" ;;
esac
