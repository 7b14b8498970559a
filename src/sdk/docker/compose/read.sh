# Prints each file, with the count of its bytes before it: `-` where it is not there, `!` where it
# cannot be read. The home of the user and the folder it stands in go first.
printf '%s\n' "$HOME" "$PWD"
for file; do
    if [ ! -e "$file" ]; then
        echo -
    elif [ ! -f "$file" ] || [ ! -r "$file" ]; then
        echo !
    else
        size=$(wc -c < "$file")
        printf '%s\n' "$size"
        head -c "$size" "$file"
    fi
done
