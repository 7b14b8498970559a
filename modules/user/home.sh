# $1: the user; $2: what is copied.
home=$(getent passwd "$1" | cut -d : -f 6) && [ -n "$home" ] || exit
mkdir -p "${home%/*}" || exit
umask 077
mkdir "$home" || exit
[ -d "$2" ] && cp -R "$2/." "$home/"
chown -R "$(id -u "$1"):$(id -g "$1")" "$home"
