# $1 folder of the jobs; $2 the job, whose file is removed.

expand "$1"
rm -f -- "$path/$2"
