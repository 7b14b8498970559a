# $1 folder of the jobs; $2 the job. Standard input is what its file is to hold.
# Output: the job's file.

expand "$1"
umask 077
mkdir -p -- "$path" && cat >"$path/$2.new" && mv -f -- "$path/$2.new" "$path/$2" || exit
printf %s "$path/$2"
