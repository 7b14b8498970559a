# Fetches a keyring. $1: its URL; $2: the file.
umask 022
mkdir -p "${2%/*}" || exit
new=$2.rplay
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
if command -v curl >/dev/null 2>&1; then
    curl -fsSL -o "$new" -- "$1" || exit
elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$new" -- "$1" || exit
else
    # apt's own way to fetch, as its own user: the file must be there for it.
    /usr/lib/apt/apt-helper -q download-file "$1" "$new" || exit
fi
# What apt takes for a key in letters has this first line; other keys are bytes.
case $2$(head -c 27 "$new" | tr -d '\0') in
    *.asc-----BEGIN' PGP PUBLIC KEY'*) ;;
    *.asc*)
        printf '%s holds no key in letters; is it another page?\n' "$1" >&2
        exit 1
        ;;
esac
chmod 644 "$new" && mv -f "$new" "$2"
