# $1: the user; $2: the file; $3: the type; $4: bits, or nothing; $5: the comment, or nothing.
# The passphrase is read, so that no list of processes shows it.
home=$(getent passwd "$1" | cut -d : -f 6)
case $2 in
    /*) file=$2 ;;
    *) file=$home/$2 ;;
esac
own="$(id -u "$1"):$(id -g "$1")"
umask 077
if [ ! -d "${file%/*}" ]; then
    mkdir -p "${file%/*}" && chown "$own" "${file%/*}" || exit
fi
set -- "$3" "${5:-rplay-generated on $(uname -n)}" ${4:+-b "$4"}
kind=$1 comment=$2
shift 2
secret=$(mktemp -d) || exit
trap 'rm -rf "$secret"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$secret/phrase"
if [ -s "$secret/phrase" ]; then
    printf '#!/bin/sh\ncat "%s"\n' "$secret/phrase" >"$secret/ask"
    chmod 700 "$secret/ask"
    DISPLAY=none SSH_ASKPASS=$secret/ask SSH_ASKPASS_REQUIRE=force \
        ssh-keygen -q -t "$kind" "$@" -C "$comment" -f "$file" </dev/null || exit
else
    ssh-keygen -q -t "$kind" "$@" -C "$comment" -N '' -f "$file" </dev/null || exit
fi
chmod 644 "$file.pub"
chown "$own" "$file" "$file.pub"
