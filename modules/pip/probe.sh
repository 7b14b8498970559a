# $1: pip, or nothing; $2: the virtual environment, or nothing; $3: the file of requirements, or
# nothing; $4: the folder to work in, or nothing; then requirements. Prints name NUL content NUL ….
part() { printf '%s\0' "$1"; }
end() { printf '\0'; }
[ -z "$4" ] || cd "$4" 2>/dev/null || :
file=$3
if [ -n "$1" ]; then
    pip=$(command -v "$1")
elif [ -n "$2" ]; then
    pip=$(command -v "$2/bin/pip")
else
    pip=$(command -v pip3 || command -v pip)
fi
shift 4
part pip
printf '%s' "$pip"
end
part python
command -v python3
end
part venv
command -v virtualenv
end
if [ -n "$pip" ]; then
    part list
    "$pip" list --format=freeze --disable-pip-version-check 2>/dev/null
    end
    part dry
    # Without an index nothing is fetched: what is there is found to be enough, or not.
    "$pip" install --dry-run --no-index --disable-pip-version-check ${file:+-r "$file"} "$@" 2>&1 </dev/null
    status=$?
    end
    part status
    printf '%s' "$status"
    end
fi
part finished
end
