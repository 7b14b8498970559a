# shellcheck shell=sh disable=SC2034  # the other files use what is set here
# Paths and small helpers. Everything the lab keeps is under $LAB_DIR; what belongs to
# one lab (there may be several, see RPLAY_LAB_NAME) is under $LAB_STATE.

LAB_NAME=${RPLAY_LAB_NAME:-lab}
LAB_DIR=${RPLAY_LAB_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/rplay-lab}
LAB_STATE=$LAB_DIR/$LAB_NAME
LAB_KEY=$LAB_DIR/id_ed25519
LAB_IMAGES=$LAB_DIR/images
LAB_LABEL=rplay.lab=$LAB_NAME
LAB_NETWORK=rplay-$LAB_NAME
LAB_SUITE=bookworm

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

case $LAB_NAME in
    '' | *[!a-z0-9-]*) die "RPLAY_LAB_NAME may hold lower-case letters, digits and '-': $LAB_NAME" ;;
    images | sshd | dockerd*) die "RPLAY_LAB_NAME cannot be $LAB_NAME: the lab uses that name itself" ;;
esac
case $LAB_DIR in
    *[!A-Za-z0-9_./@+-]*) die "the lab's directory goes into inventories unquoted, so it may hold no spaces or quotes: $LAB_DIR" ;;
    /*) ;;
    *) die "the lab's directory must be an absolute path: $LAB_DIR" ;;
esac

is_number() {
    case $1 in
        '' | *[!0-9]*) return 1 ;;
    esac
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# Two commands at a time would start the same host twice. Descriptor 9 holds the lock;
# whatever outlives this process must close it.
with_lock() {
    mkdir -p "$LAB_DIR"
    exec 9>"$LAB_DIR/lock"
    flock -n 9 || {
        say "waiting for another lab command to end"
        flock 9
    }
}

# wait_all PID...: fails when one of them failed.
wait_all() {
    failed=0
    for pid in "$@"; do
        wait "$pid" || failed=1
    done
    return "$failed"
}
