# Prints the files that there are.
for path do
    if [ -e "$path" ]; then
        printf '%s\0' "$path"
        cat "$path"
        printf '\0'
    fi
done
exit 0
