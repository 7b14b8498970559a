# $1: pip, or nothing where it comes with the environment; $2: the virtual environment; $3: what
# makes it; $4: its python; $5: whether it sees the system's packages; $6: the umask; then the
# arguments of pip.
pip=$1 venv=$2 maker=$3 python=$4 site=$5
[ -z "$6" ] || umask "$6"
shift 6
if [ -n "$venv" ] && [ ! -x "$venv/bin/pip" ]; then
    if [ -n "$maker" ]; then
        "$maker" ${python:+-p "$python"} ${site:+--system-site-packages} "$venv" || exit
    else
        "${python:-python3}" -m venv ${site:+--system-site-packages} "$venv" || exit
    fi
fi
exec "${pip:-$venv/bin/pip}" "$@" </dev/null
