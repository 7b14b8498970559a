# mark_log: remembers where the Engine's log ends. engine_log: the lines since then, or at the end,
# that say why it ended, or that tell of trouble.
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
    fi | awk '
        /level=(info|warning|debug)/ { next }
        /failed to start daemon|unable to configure|level=(fatal|panic)/ { last = last $0 "\n"; next }
        /level=error|[Ff]ailed|[Uu]nable|[Ii]nvalid|unknown|cannot/ { other = other $0 "\n" }
        END { printf "%s", last != "" ? last : other }
    ' | tail -n 4
}

