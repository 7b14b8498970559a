# What tells whether this shell runs in a container; sections.sh comes before this.
for file in cpuset cgroup mountinfo; do
    if [ -r "/proc/self/$file" ]; then
        part "$file"
        cat "/proc/self/$file"
        end
    fi
done
