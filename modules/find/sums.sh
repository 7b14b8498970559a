# Prints the checksums of files by the algorithm $1, each in a line; empty where it cannot be made.

algorithm=$1
shift
for file do
    sum=
    if [ -f "$file" ] && [ -r "$file" ]; then sum_up "$algorithm" "$file"; fi
    printf '%s\n' "$sum"
done
