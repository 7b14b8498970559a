# Puts files in place, has the Engine take them over, and takes everything back where it does not.
# $1: none, reload or restart; $2: the service manager; $3: the Engine's address; $4: seconds it
# may take; $5: a dockerd that can validate, or nothing; $6: whether old files are kept; then, for
# each file, its path and its size in bytes, or `-` where it is taken away. Reads the contents.
# Prints the parts outcome, said, info, backups.
action=$1 manager=$2 address=$3 patience=$4 validator=$5 keep=$6
shift 6
# A connection that is lost must not leave the Engine between two configurations.
trap '' HUP PIPE

write_beside() {
    while [ $# -gt 0 ]; do
        if [ "$2" != - ]; then
            mkdir -p "${1%/*}" && dd bs=1 count="$2" of="$1.rplay-new" 2>/dev/null || return
            [ "$(wc -c <"$1.rplay-new")" -eq "$2" ] || return
            chmod 644 "$1.rplay-new"
            [ ! -e "$1" ] || chmod --reference="$1" "$1.rplay-new" 2>/dev/null || :
        fi
        shift 2
    done
    sync
}

validate() {
    case $1 in *.json) ;; *) return 0 ;; esac
    [ -z "$validator" ] || [ ! -e "$1.rplay-new" ] || "$validator" --validate --config-file "$1.rplay-new" 2>&1
}

swap() {
    while [ $# -gt 0 ]; do
        rm -f "$1.rplay-old"
        if [ -e "$1" ]; then ln "$1" "$1.rplay-old" 2>/dev/null || cp -p "$1" "$1.rplay-old" || return; fi
        if [ "$2" = - ]; then rm -f "$1"; else mv -f "$1.rplay-new" "$1" || return; fi
        shift 2
    done
}

restore() {
    while [ $# -gt 0 ]; do
        rm -f "$1.rplay-new"
        if [ -e "$1.rplay-old" ]; then mv -f "$1.rplay-old" "$1"; else rm -f "$1"; fi
        shift 2
    done
}

forget() {
    while [ $# -gt 0 ]; do
        if [ -e "$1.rplay-old" ] && [ -n "$keep" ]; then
            backup=$1.$$.$(date +%Y-%m-%d@%H:%M:%S)~
            mv "$1.rplay-old" "$backup" && printf '%s\n' "$backup"
        else
            rm -f "$1.rplay-old"
        fi
        shift 2
    done
}

daemon() {
    pid=$(cat /var/run/docker.pid 2>/dev/null)
    [ -n "$pid" ] && [ -d "/proc/$pid" ] || pid=$(pgrep -o -x dockerd)
}

act() {
    case $1:$manager in
        none:*) ;;
        reload:*) daemon && kill -HUP "$pid" ;;
        restart:systemd)
            systemctl daemon-reload
            systemctl reset-failed docker 2>/dev/null
            systemctl restart docker
            ;;
        restart:*)
            # Some init scripts do not restart what does not run.
            service docker restart </dev/null || service docker start </dev/null
            ;;
    esac
}

answers() {
    end=$(($(date +%s) + patience)) gone=0
    while :; do
        info=$(ask_engine "$address" info) && [ -n "$info" ] && return 0
        [ "$(date +%s)" -lt "$end" ] || return 1
        # A daemon that has been gone for three seconds does not come back.
        if daemon; then gone=0; else gone=$((gone + 1)); fi
        [ "$gone" -lt 15 ] || return 1
        sleep 0.2
    done
}

drop_new() {
    while [ $# -gt 0 ]; do
        rm -f "$1.rplay-new"
        shift 2
    done
}

# $1: what came of it; $2: what was said.
report() {
    part outcome
    printf '%s' "$1"
    end
    part said
    printf '%s' "$2"
    end
}

if ! said=$(write_beside "$@" 2>&1); then
    drop_new "$@"
    report unwritten "$said"
    exit
fi
if ! said=$(validate "$1"); then
    drop_new "$@"
    report refused "$said"
    exit
fi
# Not a pipe: a daemon that is started may keep it open.
heard=$(mktemp) || exit
mark_log
if { swap "$@" && act "$action"; } >"$heard" 2>&1 && { [ "$action" = none ] || answers; }; then
    report applied ''
    part info
    printf '%s' "$info"
    end
    part backups
    forget "$@"
    end
else
    said=$(engine_log)
    said=${said:-$(tail -n 6 "$heard")}
    restore "$@"
    [ "$action" = none ] || act restart >"$heard" 2>&1
    if [ "$action" = none ] || answers; then report restored "$said"; else report down "$said"; fi
fi
rm -f "$heard"
