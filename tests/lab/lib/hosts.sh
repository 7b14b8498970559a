# shellcheck shell=sh
# The hosts: containers, and the network they are on.

# lab_hosts [running]: the names of the hosts there are, in order.
lab_hosts() {
    set -- ${1:+--filter "status=$1"}
    docker ps -a --filter "label=$LAB_LABEL" "$@" --format '{{.Label "rplay.host"}}' | sort -V
}

container() { echo "$LAB_NETWORK-$1"; }

# An address follows from the name, so inventories and known_hosts stay true.
host_ip() {
    case $1 in
        node*) echo "$(lab_subnet).$((10 + ${1#node}))" ;;
        bare*) echo "$(lab_subnet).$((130 + ${1#bare}))" ;;
    esac
}

check_host() {
    number=${1#node}
    number=${number#bare}
    case $1 in
        node0* | bare0*) ;;
        node* | bare*) is_number "$number" && [ "$number" -ge 1 ] && [ "$number" -le 100 ] && return ;;
    esac
    die "no such host: $1 (hosts are node1..node100 with an engine and bare1..bare100 without)"
}

lab_subnet() { cat "$LAB_STATE/subnet"; }

need_network() {
    docker network inspect "$LAB_NETWORK" >/dev/null 2>&1 && [ -f "$LAB_STATE/subnet" ] && return
    mkdir -p "$LAB_STATE"
    choose_subnet
    docker network create --label "$LAB_LABEL" --subnet "$(lab_subnet).0/24" \
        --gateway "$(lab_subnet).1" "$LAB_NETWORK" >/dev/null
}

