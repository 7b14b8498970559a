# $1 folder of the jobs; $2 the job; $3 the most seconds it may take; $4 whether empty lines at the
# end of its output are kept; $5 the command as it is returned, in JSON; $6 the script that watches
# over it; $7 the job's own script; then its arguments. It reads what this reads.
# Output: the job's file.

for needed in awk setsid; do
    command -v "$needed" >/dev/null || {
        echo "the host has no program \`$needed\`" >&2
        exit 1
    }
done
expand "$1"
file=$path/$2
(
    umask 077
    mkdir -p -- "$path" && cat >"$file.in" &&
        printf '{"started": true, "finished": false, "ansible_job_id": "%s"}\n' "$2" >"$file"
) || exit
id=$2 seconds=$3 keep=$4 shown=$5 watch=$6
shift 6
# In a session of its own, so that the end of this one is not its end.
setsid /bin/sh -c "$watch" sh "$file" "$id" "$seconds" "$keep" "$shown" "$@" \
    </dev/null >/dev/null 2>&1 &
printf %s "$file"
