# $1: the manager; $2: what to do; $3: its options, one on a line; $4: seconds to wait for its
# lock; $5: what services are answered that ask to start, or nothing; then the names.
manager=$1 verb=$2 options=$3 lock=$4 policy=$5
shift 5
newline='
'
set -f
IFS=$newline
export LC_ALL=C.UTF-8

apt() {
    # A lock is waited for, and nothing is ever asked.
    # shellcheck disable=SC2086 # one option on a line
    DEBIAN_FRONTEND=noninteractive APT_LISTCHANGES_FRONTEND=none LC_ALL=C apt-get -y -q \
        -o Dpkg::Use-Pty=0 -o "DPkg::Lock::Timeout=$lock" $options "$@"
}

# Services that are started by their packages ask this program first.
keep_services_down() {
    rc=/usr/sbin/policy-rc.d
    [ -e "$rc" ] && mv "$rc" "$rc.rplay"
    trap 'rm -f "$rc"; [ -e "$rc.rplay" ] && mv "$rc.rplay" "$rc"' EXIT
    trap 'exit 1' HUP INT TERM
    printf '#!/bin/sh\nexit %s\n' "$policy" >"$rc" && chmod 755 "$rc"
}

install_from_url() {
    folder=$(mktemp -d) || return
    # apt's own user reads it too.
    chmod 755 "$folder"
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 1' HUP INT TERM
    if command -v curl >/dev/null 2>&1; then
        curl -fsSL -o "$folder/package.deb" -- "$1" || return
    else
        wget -q -O "$folder/package.deb" -- "$1" || return
    fi
    apt install "$folder/package.deb"
}

[ -n "$policy" ] && keep_services_down

# shellcheck disable=SC2086 # one option on a line
case $manager:$verb in
    apt:present | apt:latest) apt install "$@" ;;
    apt:absent) apt remove "$@" ;;
    apt:purge) apt purge "$@" ;;
    apt:build-dep) apt build-dep "$@" ;;
    apt:fixed) apt --fix-broken install ;;
    apt:upgrade) apt --with-new-pkgs upgrade ;;
    apt:dist-upgrade) apt dist-upgrade ;;
    apt:autoremove) apt autoremove ;;
    apt:autoclean) apt autoclean ;;
    apt:clean) apt clean ;;
    apt:deb)
        case $1 in
            http://* | https://* | ftp://*) install_from_url "$1" ;;
            *) apt install "$1" ;;
        esac
        ;;
    dnf:present | yum:present) "$manager" -y -q $options install "$@" ;;
    # What is not there yet is installed, what is there is brought up to date.
    dnf:latest | yum:latest) "$manager" -y -q $options install "$@" && "$manager" -y -q $options upgrade "$@" ;;
    dnf:absent | yum:absent | dnf:purge | yum:purge) "$manager" -y -q $options remove "$@" ;;
    dnf:autoremove | yum:autoremove) "$manager" -y -q $options autoremove ;;
    zypper:present | zypper:latest) zypper -q --non-interactive install $options "$@" ;;
    zypper:absent | zypper:purge) zypper -q --non-interactive remove $options "$@" ;;
    apk:present) apk -q add $options "$@" ;;
    apk:latest) apk -q add -u $options "$@" ;;
    apk:absent) apk -q del $options "$@" ;;
    apk:purge) apk -q del --purge $options "$@" ;;
    pacman:present | pacman:latest) pacman -S --noconfirm --needed $options "$@" ;;
    pacman:absent) pacman -R --noconfirm $options "$@" ;;
    pacman:purge) pacman -Rn --noconfirm $options "$@" ;;
    *)
        printf '%s cannot do this: %s\n' "$manager" "$verb" >&2
        exit 1
        ;;
esac
