# Ends what the shell $1 runs: all that descends from its children, and what they left behind in
# its process group. TERM first; what is there after $2 seconds gets KILL.
shell=$1 seconds=$2

# Where there is no /proc, the whole group goes, the shell with it.
if [ ! -r /proc/self/stat ]; then
	group=$(ps -o pgid= -p "$shell") || exit
	kill -s TERM -- "-${group##* }"
	sleep "$seconds"
	kill -s KILL -- "-${group##* }"
	exit
fi

# All processes, each as pid:parent:group:start.
look() {
	processes=
	for entry in /proc/[0-9]*; do
		{ read -r line <"$entry/stat"; } 2>/dev/null || continue
		pid=${line%% *}
		# Behind the name: state, parent, group; the start time is the twentieth.
		set -- ${line##*) }
		processes="$processes $pid:$2:$3:${20}"
	done
}

split() {
	IFS=:
	set -- $1
	unset IFS
	pid=$1 parent=$2 group=$3 start=$4
}

# The processes to end. Older ones of the group belong to work that was done before.
choose() {
	chosen= ours= since=
	for process in $processes; do
		split "$process"
		[ "$pid" != "$shell" ] || ours=$group
		[ "$parent" = "$shell" ] || continue
		[ -n "$since" ] && [ "$since" -le "$start" ] || since=$start
	done
	[ -n "$since" ] || return
	before=none
	while [ "$chosen" != "$before" ]; do
		before=$chosen
		for process in $processes; do
			split "$process"
			case " $shell $chosen " in *" $pid "*) continue ;; esac
			case " $shell $chosen " in
			*" $parent "*) chosen="$chosen $pid" ;;
			*) [ "$group" != "$ours" ] || [ "$start" -lt "$since" ] || chosen="$chosen $pid" ;;
			esac
		done
	done
}

any_left() {
	for pid in $chosen; do
		kill -s 0 "$pid" 2>/dev/null && return
	done
	return 1
}

look
choose
[ -n "$chosen" ] || exit 0
kill -s TERM $chosen 2>/dev/null
passed=0
while any_left && [ "$passed" -lt "$((seconds * 10))" ]; do
	sleep 0.1 2>/dev/null || { sleep 1; passed=$((passed + 9)); }
	passed=$((passed + 1))
done
any_left || exit 0
# What was started in the meantime goes too, as long as its ancestor is there to be known by.
first=$chosen
look
choose
kill -s KILL $first $chosen 2>/dev/null
exit 0
