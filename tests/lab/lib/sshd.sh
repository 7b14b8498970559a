# shellcheck shell=sh
# Many sshd without hosts behind them, for measuring connections: each is a process of its
# own with its own key, on its own loopback address. Logins end up on this very machine, so
# nothing but harmless commands may be run there. They have a home of their own, so that the
# start-up files of whoever runs the lab take no part in what is measured.

LAB_SSHD=$LAB_STATE/sshd
LAB_SSHD_PORT=${RPLAY_LAB_SSHD_PORT:-2222}

cmd_sshd() {
    case ${1:-} in
        down) sshd_down ;;
        *)
            { is_number "${1:-}" && [ "$1" -ge 1 ] && [ "$1" -le 5000 ]; } ||
                die "usage: lab sshd N | lab sshd down, with N up to 5000"
            sshd_up "$1"
            ;;
    esac
}

sshd_up() {
    need_sshd
    need_key
    mkdir -p "$LAB_SSHD/run" "$LAB_SSHD/home"
    cp "$LAB_KEY.pub" "$LAB_SSHD/authorized_keys"
    sftp=$(find /usr/lib /usr/libexec -name sftp-server -type f 2>/dev/null | head -n 1)
    started=0
    for i in $(seq "$1"); do
        sshd_runs "$i" && continue
        sshd_config "$i" >"$LAB_SSHD/run/$i.conf"
        [ -f "$LAB_SSHD/run/$i.key" ] ||
            ssh-keygen -q -t ed25519 -N '' -C "sshd$i" -f "$LAB_SSHD/run/$i.key"
        "$SSHD" -f "$LAB_SSHD/run/$i.conf" -E "$LAB_SSHD/run/$i.log" 9>&- </dev/null ||
            die "sshd does not start, see $LAB_SSHD/run/$i.log"
        started=$((started + 1))
    done
    sshd_inventory "$1"
    say "started $started sshd; inventory: $LAB_SSHD/hosts.ini"
}

# Installing the package must not start a server for the whole machine.
need_sshd() {
    SSHD=$(PATH=$PATH:/usr/sbin command -v sshd) || SSHD=
    if [ -z "$SSHD" ]; then
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
            as_root chmod 755 "$policy"
            # shellcheck disable=SC2064  # the path of now
            trap "as_root rm -f '$policy'" EXIT
        else
            policy=
        fi
        install_packages openssh-server
        [ -z "$policy" ] || as_root rm -f "$policy"
        trap - EXIT
        SSHD=/usr/sbin/sshd
    fi
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
}

sshd_address() { echo "127.213.$((($1 - 1) / 250)).$((($1 - 1) % 250 + 1))"; }

sshd_config() {
    cat <<END
ListenAddress $(sshd_address "$1")
Port $LAB_SSHD_PORT
HostKey $LAB_SSHD/run/$1.key
PidFile $LAB_SSHD/run/$1.pid
AuthorizedKeysFile $LAB_SSHD/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
MaxStartups 100:30:200
SetEnv HOME=$LAB_SSHD/home
Subsystem sftp $sftp
END
}

sshd_inventory() {
    : >"$LAB_SSHD/known_hosts"
    {
        echo '# Written by tests/lab/lab.'
        printf '\n[sshd]\n'
        for i in $(seq "$1"); do
            echo "sshd$i ansible_host=$(sshd_address "$i")"
            printf '[%s]:%s ' "$(sshd_address "$i")" "$LAB_SSHD_PORT" >>"$LAB_SSHD/known_hosts"
            cut -d' ' -f1,2 "$LAB_SSHD/run/$i.key.pub" >>"$LAB_SSHD/known_hosts"
        done
        cat <<END

[sshd:vars]
ansible_port=$LAB_SSHD_PORT
ansible_user=$(id -un)
ansible_ssh_private_key_file=$LAB_KEY
ansible_ssh_common_args=-o UserKnownHostsFile=$LAB_SSHD/known_hosts -o IdentitiesOnly=yes
rplay_known_hosts=$LAB_SSHD/known_hosts
END
    } >"$LAB_SSHD/hosts.ini"
}

# The process of that number, if it is still the sshd that was started.
sshd_runs() {
    pid=$(cat "$LAB_SSHD/run/$1.pid" 2>/dev/null) || return 1
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$LAB_SSHD/run/$1.conf"
}

sshd_down() {
    stopped=0
    for file in "$LAB_SSHD"/run/*.pid; do
        [ -f "$file" ] || continue
        i=$(basename "$file" .pid)
        if sshd_runs "$i"; then
            kill "$pid"
            stopped=$((stopped + 1))
        fi
        rm -f "$file"
    done
    rm -f "$LAB_SSHD/hosts.ini"
    [ "$stopped" -eq 0 ] || say "stopped $stopped sshd"
}
