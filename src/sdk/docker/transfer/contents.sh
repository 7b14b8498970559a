# $1: the Engine's address; $2: the image. Prints manifest.json, NUL, and what the archive holds.
command -v docker >/dev/null || { echo 'the command docker is missing' >&2; exit 1; }
export DOCKER_HOST="$1"
docker save "$2" | tar -xOf - manifest.json || exit 1
printf '\0'
docker save "$2" | tar -tvf -
