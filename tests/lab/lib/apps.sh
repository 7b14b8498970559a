# shellcheck shell=sh
# Application images that need no registry. They are built from two Debian packages:
#   busybox:lab          sh, httpd, nc, nslookup, ping and the other applets, 2 MB
#   debian-registry:lab  the registry (docker-registry) on port 5000
# and kept as $LAB_IMAGES/NAME.tar for `docker load`. $LAB_IMAGES/registry is the second
# one as a build context (FROM busybox:lab), for playbooks that build it on a host.

# apps_build WORKDIR: needs the base image, which has the package sources of the hosts.
apps_build() {
    work=$1
    say "building the application images"
    # The libraries the registry is linked to come along: its image has no other system.
    # shellcheck disable=SC2016  # runs in the container
    docker run --rm "$LAB_IMAGE_BASE" sh -euc '
        exec 3>&1 >&2
        mkdir -p /tmp/deb /apps/busybox/bin /apps/registry/root/bin
        cd /tmp/deb
        apt-get update -q
        apt-get download -q busybox-static docker-registry
        for deb in *.deb; do dpkg-deb -x "$deb" .; done
        cp bin/busybox /apps/busybox/bin/
        cp usr/bin/docker-registry /apps/registry/root/bin/
        ldd usr/bin/docker-registry | grep -o "/[^ ]*" | while read -r lib; do
            mkdir -p "/apps/registry/root$(dirname "$lib")"
            cp -L "$lib" "/apps/registry/root$lib"
        done
        tar -C /apps -c . >&3' >"$work/apps.tar" 2>"$work/apps.log" || {
        tail -n 20 "$work/apps.log" >&2
        die "cannot build the application images"
    }
    mkdir "$work/apps"
    tar -C "$work/apps" -xf "$work/apps.tar"
    app_busybox "$work/apps/busybox"
    app_registry "$work/apps/busybox" "$work/apps/registry"
}

app_busybox() {
    root=$1
    for applet in $("$root/bin/busybox" --list); do
        [ "$applet" = busybox ] || ln -sf busybox "$root/bin/$applet"
    done
    mkdir -p "$root/etc" "$root/tmp" "$root/var" "$root/root" "$root/www"
    chmod 1777 "$root/tmp"
    printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/etc/passwd"
    printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
    echo 'busybox:lab' >"$root/www/index.html"
    app_import busybox:lab "$root" 'CMD ["sh"]'
    app_save busybox:lab busybox.tar
}

app_registry() {
    busybox=$1
    context=$2
    mkdir -p "$context/root/etc/docker/registry" "$context/root/var/lib/registry"
    cat >"$context/root/etc/docker/registry/config.yml" <<'END'
version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: :5000
END
    cat >"$context/Dockerfile" <<'END'
FROM busybox:lab
COPY root/ /
EXPOSE 5000
VOLUME /var/lib/registry
CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]
END
    rm -rf "$LAB_IMAGES/registry"
    cp -R "$context" "$LAB_IMAGES/registry"
    # Without a builder, so that it works with every engine this machine may have.
    cp -R "$busybox/." "$context/root/"
    app_import debian-registry:lab "$context/root" \
        'EXPOSE 5000' 'VOLUME /var/lib/registry' \
        'CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]'
    app_save debian-registry:lab debian-registry.tar
}

# app_import NAME ROOT CHANGE...
app_import() {
    name=$1
    root=$2
    shift 2
    for change in "$@"; do
        set -- "$@" --change "$change"
        shift
    done
    tar -C "$root" --owner=0 --group=0 -c . |
        docker import --change 'ENV PATH=/bin:/sbin' "$@" - "$name" >/dev/null
}

# The tar is the product; this machine's engine has no use for the image.
app_save() {
    docker save "$1" >"$LAB_IMAGES/$2.new"
    mv "$LAB_IMAGES/$2.new" "$LAB_IMAGES/$2"
    docker rmi "$1" >/dev/null
}
