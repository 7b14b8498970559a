# Prints the files in the directory $path; `look` comes before this.
# Output for each: name, NUL, size (empty where it may not be read), NUL, content.

if cd -- "$path" 2>/dev/null; then
    for name in * .[!.]* ..?*; do
        [ -f "$name" ] || continue
        size=
        [ -r "$name" ] && size=$(wc -c <"$name")
        printf '%s\0%s\0' "$name" "$size"
        [ -z "$size" ] || head -c "$size" <"$name"
    done
fi
:
