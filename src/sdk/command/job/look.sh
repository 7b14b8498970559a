# $1 folder of the jobs; $2 the job.
# Output: the job's file; where there is one, a NUL and its content.

expand "$1"
printf %s "$path/$2"
[ ! -e "$path/$2" ] || {
    printf '\000'
    cat -- "$path/$2"
}
