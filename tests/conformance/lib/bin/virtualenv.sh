# shellcheck shell=bash
# Makes a virtual environment and enters it: the scripts of the targets source this by its name.

rm -rf "$OUTPUT_DIR/venv"
python3 -m venv --system-site-packages --without-pip "$OUTPUT_DIR/venv"
ln -s /conformance/bin/pip "$OUTPUT_DIR/venv/bin/pip"
set +ux
# shellcheck source=/dev/null
. "$OUTPUT_DIR/venv/bin/activate"
set -ux
