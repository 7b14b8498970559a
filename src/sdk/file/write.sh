# Writes a file; place.sh comes before this.

make_new
said=$(dd ${source:+if="$source"} of="$new" bs=65536 conv=fsync,notrunc 2>&1) || {
    printf '%s\n' "$said" >&2
    exit 1
}
settle
if [ "$size" != "$bytes" ]; then
    echo "$size of $bytes bytes arrived" >&2
    exit 5
fi
place "$@"
