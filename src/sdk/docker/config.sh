config="${DOCKER_CONFIG:-$HOME/.docker}/config.json"
if [ -r "$config" ]; then cat "$config"; fi
