# shellcheck shell=bash disable=SC2034  # run uses what is set here
# The image that targets run in: a bare lab host, with what the scripts of the targets call.

CONFORMANCE_PACKAGES='python3 python-is-python3 python3-venv python3-yaml python3-pexpect python3-passlib git unzip zip zstd bzip2 file psmisc acl locales less python3-pip python3-jinja2 python3-tomli python3-tomli-w'
# The Python of the suite of Debian that the lab's hosts are.
IMAGE_PYTHON=3.11
CONFORMANCE_RECIPE="
    set -e
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -qy --no-install-recommends $CONFORMANCE_PACKAGES
    localedef -i en_US -f UTF-8 en_US.UTF-8
    apt-get clean"
CONFORMANCE_IMAGE=rplay-conformance:$(echo "$LAB_SUITE $CONFORMANCE_RECIPE" | cksum | cut -d' ' -f1)

conformance_image() {
  docker image inspect "$CONFORMANCE_IMAGE" >/dev/null 2>&1 && return
  if [ -f "$CACHE/image.tar" ] && docker load -q -i "$CACHE/image.tar" >/dev/null 2>&1 &&
    docker image inspect "$CONFORMANCE_IMAGE" >/dev/null 2>&1; then
    return
  fi
  say "building the image that targets run in"
  local id
  id=$(docker create --network host --label rplay.lab.build=1 --entrypoint /bin/sh "$LAB_IMAGE_BARE" \
    -c "$CONFORMANCE_RECIPE")
  docker start -a "$id" >"$CACHE/image.log" 2>&1 || {
    tail -n 20 "$CACHE/image.log" >&2
    docker rm "$id" >/dev/null
    die "cannot build the image of the conformance suite"
  }
  docker commit --change 'LABEL rplay.lab.image=1' "$id" "$CONFORMANCE_IMAGE" >/dev/null
  docker rm "$id" >/dev/null
  docker save -o "$CACHE/image.tar" "$CONFORMANCE_IMAGE"
}

# The same with ansible-core in /opt/ansible, for playbooks that both engines run.
SIDE_IMAGE=rplay-side-by-side:$(echo "$CONFORMANCE_IMAGE $VERSION" | cksum | cut -d' ' -f1)

side_image() {
  docker image inspect "$SIDE_IMAGE" >/dev/null 2>&1 && return
  say "building the image with ansible-core $VERSION"
  local id wheels=$CACHE/wheels
  need_pip
  "$CACHE/pip/bin/pip" download --quiet --disable-pip-version-check --only-binary :all: \
    --python-version "$IMAGE_PYTHON" --dest "$wheels" "ansible-core==$VERSION"
  id=$(docker create --label rplay.lab.build=1 --entrypoint /bin/sh "$CONFORMANCE_IMAGE" -c "
    set -e
    python3 -m venv /opt/ansible
    /opt/ansible/bin/pip install --quiet --no-index --find-links /wheels ansible-core==$VERSION
    rm -rf /wheels")
  docker cp -q "$wheels" "$id:/wheels"
  docker start -a "$id" >"$CACHE/side-image.log" 2>&1 || {
    tail -n 20 "$CACHE/side-image.log" >&2
    docker rm "$id" >/dev/null
    die "cannot build the image with ansible-core"
  }
  docker commit --change 'LABEL rplay.lab.image=1' "$id" "$SIDE_IMAGE" >/dev/null
  docker rm "$id" >/dev/null
}
