# Waits until the Engine answers. $1: its address; $2: the most seconds. Prints what it says of
# itself; or, with status 1, the end of its log.
end=$(($(date +%s) + $2))
while :; do
    said=$(ask_engine "$1" version) && [ -n "$said" ] && printf '%s\n' "$said" && exit 0
    [ "$(date +%s)" -lt "$end" ] || break
    sleep 0.2
done
engine_log
exit 1
