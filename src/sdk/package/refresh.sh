# Refreshes the package lists. $1: the manager; $2: seconds to wait for its lock; $3: its options,
# one on a line.
set -f
IFS='
'
case $1 in
    apt)
        left=$2
        while :; do
            # shellcheck disable=SC2086 # one option on a line
            said=$(LC_ALL=C apt-get -q update $3 -o APT::Update::Error-Mode=any 2>&1)
            status=$?
            case $said in
                *'Permission denied'*) break ;;
                *'Could not get lock'* | *'Unable to lock directory'*) ;;
                *) break ;;
            esac
            [ "$left" -gt 0 ] || break
            left=$((left - 1))
            sleep 1
        done
        if [ "$status" -ne 0 ]; then
            printf '%s\n' "$said" | grep -E '^[EW]: ' >&2
            exit "$status"
        fi
        # Lists that had nothing new keep their times: this is the one that tells.
        [ -d /var/lib/apt/periodic ] && touch /var/lib/apt/periodic/update-success-stamp
        date +%s
        ;;
    dnf | yum) "$1" -q makecache ;;
    zypper) zypper -q --non-interactive refresh ;;
    apk) apk -q update ;;
    pacman) pacman -Sy --noconfirm ;;
esac
