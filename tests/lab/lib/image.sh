# shellcheck shell=sh
# The images of the hosts, from Debian packages alone:
#   rplay-lab-base    what debootstrap makes
#   rplay-lab-bare    base, with init, users and sshd set up (rootfs/): a host without engine
#   rplay-lab-engine  bare, with docker.io
# All three are kept in $LAB_IMAGES/hosts.tar for the day the engine has lost them.

LAB_IMAGE_BARE=rplay-lab-bare:latest
LAB_IMAGE_ENGINE=rplay-lab-engine:latest
# sysvinit, because systemd wants more rights than a container should have.
LAB_PACKAGES=openssh-server,sudo,sysvinit-core,sysv-rc,initscripts,iproute2,iptables,procps,ca-certificates,curl,iputils-ping,tini,xz-utils
LAB_IMAGE_BASE=rplay-lab-base:$(echo "$LAB_SUITE $LAB_PACKAGES" | cksum | cut -d' ' -f1)

need_images() {
    stamp=$(image_stamp)
    if [ "$stamp" = "$(cat "$LAB_IMAGES/stamp" 2>/dev/null)" ]; then
        images_there && return
        say "loading the images from the cache"
        docker load -q -i "$LAB_IMAGES/hosts.tar" >/dev/null 2>&1 && images_there && return
    fi
    images_build
    echo "$stamp" >"$LAB_IMAGES/stamp"
}

# Changes with everything that goes into the images.
image_stamp() {
    (
        cd "$LAB_HOME" || exit
        find rootfs lib/image.sh lib/apps.sh -type f | sort | while read -r file; do
            cksum "$file"
        done | cksum
    )
}

images_there() {
    docker image inspect "$LAB_IMAGE_BARE" "$LAB_IMAGE_ENGINE" >/dev/null 2>&1 &&
        [ -f "$LAB_IMAGES/busybox.tar" ] && [ -f "$LAB_IMAGES/debian-registry.tar" ]
}

images_build() {
    mkdir -p "$LAB_IMAGES"
    rm -f "$LAB_IMAGES/stamp"
    # Of a build that was interrupted.
    docker ps -aq --filter label=rplay.lab.build | xargs -r docker rm -f >/dev/null
    work=$(mktemp -d "$LAB_DIR/work.XXXXXX")
    # shellcheck disable=SC2064  # the directory of this call
    trap "as_root rm -rf '$work'" EXIT
    docker image inspect "$LAB_IMAGE_BASE" >/dev/null 2>&1 || base_build "$work"
    apps_build "$work"
    bare_build "$work"
    engine_build "$work"
    say "saving the images to the cache"
    docker save -o "$LAB_IMAGES/hosts.tar" "$LAB_IMAGE_BASE" "$LAB_IMAGE_BARE" "$LAB_IMAGE_ENGINE"
    as_root rm -rf "$work"
    trap - EXIT
    images_prune
}

# Images that a newer build has replaced and no host uses any more.
images_prune() { docker image prune -f --filter label=rplay.lab.image >/dev/null; }

base_build() {
    work=$1
    need_package debootstrap debootstrap
    # Without it debootstrap trusts whatever it downloads.
    [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || install_packages debian-archive-keyring
    say "bootstrapping Debian $LAB_SUITE (about 40 s)"
    apt_settings "$work/settings"
    as_root debootstrap --variant=minbase --include="$LAB_PACKAGES" "$LAB_SUITE" \
        "$work/root" "$(mirror)" >"$work/debootstrap.log" 2>&1 9>&- </dev/null || {
        tail -n 20 "$work/debootstrap.log" >&2
        die "debootstrap failed"
    }
    as_root cp -R "$work/settings/." "$work/root/"
    # shellcheck disable=SC2016  # expanded by the inner shell
    as_root sh -c 'rm -f "$1"/var/cache/apt/archives/*.deb "$1"/etc/ssh/ssh_host_*' sh "$work/root"
    as_root tar -C "$work/root" -c . | docker import --change 'CMD ["/sbin/init"]' - "$LAB_IMAGE_BASE" >/dev/null
    as_root rm -rf "$work/root"
}

mirror() {
    if [ -n "${RPLAY_LAB_MIRROR:-}" ]; then
        echo "$RPLAY_LAB_MIRROR"
        return
    fi
    found=$(debian_sources | xargs -r cat | sed -n 's/^URIs: *\([^ ]*\)\/*$/\1/p; s/^deb \(\[[^]]*\] \)*\([^ ]*\) .*/\2/p' |
        grep -v security | head -n 1)
    echo "${found:-http://deb.debian.org/debian}"
}

# The package source files of this machine that name nothing but the archive of the suite.
debian_sources() {
    [ -z "${RPLAY_LAB_MIRROR:-}" ] || return 0
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
        [ -f "$file" ] || continue
        uris=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)*\([^ ]*\) .*/\2/p' "$file")
        [ -n "$uris" ] || continue
        echo "$uris" | tr ' ' '\n' | grep -Evq '/debian(-security)?/?$' && continue
        grep -q "$LAB_SUITE" "$file" && echo "$file"
    done
    return 0
}

