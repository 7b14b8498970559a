# Downloads a file; place.sh comes before this. Standard input: the configuration of curl, which
# writes to the new file. In the environment: fetch_algorithm and fetch_sum, the checksum it must
# have; fetch_present, the SHA-1 of the file that is there; fetch_plain, the URL where nothing but
# it is needed, and fetch_time, how many seconds it may take, for wget.
# Output: what curl prints, the SHA-1 of the download, `same` where the file that is there has it,
# each ended by NUL; else what `place` prints.
# Status 7: another status than 2xx, 8: another checksum, 9: neither curl nor wget, 10: wget failed.

command -v curl >/dev/null 2>&1 || command -v wget >/dev/null 2>&1 || exit 9
make_new
if command -v curl >/dev/null 2>&1; then
    said=$(curl -q -K -) || exit 1
elif [ -z "$fetch_plain" ]; then
    exit 9
else
    case $fetch_plain in
    https:*) wget --version 2>&1 | grep -q GNU || exit 9 ;;
    esac
    # Some builds of BusyBox do not survive their own option for a time limit.
    said=$(timeout "$fetch_time" wget -O "$new" "$fetch_plain" 2>&1) || {
        printf '%s\n' "$said" >&2
        exit 10
    }
    said="
200 0 $fetch_plain"
fi
code=${said##*"
"}
case ${code%% *} in
2?? | 000) ;;
*)
    printf %s "$said"
    exit 7
    ;;
esac
if [ -n "$fetch_sum" ]; then
    sum_up "$fetch_algorithm" "$new"
    if [ "$sum" != "$fetch_sum" ]; then
        printf %s "$sum" >&2
        exit 8
    fi
fi
sum_up sha1 "$new"
if [ -n "$sum" ] && [ "$sum" = "$fetch_present" ]; then
    printf '%s\0%s\0same\0' "$said" "$sum"
    exit 0
fi
settle
printf '%s\0%s\0\0' "$said" "$sum"
place "$@"
