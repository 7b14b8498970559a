# The Docker client's configuration of this user; sections.sh comes before this.
# In $config_file: another file than the usual one.
folder=${DOCKER_CONFIG:-$HOME/.docker}
file=$folder/config.json
if [ -n "${config_file-}" ]; then
    file=$config_file
    folder=$(dirname "$file")
fi
part folder
printf %s "$folder"
end
part path
# A file that is a link stays one.
readlink -f "$file" 2>/dev/null || printf %s "$file"
end
if [ -e "$file" ]; then
    part config
    cat "$file" || exit 1
    end
fi
part host
printf %s "${DOCKER_HOST-}"
end
part context
printf %s "${DOCKER_CONTEXT-}"
end
