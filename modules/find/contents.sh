# Prints files: for each its size (empty where it cannot be read), NUL, and its content.

for file do
    size=
    if [ -f "$file" ] && [ -r "$file" ]; then size=$(wc -c <"$file"); fi
    printf '%s\0' "$size"
    [ -z "$size" ] || head -c "$size" <"$file"
done
