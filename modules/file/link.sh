# $1 path; $2 what it leads to; $3 -s for a symbolic link; $4 whether an empty directory is in its
# place. Output: what the kernel says of the link.

if [ -n "$4" ]; then rmdir -- "$1" || exit; fi
if [ -e "$1" ] || [ -L "$1" ]; then
    new=$1.rplay-$$
    trap 'rm -f -- "$new"' EXIT
    ln ${3:+"$3"} -- "$2" "$new" || exit
    # Without -T a link to a directory would be entered, not replaced.
    mv -fT -- "$new" "$1" || exit
    trap - EXIT
else
    ln ${3:+"$3"} -- "$2" "$1" || exit
fi
describe '' "$1"
printf %s "$stat"