# How this machine reaches its packages, for the hosts: sources, proxies, certificates.
apt_settings() {
    target=$1
    mkdir -p "$target/etc/apt/sources.list.d" "$target/etc/apt/apt.conf.d" \
        "$target/usr/local/share/ca-certificates"
    sources=$(debian_sources)
    : >"$target/etc/apt/sources.list"
    if [ -n "$sources" ]; then
        echo "$sources" | while read -r file; do cp "$file" "$target/etc/apt/sources.list.d/"; done
        rm -f "$target/etc/apt/sources.list.d/sources.list"
        [ ! -s /etc/apt/sources.list ] || ! echo "$sources" | grep -qx /etc/apt/sources.list ||
            cp /etc/apt/sources.list "$target/etc/apt/sources.list"
    else
        echo "deb $(mirror) $LAB_SUITE main" >"$target/etc/apt/sources.list"
    fi
    apt_proxies >"$target/etc/apt/apt.conf.d/80lab-machine"
    for file in /usr/local/share/ca-certificates/*.crt; do
        [ ! -f "$file" ] || cp "$file" "$target/usr/local/share/ca-certificates/"
    done
    # Directories must not take over the umask of whoever builds.
    find "$target" -type d -exec chmod 755 {} +
    find "$target" -type f -exec chmod 644 {} +
}

apt_proxies() {
    if command -v apt-config >/dev/null 2>&1; then
        apt-config dump | grep -Ei '^Acquire::(https?::|Check-|Retries)' || :
    fi
    for scheme in http https; do
        eval "proxy=\${${scheme}_proxy:-}"
        # shellcheck disable=SC2154  # set by eval
        [ -z "$proxy" ] || echo "Acquire::$scheme::Proxy \"$proxy\";"
    done
}

bare_build() {
    work=$1
    say "building the image of a host"
    mkdir -p "$work/rootfs/opt/images"
    cp -R "$LAB_HOME/rootfs/." "$work/rootfs/"
    cp "$LAB_IMAGES/busybox.tar" "$LAB_IMAGES/debian-registry.tar" "$work/rootfs/opt/images/"
    image_derive "$LAB_IMAGE_BASE" "$LAB_IMAGE_BARE" "$work" /usr/local/sbin/lab-setup users
}

engine_build() {
    work=$1
    say "building the image of a host with an engine"
    rm -rf "$work/rootfs"
    mkdir "$work/rootfs"
    image_derive "$LAB_IMAGE_BARE" "$LAB_IMAGE_ENGINE" "$work" /usr/local/sbin/lab-setup engine
}

# image_derive FROM TO WORK COMMAND...: FROM, with the files in WORK/rootfs, after COMMAND.
# Not a Dockerfile: which builder an engine has, and what it needs, varies too much.
image_derive() {
    from=$1
    to=$2
    work=$3
    shift 3
    id=$(docker create --label rplay.lab.build=1 "$from" "$@")
    # Files only: a directory's entry would change the mode of the directory in the image.
    (cd "$work/rootfs" && find . -type f | tar -T - --owner=0 --group=0 -c) | docker cp - "$id:/"
    docker start -a "$id" >"$work/derive.log" 2>&1 || {
        tail -n 20 "$work/derive.log" >&2
        docker rm "$id" >/dev/null
        die "cannot build $to"
    }
    docker commit --change 'CMD ["/sbin/init"]' --change 'LABEL rplay.lab.image=1' "$id" "$to" >/dev/null
    docker rm "$id" >/dev/null
}

cmd_images() {
    need_engine
    need_images
    ls -d "$LAB_IMAGES/busybox.tar" "$LAB_IMAGES/debian-registry.tar" "$LAB_IMAGES/registry"
}
