printf '%s' "$2" | "docker-credential-$1" get
