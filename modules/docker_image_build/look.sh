# $1: the command docker; $2: the folder; $3: the file that says how.
printf 'plugins\0'
# What it knows of itself, whether the Engine answers or not.
if [ "$1" = docker ] || [ -x "$1" ]; then
    PATH="${1%/*}:$PATH" docker info --format '{{json .ClientInfo.Plugins}}' 2>/dev/null
fi
printf '\0'
if [ -d "$2" ]; then printf 'folder\0yes\0'; fi
if [ -f "$3" ]; then printf 'dockerfile\0yes\0'; fi
exit 0
