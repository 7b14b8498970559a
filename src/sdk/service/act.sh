# $1: the manager; $2: the scope; $3: what to do; $4: the service; $5: seconds between stop and
# start, or nothing; $6: the runlevel; then options of systemctl, or words for an init script.
manager=$1 scope=$2 verb=$3 name=$4 sleep=$5 runlevel=$6
shift 6

script() {
    if command -v service >/dev/null 2>&1; then
        service "$@" </dev/null
    else
        file=/etc/init.d/$1
        shift
        "$file" "$@" </dev/null
    fi
}

case $manager:$verb in
    systemd:*)
        [ "$scope" = user ] && export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
        if [ "$verb" = restart ] && [ -n "$sleep" ]; then
            systemctl "--$scope" stop -- "$name" && sleep "$sleep" && verb=start
        fi
        if [ -n "$name" ]; then
            systemctl "--$scope" "$@" "$verb" -- "$name" && exit
            status=$?
            # What went wrong is in the log, not in what systemctl says.
            case $verb in
                start | restart | reload)
                    journalctl --no-pager -q -o cat -n 5 -u "$name" >&2 2>/dev/null
                    ;;
            esac
            exit "$status"
        fi
        systemctl "--$scope" "$@" "$verb"
        ;;
    openrc:enable) rc-update -q add "$name" "$runlevel" ;;
    openrc:disable) rc-update -q delete "$name" "$runlevel" ;;
    sysvinit:enable)
        if command -v update-rc.d >/dev/null 2>&1; then
            update-rc.d "$name" defaults >/dev/null && update-rc.d "$name" enable
        else
            chkconfig --add "$name" && chkconfig "$name" on
        fi
        ;;
    sysvinit:disable)
        if command -v update-rc.d >/dev/null 2>&1; then
            update-rc.d "$name" disable
        else
            chkconfig "$name" off
        fi
        ;;
    openrc:* | sysvinit:*)
        if [ "$verb" = restart ] && [ -n "$sleep" ]; then
            script "$name" stop "$@" && sleep "$sleep" && verb=start
        fi
        script "$name" "$verb" "$@"
        ;;
esac
