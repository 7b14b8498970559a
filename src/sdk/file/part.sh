# Prints a part of a file: $1 path; $2 which part; $3 how many bytes a part has.
# The first part of what the kernel makes up cannot be read in blocks.

if [ "$2" -eq 0 ]; then
    head -c "$3" <"$1"
else
    blocks=$(($3 / 65536))
    dd bs=65536 skip=$(($2 * blocks)) count="$blocks" <"$1" 2>/dev/null
fi
