# $1 path; $2 whether everything in it is listed; $3 whether its times are told; $4 whether it is
# told that it has something in it.
# Output: modification time, access time, `full` or nothing, each ended by NUL; then a line of
# mode, uid, gid, owner, group and path for the directory and each entry.

expand "$1"
case $path in -*) path=./$path ;; esac
modified= accessed= full=
if [ -n "$3" ] && [ -e "$path" ]; then
    modified=$(date -d "@$(stat -L -c %Y -- "$path")" +%Y%m%d%H%M.%S)
    accessed=$(date -d "@$(stat -L -c %X -- "$path")" +%Y%m%d%H%M.%S)
fi
if [ -n "$4" ] && [ -d "$path" ]; then
    for entry in "$path"/* "$path"/.[!.]* "$path"/..?*; do
        if [ -e "$entry" ] || [ -L "$entry" ]; then full=full; fi
    done
fi
printf '%s\0' "$modified" "$accessed" "$full"
if [ -n "$2" ] && [ -d "$path" ]; then
    find "$path/" -exec stat -c '%f:%u:%g:%U:%G:%n' {} +
fi
