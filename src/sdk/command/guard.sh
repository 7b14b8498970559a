# $1 directory; $2 pattern that a command creates; $3 pattern that it removes.
# Output: `created` where the first matches a file, `removed` where the second matches none.

# Whether any file matches the pattern $1. With IFS empty it is not split at blanks.
matches() {
    expand "$1"
    for found in $path; do
        if [ -e "$found" ] || [ -L "$found" ]; then return 0; fi
    done
    return 1
}

IFS=
if [ -n "$1" ]; then
    expand "$1"
    cd -- "$path" 2>/dev/null || exit 0
fi
if [ -n "$2" ] && matches "$2"; then echo created; fi
if [ -n "$3" ] && ! matches "$3"; then echo removed; fi
