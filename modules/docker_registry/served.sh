# $1: the folder; $2: where the images are. Prints what a registry has there; of keys only their checksums.
print() {
    if [ -e "$2" ]; then
        printf '%s\0' "$1"
        cat "$2"
        printf '\0'
    fi
}
print authority "$1/ca.crt"
print certificate "$1/serve/tls.crt"
print users "$1/serve/htpasswd"
for name in ca.key serve/tls.key; do
    if [ -s "$1/$name" ]; then
        printf '%s\0' "$name"
        sha256sum <"$1/$name" | cut -d ' ' -f 1
        printf '\0'
    fi
done
if [ -d "$1" ]; then printf 'folder\0yes\0'; fi
if [ -d "$2/docker/registry" ]; then printf 'images\0yes\0'; fi
exit 0
