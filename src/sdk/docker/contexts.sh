# The contexts of this user; client.sh comes before this.
for file in "$folder"/contexts/meta/*/meta.json; do
    if [ -f "$file" ]; then
        part "meta $file"
        cat "$file" || exit 1
        end
    fi
done
for file in "$folder"/contexts/tls/*/*/*; do
    if [ -f "$file" ]; then
        part "tls $file"
        sha256sum <"$file"
        end
    fi
done
# Files that are to be part of one.
for file; do
    part "source $file"
    if [ -f "$file" ]; then
        sha256sum <"$file"
    fi
    end
done
