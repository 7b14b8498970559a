# shellcheck shell=sh
# What the lab needs from the machine it runs on: a few Debian packages and an engine.

DOCKERD_PID=$LAB_DIR/dockerd.pid

# need_package COMMAND PACKAGE
need_package() {
    PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1 || install_packages "$2"
}

install_packages() {
    say "installing $*"
    command -v apt-get >/dev/null 2>&1 || die "missing here, and there is no apt-get to install it: $*"
    log=$LAB_DIR/packages.log
    mkdir -p "$LAB_DIR"
    {
        as_root apt-get update &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
    } >"$log" 2>&1 9>&- </dev/null || {
        tail -n 20 "$log" >&2
        die "cannot install $*, see $log"
    }
}

engine_answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

need_engine() {
    engine_answers && return
    need_package dockerd docker.io
    # From Debian 13 on the client is a package of its own.
    need_package docker docker-cli
    start_engine
}

start_engine() {
    say "starting dockerd"
    mkdir -p "$LAB_DIR"
    if [ -d /run/systemd/system ]; then
        as_root systemctl start docker
    else
        # -f and not &: a shell waiting in the background would hold the lock.
        # shellcheck disable=SC2016  # expanded by the inner shell
        as_root setsid -f sh -c 'PATH=$PATH:/usr/sbin:/sbin; echo $$ >"$1"; exec dockerd' \
            dockerd "$DOCKERD_PID" >"$LAB_DIR/dockerd.log" 2>&1 </dev/null 9>&-
    fi
    tries=0
    until engine_answers; do
        tries=$((tries + 1))
        [ "$tries" -lt 150 ] || die "dockerd does not answer, see $LAB_DIR/dockerd.log"
        sleep 0.2
    done
}

# Only the one that start_engine started: the recorded process must still be a dockerd.
stop_engine() {
    [ -f "$DOCKERD_PID" ] || return 0
    pid=$(cat "$DOCKERD_PID")
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ]; then
        say "stopping dockerd"
        as_root kill "$pid"
        tries=0
        while [ -d "/proc/$pid" ] && [ "$tries" -lt 150 ]; do
            tries=$((tries + 1))
            sleep 0.2
        done
    fi
    as_root rm -f "$DOCKERD_PID"
}
