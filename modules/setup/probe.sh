# Ships what the kernel and the distribution say, as it stands: rplay reads it.
# $1: where local facts are; $2: seconds for what may hang; $3: the parts that are wanted.
# Output: name NUL content NUL …

part() { printf '%s\0' "$1"; }
end() { printf '\0'; }
wanted() { case " $parts " in *" $1 "*) ;; *) false ;; esac; }

local_facts() {
    for file in "$1"/*.fact; do
        [ -f "$file" ] || continue
        part "fact:$file"
        if [ -x "$file" ]; then
            timeout "$2" "$file" 2>/dev/null </dev/null || printf '\nexit status %s\n' "$?"
        else
            cat "$file"
        fi
        end
    done
}

mounts() {
    part mounts
    grep -aE '^(/|[^ ]*:/)' /proc/mounts
    end
    part sizes
    set -f
    # shellcheck disable=SC2046 # one word for each mount point: blanks in them are escaped
    LC_ALL=C timeout "$1" stat -f -c '%n	%S	%b	%a	%c	%d' \
        $(grep -aE '^(/|[^ ]*:/)' /proc/mounts | cut -d ' ' -f 2) 2>/dev/null
    set +f
    end
    for names in uuid id label; do
        part "${names}s"
        [ -d "/dev/disk/by-$names" ] && LC_ALL=C ls -l "/dev/disk/by-$names" 2>/dev/null
        end
    done
    part owners
    ls -d /sys/block/*/slaves/* /sys/block/*/holders/* /sys/block/*/*/holders/* 2>/dev/null
    end
}

volumes() {
    [ "$(id -u)" = 0 ] || return 0
    command -v vgs >/dev/null 2>&1 || return 0
    form='--noheadings --nosuffix --units g --separator ,'
    # shellcheck disable=SC2086 # several options
    {
        part lvm:vgs
        LC_ALL=C timeout "$1" vgs $form -o vg_name,pv_count,lv_count,vg_size,vg_free 2>/dev/null
        end
        part lvm:lvs
        LC_ALL=C timeout "$1" lvs $form -o lv_name,vg_name,lv_size 2>/dev/null
        end
        part lvm:pvs
        LC_ALL=C timeout "$1" pvs $form -o pv_name,vg_name,pv_size,pv_free 2>/dev/null
        end
    }
}

network() {
    command -v ip >/dev/null 2>&1 || return 0
    part addresses
    ip -o addr show 2>/dev/null
    end
    part route4
    ip -4 route get 8.8.8.8 2>/dev/null
    end
    part route6
    ip -6 route get 2404:6800:400a:800::1012 2>/dev/null
    end
    part local4
    ip -4 route show table local 2>/dev/null
    end
    part local6
    ip -6 route show table local 2>/dev/null
    end
}

parts=$3

part there
for path in \
    /usr/bin/apt-get /usr/bin/dnf5 /usr/bin/dnf-3 /usr/bin/dnf /usr/bin/microdnf /usr/bin/yum \
    /sbin/apk /usr/sbin/apk /usr/bin/apk /usr/bin/zypper /usr/bin/pacman /usr/bin/emerge \
    /usr/bin/xbps-install /usr/bin/rpm-ostree /run/ostree-booted \
    /run/systemd/system /sbin/openrc /usr/sbin/openrc /sbin/upstart-local-bridge /etc/init.d \
    /.dockerenv /run/.containerenv /proc/vz /proc/bc /proc/xen /proc/lxc /sys/module/kvm \
    /sys/module/vboxdrv /sys/kernel/security/apparmor /sys/fs/selinux/enforce; do
    [ -e "$path" ] && printf '%s\n' "$path"
done
command -v python3 2>/dev/null
end

files="/etc/os-release /usr/lib/os-release /etc/lsb-release /etc/debian_version
    /etc/redhat-release /etc/alpine-release /etc/hosts /etc/resolv.conf /etc/machine-id
    /var/lib/dbus/machine-id /etc/selinux/config /sys/fs/selinux/enforce
    /sys/fs/selinux/policyvers /proc/sys/kernel/ostype /proc/sys/kernel/osrelease
    /proc/sys/kernel/version /proc/sys/kernel/hostname /proc/sys/kernel/cap_last_cap /proc/sys/crypto/fips_enabled
    /proc/meminfo /proc/uptime /proc/loadavg /proc/cmdline /proc/self/status /proc/1/comm
    /proc/1/cgroup /run/systemd/container /sys/hypervisor/type /sys/class/dmi/id/bios_*
    /sys/class/dmi/id/board_* /sys/class/dmi/id/chassis_* /sys/class/dmi/id/product_*
    /sys/class/dmi/id/sys_vendor /etc/ssh/ssh_host_*_key.pub"
wanted network && files="$files /sys/class/net/*/address /sys/class/net/*/mtu
    /sys/class/net/*/operstate /sys/class/net/*/type /sys/class/net/*/flags
    /sys/class/net/*/speed /sys/class/net/*/bridge/bridge_id
    /sys/class/net/*/bridge/stp_state /sys/class/net/*/brif/*/port_no
    /sys/class/net/*/bonding/mode /sys/class/net/*/bonding/slaves
    /sys/class/net/*/bonding/miimon"
wanted hardware && files="$files /sys/block/*/size /sys/block/*/removable
    /sys/block/*/queue/rotational /sys/block/*/queue/scheduler
    /sys/block/*/queue/logical_block_size /sys/block/*/queue/discard_granularity
    /sys/block/*/device/model /sys/block/*/device/vendor /sys/block/*/dm/name
    /sys/block/*/*/partition /sys/block/*/*/start /sys/block/*/*/size"
wanted adapters && files="$files /sys/class/fc_host/*/port_name /etc/nvme/hostnqn
    /etc/iscsi/initiatorname.iscsi"
part files
# shellcheck disable=SC2086 # the words are names and patterns of this script's own
grep -aHs '' $files
end

part cpus
grep -aE '^(processor|vendor_id|model name|physical id|core id|cpu cores|siblings|Processor|cpu|machine|vendor)[	 ]*:' /proc/cpuinfo
grep -am1 -E '^(flags|Features)' /proc/cpuinfo
end

part machine
uname -m
end

part passwd
getent passwd "$(id -u)" 2>/dev/null || grep "^[^:]*:[^:]*:$(id -u):" /etc/passwd
end

part fqdn
timeout 2 hostname -f 2>/dev/null
end

part date
LC_ALL=C date '+%s %N %z %Z %Y %m %d %H %M %S %A %w %W'
end

part python
command -v python3 >/dev/null 2>&1 && python3 -V 2>&1
end

wanted network && network
wanted hardware && mounts "$2"
wanted hardware && volumes "$2"
if wanted root; then
    part root
    [ -n "$debian_chroot" ] && echo other
    # shellcheck disable=SC3013 # all shells of today have it
    [ -e /proc/1/root/. ] && ! [ /proc/1/root/. -ef / ] && echo other
    end
fi
wanted local && local_facts "$1" "$2"

part environment
# shellcheck disable=SC2002 # the environment is that of a program started here
PATH=$login_path cat /proc/self/environ | tr '\0' '\036'
end
