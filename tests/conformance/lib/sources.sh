# shellcheck shell=bash
# What is downloaded from PyPI, and kept.

# need_pip: a pip of this machine's, whatever its Python may install to.
need_pip() {
  mkdir -p "$CACHE"
  command -v python3 >/dev/null || install_packages python3 python3-venv
  [ -x "$CACHE/pip/bin/pip" ] || python3 -m venv "$CACHE/pip" 2>/dev/null ||
    { install_packages python3-venv && python3 -m venv "$CACHE/pip"; }
}

# need_sources PACKAGE VERSION: its sources in $CACHE; this machine's Python need not be one for it.
need_sources() {
  local archive=${1//-/_}-$2.tar.gz
  [ -f "$CACHE/$archive" ] && return
  say "downloading the sources of $1 $2"
  need_pip
  "$CACHE/pip/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary "$1" \
    --ignore-requires-python --dest "$CACHE/download" "$1==$2"
  mv "$CACHE/download/$archive" "$CACHE/$archive"
}
