# shellcheck shell=bash
# What targets source before they install Python packages: an environment of their own.
python3 -m venv "$HOME/virtualenv"
# shellcheck source=/dev/null
. "$HOME/virtualenv/bin/activate"