# The one asked for, the one of last time, or the first that nothing here uses.
choose_subnet() {
    if [ -n "${RPLAY_LAB_SUBNET:-}" ]; then
        echo "$RPLAY_LAB_SUBNET" >"$LAB_STATE/subnet"
        return
    fi
    taken=$(
        ip route 2>/dev/null
        for id in $(docker network ls -q --filter driver=bridge); do
            docker network inspect --format '{{range .IPAM.Config}}{{.Subnet}} {{end}}' "$id"
        done
        # What other labs here will want back.
        cat "$LAB_DIR"/*/subnet 2>/dev/null | grep -vxF "$(cat "$LAB_STATE/subnet" 2>/dev/null || echo none)" |
            sed 's/$/.0/'
    ) || :
    for subnet in $(cat "$LAB_STATE/subnet" 2>/dev/null) $(seq -f 10.213.%g 77 99); do
        case $taken in
            *"$subnet.0"*) ;;
            *)
                echo "$subnet" >"$LAB_STATE/subnet"
                return
                ;;
        esac
    done
    die "no free network for the hosts; choose one with RPLAY_LAB_SUBNET"
}

cmd_up() {
    nodes=3
    bare=0
    while [ $# -gt 0 ]; do
        case $1 in
            --bare)
                [ $# -ge 2 ] || die "--bare needs a number"
                bare=$2
                shift
                ;;
            --bare=*) bare=${1#--bare=} ;;
            *) nodes=$1 ;;
        esac
        shift
    done
    { is_number "$nodes" && is_number "$bare" && [ "$nodes" -le 100 ] && [ "$bare" -le 100 ]; } ||
        die "usage: lab up [N] [--bare M], with numbers up to 100"
    # shellcheck disable=SC2046  # host names
    hosts_up $([ "$nodes" -eq 0 ] || seq -f node%g "$nodes") $([ "$bare" -eq 0 ] || seq -f bare%g "$bare")
}

# hosts_up HOST...: starts those that do not run yet. The engine starts hosts again by itself when it
# is started, so those that run may not be ready either.
hosts_up() {
    need_engine
    running=$(lab_hosts running)
    missing=
    for host in "$@"; do
        echo "$running" | grep -qx "$host" || missing="$missing $host"
    done
    if [ -z "$missing" ] && [ -f "$LAB_INVENTORY" ]; then
        in_parallel host_ready "$@" || die "not all hosts came up"
        say "up already:" "$@"
        return
    fi
    need_key
    need_images
    need_network
    say "starting:$missing"
    in_parallel host_up "$@" || die "not all hosts came up"
    write_inventory
    say "up; inventory: $LAB_INVENTORY"
}

# in_parallel COMMAND HOST...
in_parallel() {
    do=$1
    shift
    pids=
    for host in "$@"; do
        "$do" "$host" 9>&- &
        pids="$pids $!"
    done
    # shellcheck disable=SC2086  # numbers
    wait_all $pids
}

host_up() {
    host=$1
    host_files "$host"
    docker start "$(container "$host")" >/dev/null 2>&1 || host_create "$host" || return
    host_ready "$host"
}

host_create() {
    host=$1
    case $host in
        node*) image=$LAB_IMAGE_ENGINE ;;
        *) image=$LAB_IMAGE_BARE ;;
    esac
    # SYS_RESOURCE is the one capability that not every machine can give.
    # -t gives init a console, which is what `docker logs` shows.
    # shellcheck disable=SC2046  # --add-host NAME:ADDRESS...
    docker run -dt --name "$(container "$host")" --hostname "$host" \
        --label "$LAB_LABEL" --label "rplay.host=$host" \
        --network "$LAB_NETWORK" --ip "$(host_ip "$host")" $(host_names) \
        --cap-add=ALL --cap-drop=SYS_RESOURCE \
        --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --security-opt systempaths=unconfined --cgroupns=private \
        --tmpfs /run:exec,mode=755 -v /var/lib/docker \
        -v "$LAB_STATE/hosts/$host:/lab:ro" \
        --restart unless-stopped --stop-signal SIGINT \
        "$image" >/dev/null
}

# Names for the hosts of a usual lab, without a name server.
host_names() {
    for name in $(seq -f node%g 9) $(seq -f bare%g 9); do
        echo "--add-host $name:$(host_ip "$name")"
    done
}

host_ready() { docker exec "$(container "$1")" /usr/local/sbin/lab-ready; }

cmd_down() {
    all=false
    if [ "${1:-}" = --all ]; then
        all=true
        shift
    fi
    # Hosts of an engine that is stopped would be back with it.
    [ ! -f "$LAB_STATE/subnet" ] || need_engine
    if engine_answers; then
        if [ $# -gt 0 ]; then
            hosts_down "$@"
            write_inventory
        else
            # shellcheck disable=SC2046  # host names
            hosts_down $(lab_hosts)
            network_down
            forget_inventory
        fi
    fi
    if $all; then
        sshd_down
        everything_down
    fi
}

hosts_down() {
    for host in "$@"; do check_host "$host"; done
    in_parallel host_down "$@"
}

# -v takes the anonymous volume with it.
host_down() { docker rm -f -v "$(container "$1")" >/dev/null 2>&1 || :; }

network_down() {
    docker network inspect "$LAB_NETWORK" >/dev/null 2>&1 || return 0
    docker network rm "$LAB_NETWORK" >/dev/null
}

everything_down() {
    for file in "$LAB_DIR"/*/sshd/run/*.pid; do
        [ ! -f "$file" ] || die "sshd of another lab are running: $file"
    done
    if engine_answers; then
        others=$(docker ps -aq --filter label=rplay.lab)
        [ -z "$others" ] || die "other labs use the images: docker ps --filter label=rplay.lab"
        docker images --format '{{.Repository}}:{{.Tag}}' --filter 'reference=rplay-lab-*' |
            xargs -r docker rmi >/dev/null
        images_prune
    fi
    stop_engine
    # By name: somebody may have pointed RPLAY_LAB_DIR at a directory with more in it.
    for file in "$LAB_DIR"/*/subnet; do
        [ ! -f "$file" ] || rm -rf "${file%/subnet}"
    done
    as_root rm -rf "$LAB_DIR"/work.*
    as_root rm -f "$DOCKERD_PID" "$LAB_DIR/dockerd.log" "$LAB_DIR/packages.log"
    rm -rf "$LAB_IMAGES" "$LAB_KEY" "$LAB_KEY.pub" "$LAB_STATE" "$LAB_DIR/lock"
    rmdir "$LAB_DIR" 2>/dev/null || :
}

cmd_fresh() {
    [ $# -gt 0 ] || die "which hosts?"
    need_engine
    hosts_down "$@"
    hosts_up "$@"
}

cmd_off() {
    [ $# -gt 0 ] || die "which hosts?"
    for host in "$@"; do
        check_host "$host"
        docker kill "$(container "$host")" >/dev/null
    done
}

cmd_on() {
    [ $# -gt 0 ] || die "which hosts?"
    for host in "$@"; do check_host "$host"; done
    in_parallel host_on "$@"
}

host_on() {
    docker start "$(container "$1")" >/dev/null
    host_ready "$1"
}

cmd_shell() {
    [ $# -gt 0 ] || die "which host?"
    [ -f "$LAB_SSH_CONFIG" ] || die "no hosts; lab up starts them"
    check_host "${1#*@}"
    exec ssh -F "$LAB_SSH_CONFIG" "$@"
}

cmd_status() {
    engine_answers || die "no engine answers here; lab up starts one"
    for host in $(lab_hosts); do
        printf '%-8s %-15s %s\n' "$host" "$(host_ip "$host")" \
            "$(docker ps -a --filter "name=^$(container "$host")\$" --format '{{.Status}}')"
    done
}
