# mark_log: remembers where the Engine's log ends. engine_log: the lines since then, or at the end,
# that tell of trouble.
log_file() {
    file=$(sed -n 's/^ *DOCKER_LOGFILE=//p' /etc/default/docker 2>/dev/null | tail -n 1 | tr -d '"'"'")
    printf '%s' "${file:-/var/log/docker.log}"
}

mark_log() {
    log_time=$(date +%s)
    log_size=$(wc -c <"$(log_file)" 2>/dev/null)
}

engine_log() {
    if [ -d /run/systemd/system ]; then
        journalctl -q --no-pager -u docker -o cat -n 200 ${log_time:+--since "@$log_time"} 2>/dev/null
    elif [ -n "$log_size" ]; then
        tail -c "+$((log_size + 1))" "$(log_file)" 2>/dev/null
    else
        tail -n 100 "$(log_file)" 2>/dev/null
    fi | grep -E 'level=(error|fatal|panic)|[Ff]ailed|[Uu]nable|[Ii]nvalid|unknown|conflict|cannot|directives|specified both' |
        tail -n 6
}

