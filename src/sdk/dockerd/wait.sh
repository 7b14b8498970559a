# Waits until the Engine answers. $1: its socket; $2: the most seconds. Prints what it says of
# itself; or, with status 1, the last lines of its log.
answer() {
    if command -v docker >/dev/null 2>&1; then
        timeout 5 docker -H "unix://$1" version --format '{{json .Server}}' 2>/dev/null
    else
        timeout 5 curl -fs --unix-socket "$1" http://docker/version 2>/dev/null
    fi
}

end=$(($(date +%s) + $2))
while :; do
    if [ -S "$1" ]; then
        said=$(answer "$1") && [ -n "$said" ] && printf '%s\n' "$said" && exit 0
    fi
    [ "$(date +%s)" -lt "$end" ] || break
    sleep 0.2
done

log=$(sed -n 's/^ *DOCKER_LOGFILE=//p' /etc/default/docker 2>/dev/null | tail -n 1 | tr -d '"'"'")
if [ -d /run/systemd/system ]; then
    journalctl -q --no-pager -u docker -o cat -n 200 2>/dev/null
else
    tail -n 200 "${log:-/var/log/docker.log}" 2>/dev/null
fi | grep -E 'level=(error|fatal|panic)|[Ff]ail|[Uu]nable|invalid|unknown|conflict|cannot' | tail -n 8
exit 1
