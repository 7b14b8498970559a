# shellcheck shell=sh
# Keys, known_hosts, the inventories and the configuration for plain ssh.

LAB_INVENTORY=$LAB_STATE/inventory/hosts.ini
LAB_SUDO_INVENTORY=$LAB_STATE/inventory-sudo/hosts.ini
LAB_KNOWN_HOSTS=$LAB_STATE/known_hosts
LAB_SSH_CONFIG=$LAB_STATE/ssh_config

need_key() {
    need_package ssh-keygen openssh-client
    [ -f "$LAB_KEY" ] || ssh-keygen -q -t ed25519 -N '' -C rplay-lab -f "$LAB_KEY"
}

# The directory mounted as /lab into the host. A host keeps its key for as long as the
# cache lives, so known_hosts stays true over down and up.
host_files() {
    host=$1
    dir=$LAB_STATE/hosts/$host
    mkdir -p "$dir"
    [ -f "$dir/ssh_host_ed25519_key" ] ||
        ssh-keygen -q -t ed25519 -N '' -C "$host" -f "$dir/ssh_host_ed25519_key"
    cp "$LAB_KEY.pub" "$dir/authorized_keys"
    resolver >"$dir/resolv.conf"
}

# This machine's name servers as far as a container can reach them; empty when there are none.
resolver() {
    for file in /etc/resolv.conf /run/systemd/resolve/resolv.conf; do
        [ -f "$file" ] || continue
        sed -n '/^nameserver *\(127\.\|::1\)/d; /^\(nameserver\|search\|options\)/p' "$file" | grep -q '^nameserver' || continue
        grep -Ev '^nameserver +(127\.|::1)|^#|^;' "$file"
        return
    done
}

# write_inventory: from the hosts that there are.
write_inventory() {
    hosts=$(lab_hosts)
    mkdir -p "$LAB_STATE/inventory" "$LAB_STATE/inventory-sudo"
    write_known_hosts >"$LAB_KNOWN_HOSTS.new"
    mv "$LAB_KNOWN_HOSTS.new" "$LAB_KNOWN_HOSTS"
    write_hosts >"$LAB_INVENTORY.new"
    mv "$LAB_INVENTORY.new" "$LAB_INVENTORY"
    write_sudoers >"$LAB_SUDO_INVENTORY.new"
    mv "$LAB_SUDO_INVENTORY.new" "$LAB_SUDO_INVENTORY"
    write_ssh_config >"$LAB_SSH_CONFIG.new"
    mv "$LAB_SSH_CONFIG.new" "$LAB_SSH_CONFIG"
}

# What names no host that there is.
forget_inventory() {
    rm -f "$LAB_INVENTORY" "$LAB_SUDO_INVENTORY" "$LAB_KNOWN_HOSTS" "$LAB_SSH_CONFIG"
}

write_known_hosts() {
    for host in $hosts; do
        printf '%s,%s %s\n' "$host" "$(host_ip "$host")" \
            "$(cut -d' ' -f1,2 "$LAB_STATE/hosts/$host/ssh_host_ed25519_key.pub")"
    done
}

write_hosts() {
    echo '# Written by tests/lab/lab.'
    write_group nodes "$(echo "$hosts" | grep '^node' || :)" address
    write_group bare "$(echo "$hosts" | grep '^bare' || :)" address
    write_group managers "$(echo "$hosts" | grep -x node1 || :)"
    write_group workers "$(echo "$hosts" | grep '^node' | grep -vx node1 || :)"
    write_vars all root
}

# The same machines, seen by somebody who must give a password to sudo.
write_sudoers() {
    echo '# Written by tests/lab/lab. The password is lab-password.'
    printf '\n[sudoers]\n'
    for host in $(echo "$hosts" | grep '^node' || :); do
        echo "sudoer${host#node} ansible_host=$(host_ip "$host")"
    done
    write_vars all operator
}

# write_group NAME HOSTS [address]
write_group() {
    printf '\n[%s]\n' "$1"
    for host in $2; do
        if [ "${3:-}" = address ]; then
            echo "$host ansible_host=$(host_ip "$host")"
        else
            echo "$host"
        fi
    done
}

write_vars() {
    cat <<END

[$1:vars]
ansible_user=$2
ansible_ssh_private_key_file=$LAB_KEY
ansible_ssh_common_args=-o UserKnownHostsFile=$LAB_KNOWN_HOSTS -o IdentitiesOnly=yes
rplay_known_hosts=$LAB_KNOWN_HOSTS
END
}

write_ssh_config() {
    for host in $hosts; do
        printf 'Host %s\n    HostName %s\n' "$host" "$(host_ip "$host")"
    done
    cat <<END
Host *
    User root
    IdentityFile $LAB_KEY
    IdentitiesOnly yes
    UserKnownHostsFile $LAB_KNOWN_HOSTS
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
END
}

cmd_ssh_config() {
    [ -f "$LAB_SSH_CONFIG" ] || die "no hosts; lab up starts them"
    cat "$LAB_SSH_CONFIG"
}

cmd_env() {
    cat <<END
RPLAY_LAB_DIR='$LAB_DIR'
RPLAY_LAB_NAME='$LAB_NAME'
RPLAY_LAB_INVENTORY='$LAB_INVENTORY'
RPLAY_LAB_SUDO_INVENTORY='$LAB_SUDO_INVENTORY'
RPLAY_LAB_SSHD_INVENTORY='$LAB_SSHD/hosts.ini'
RPLAY_LAB_KEY='$LAB_KEY'
RPLAY_LAB_KNOWN_HOSTS='$LAB_KNOWN_HOSTS'
RPLAY_LAB_SSH_CONFIG='$LAB_SSH_CONFIG'
RPLAY_LAB_IMAGES='$LAB_IMAGES'
RPLAY_LAB_HOSTS='$(engine_answers && lab_hosts | paste -sd ' ' -)'
END
}
