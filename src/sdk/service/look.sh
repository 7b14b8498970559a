# look_service MANAGER SCOPE NAME PATTERN RUNLEVEL
#
# MANAGER is `auto` or a name; SCOPE is `system`, `user` or `global`; NAME may be empty.
# Prints the parts service_manager, first, properties, state, script, links.
look_service() {
    service_manager=$1
    [ "$service_manager" = auto ] && service_manager=$(find_service_manager)
    part service_manager
    printf '%s' "$service_manager"
    end
    part first
    cat /proc/1/comm 2>/dev/null
    end
    case $service_manager in
        systemd) look_systemd "$2" "$3" ;;
        openrc) look_openrc "$3" "$5" ;;
        sysvinit) look_sysvinit "$3" "$4" ;;
    esac
}

find_service_manager() {
    if [ -d /run/systemd/system ]; then
        printf systemd
    elif [ -d /run/openrc ] || [ -x /sbin/openrc-run ]; then
        printf openrc
    elif [ -d /etc/init.d ] || [ -d /etc/rc.d/init.d ]; then
        printf sysvinit
    fi
}

look_systemd() {
    # A login by ssh does not always have what `--user` needs.
    [ "$1" = user ] && export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"
    part properties
    if [ -n "$2" ]; then
        systemctl show --no-pager "--$1" -- "$2" 2>&1
    else
        # Whether any unit is not as its files say.
        systemctl show --no-pager "--$1" -p NeedDaemonReload '*' 2>&1 | sort -u
    fi
    end
    look_script "${2%.service}"
}

# Whether there is an init script, and the links that start it.
look_script() {
    part script
    for file in "/etc/init.d/$1" "/etc/rc.d/init.d/$1"; do
        [ -n "$1" ] && [ -f "$file" ] && printf '%s\n' "$file"
    done
    end
    part links
    for link in "/etc/rc"[2345]".d/S"[0-9][0-9]"$1" "/etc/runlevels/"*"/$1"; do
        [ -n "$1" ] && [ -e "$link" ] && printf '%s\n' "$link"
    done
    end
}

look_openrc() {
    look_script "$1"
    part state
    rc-service -e "$1" 2>/dev/null && { rc_status "$1"; }
    end
    part runlevel
    [ -e "/etc/runlevels/$2/$1" ] && printf enabled
    end
}

rc_status() {
    init_script=/etc/init.d/$1
    "$init_script" status >/dev/null 2>&1
    printf '%s' "$?"
}

look_sysvinit() {
    look_script "$1"
    init_script=/etc/init.d/$1
    [ -f "$init_script" ] || init_script=/etc/rc.d/init.d/$1
    part state
    if [ ! -f "$init_script" ]; then
        :
    elif [ -n "$2" ]; then
        pgrep -f -- "$2" >/dev/null 2>&1
        printf '%s' "$?"
    else
        said=$("$init_script" status 2>&1 </dev/null)
        status=$?
        case $status$said in
            # The script does not know the question.
            [123]*[Uu]sage*) pgrep -x -- "$1" >/dev/null 2>&1 && printf 0 || printf 3 ;;
            *) printf '%s' "$status" ;;
        esac
    fi
    end
}
