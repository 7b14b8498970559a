# $1 the job's file; $2 the job; $3 the most seconds it may take; $4 whether empty lines at the end
# of its output are kept; $5 the command as it is returned, in JSON; $6 its script; then its
# arguments. What it reads is in `$1.in`.
# When it has ended, its result stands in the file.

# The most bytes of each output in the result.
most=4194304

# The output $1 as the inside of a JSON string.
encode() {
    {
        if [ "$(wc -c <"$1")" -le "$most" ]; then
            cat "$1"
        else
            head -c "$((most / 2))" "$1"
            printf '\n…\n'
            tail -c "$((most / 2))" "$1"
        fi
        # Tells whether there was a line feed at the end.
        echo '|'
    } | tr -d '\000' | LC_ALL=C sed 's/[\\"]/\\&/g' | LC_ALL=C awk -v keep="$keep" '
        BEGIN {
            ORS = ""
            for (i = 1; i < 32; i++) {
                sign[i] = sprintf("%c", i)
                code[i] = sprintf("\\u%04x", i)
            }
        }
        function put(text) {
            if (text == "") return
            for (; ends > 0; ends--) print "\\n"
            print text
        }
        NR > 1 { put(last); ends++ }
        { last = $0 }
        last ~ /[\001-\037]/ { for (i = 1; i < 32; i++) if (i != 10) gsub(sign[i], code[i], last) }
        END {
            put(substr(last, 1, length(last) - 1))
            if (keep) for (; ends > 0; ends--) print "\\n"
        }'
}

left_out() {
    bytes=$(($(wc -c <"$1") - most))
    [ "$bytes" -gt 0 ] || bytes=0
    echo "$bytes"
}

result() {
    printf '{"ansible_job_id": "%s", "changed": true, "cmd": %s, ' "$id" "$shown"
    if [ -e "$file.late" ]; then
        printf '"failed": true, "msg": "Timeout exceeded", "child_pid": %s, ' "$pid"
    elif [ "$rc" -eq 0 ]; then
        printf '"msg": "", '
    else
        printf '"failed": true, "msg": "non-zero return code", '
    fi
    lost=$(($(left_out "$file.out") + $(left_out "$file.err")))
    [ "$lost" -eq 0 ] || printf '"output_left_out": %s, ' "$lost"
    printf '"rc": %s, "start": "%s.000000", "end": "%s.000000", ' "$rc" "$start" "$end"
    printf '"delta": "%d:%02d:%02d.000000", ' \
        "$((took / 3600))" "$((took / 60 % 60))" "$((took % 60))"
    printf '"stdout": "'
    encode "$file.out"
    printf '", "stderr": "'
    encode "$file.err"
    printf '"}\n'
}

file=$1 id=$2 seconds=$3 keep=$4 shown=$5 script=$6
shift 6
exec 3<"$file.in"
rm -f -- "$file.in"
(
    umask 077
    : >"$file.out" && : >"$file.err"
) || exit
start=$(date -u '+%Y-%m-%d %H:%M:%S') began=$(date +%s)
setsid /bin/sh -c "$script" sh "$@" <&3 3<&- >"$file.out" 2>"$file.err" &
pid=$!
exec 3<&-
setsid /bin/sh -c 'sleep "$1"; : >"$2.late"; kill -s KILL -- "-$3"' sh "$seconds" "$file" "$pid" &
timer=$!
wait "$pid"
rc=$?
# Some shells count a signal from 256 on.
[ "$rc" -lt 256 ] || rc=$((rc - 128))
kill -s KILL -- "-$timer" "$timer"
end=$(date -u '+%Y-%m-%d %H:%M:%S') took=$(($(date +%s) - began))
umask 077
result >"$file.new" && mv -f -- "$file.new" "$file"
rm -f -- "$file.out" "$file.err" "$file.late"
