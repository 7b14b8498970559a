# look_packages MANAGER VERBS OPTIONS NAME…
#
# MANAGER is `auto` or a name; VERBS are words; OPTIONS are lines `MANAGER:OPTION`.
# Prints the parts manager, lists, installed, missing, updates, and plan:VERB, status:VERB.
# shellcheck disable=SC2154 # newline is that of sections.sh
look_packages() {
    manager=$1 verbs=$2 options=$3
    shift 3
    [ "$manager" = auto ] && manager=$(find_manager)
    [ -n "$options" ] && options=$(printf '%s\n' "$options" | sed -n "s/^$manager://p")
    part manager
    printf '%s' "$manager"
    end
    missing=
    case $manager in
        apt) look_apt "$@" ;;
        dnf | yum | zypper) look_rpm "$@" ;;
        apk) look_listed "$(apk_installed)" "$@" ;;
        pacman) look_listed "$(pacman -Q 2>/dev/null | sed 's/ / installed /')" "$@" ;;
    esac
    part missing
    printf '%s' "$missing"
    end
    case " $verbs " in *" latest "*) [ "$manager" = apt ] || look_updates "$@" ;; esac
}

find_manager() {
    for pair in apt:apt-get dnf:dnf yum:yum zypper:zypper apk:apk pacman:pacman; do
        command -v "${pair#*:}" >/dev/null 2>&1 && printf '%s' "${pair%%:*}" && return
    done
}

# Names without `=version` and `/release`.
bare() { for name; do printf '%s\n' "${name%%[=/]*}"; done; }

# Splits OPTIONS and lists of names at newlines only, and takes no `*` for files.
# shellcheck disable=SC2154 # newline is that of sections.sh
by_lines() { set -f && IFS=$newline; }
by_blanks() { set +f && unset IFS; }

# Notes the names that no line `NAME installed VERSION` of $installed satisfies. A version that
# ends with `*` is the beginning of one.
find_missing() {
    for name; do
        case $name in
            *=*\*) line="${name%%=*} installed ${name#*=}" line=${line%\*} ;;
            *=*) line="${name%%=*} installed ${name#*=}$newline" ;;
            *) line="$name installed " ;;
        esac
        case "$newline$installed$newline" in
            *"$newline$line"*) ;;
            *) missing=$missing$name$newline ;;
        esac
    done
}

look_listed() {
    installed=$1
    shift
    find_missing "$@"
    part installed
    for name; do printf '%s\n' "$installed" | grep -F "${name%%[=<>~]*} installed "; done
    end
}

apk_installed() {
    awk '/^P:/ { name = substr($0, 3) } /^V:/ { print name, "installed", substr($0, 3) }' \
        /lib/apk/db/installed
}

look_rpm() {
    installed=$(
        bare "$@" | while IFS= read -r name; do
            rpm -q --qf '%{NAME} installed %{VERSION}-%{RELEASE}\n%{NAME}.%{ARCH} installed %{VERSION}-%{RELEASE}\n%{NAME}-%{VERSION} installed %{VERSION}-%{RELEASE}\n%{NAME}-%{VERSION}-%{RELEASE} installed %{VERSION}-%{RELEASE}\n' "$name" 2>/dev/null ||
                rpm -q --qf "$name installed %{VERSION}-%{RELEASE}\\n" --whatprovides "$name" 2>/dev/null
        done | grep ' installed '
    )
    find_missing "$@"
    part installed
    printf '%s\n' "$installed"
    end
}

look_updates() {
    by_lines
    part updates
    # shellcheck disable=SC2086 # one option on a line
    case $manager in
        dnf) dnf check-update -q $options "$@" 2>/dev/null ;;
        yum) yum check-update -q $options "$@" 2>/dev/null ;;
        zypper) zypper list-updates 2>/dev/null </dev/null ;;
        apk) apk version -l '<' "$@" 2>/dev/null ;;
        pacman) pacman -Qu "$@" 2>/dev/null ;;
    esac
    end
    by_blanks
}

look_apt() {
    part lists
    # The time of the folder tells nothing where there are no lists in it.
    for file in /var/lib/apt/lists/*Packages*; do
        [ -f "$file" ] || break
        stat -c %Y /var/lib/apt/lists /var/lib/apt/periodic/update-success-stamp 2>/dev/null
        break
    done
    end
    part now
    date +%s
    end
    by_lines
    # shellcheck disable=SC2046 # one name on a line
    [ $# -gt 0 ] && [ "$verbs" != deb ] && installed=$(
        dpkg-query -W -f '${Package} ${db:Status-Status} ${Version}\n${Package}:${Architecture} ${db:Status-Status} ${Version}\n' \
            $(bare "$@") 2>/dev/null | grep -v ' not-installed '
    )
    by_blanks
    find_missing "$@"
    [ -n "$missing" ] && drop_provided
    part installed
    printf '%s\n' "$installed"
    end
    for verb in $verbs; do
        by_lines
        # shellcheck disable=SC2046,SC2086 # one name or option on a line
        case $verb in
            present) [ -n "$missing" ] && simulate "$verb" $options install $missing ;;
            latest) simulate "$verb" $options install "$@" ;;
            absent) set -- $(there 'installed') && [ $# -gt 0 ] && simulate "$verb" $options remove "$@" ;;
            purge) set -- $(there 'installed\|config-files') && [ $# -gt 0 ] && simulate "$verb" $options purge "$@" ;;
            build-dep) simulate "$verb" $options build-dep "$@" ;;
            fixed) simulate "$verb" $options --fix-broken install ;;
            upgrade) simulate "$verb" $options --with-new-pkgs upgrade ;;
            dist-upgrade) simulate "$verb" $options dist-upgrade ;;
            autoremove) simulate "$verb" $options autoremove ;;
            autoclean) simulate "$verb" $options autoclean ;;
            clean) look_archives ;;
            deb) look_deb "$1" ;;
        esac
        by_blanks
    done
}

# The packages of $installed in one of these states, each once.
there() { printf '%s\n' "$installed" | sed -n "s/^\\([^ ]*:[^ ]*\\) \\($1\\) .*/\\1/p"; }

# A virtual package is there when a package that provides it is.
drop_provided() {
    provided=$(dpkg-query -W -f '${db:Status-Status} ${Provides},\n' | grep '^installed [^,]')
    virtual=$missing missing=
    by_lines
    for name in $virtual; do
        case $provided in
            *" $name,"* | *" $name ("*) ;;
            *) missing=$missing$name$newline ;;
        esac
    done
    by_blanks
}

simulate() {
    verb=$1
    shift
    part "plan:$verb"
    # Its cache is used where it is fresh, and never written: this only looks.
    cache=/var/cache/apt/pkgcache.bin
    # shellcheck disable=SC3013 # dash, busybox, bash and ksh have -nt
    if [ "$cache" -nt /var/lib/apt/lists ] && [ "$cache" -nt /var/lib/dpkg/status ]; then
        LC_ALL=C apt-get -s -y "$@" 2>&1
    else
        LC_ALL=C apt-get -s -y -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= "$@" 2>&1
    fi
    status=$?
    end
    part "status:$verb"
    printf '%s' "$status"
    end
    case "$status $missing" in *=*) known_versions ;; esac
}

known_versions() {
    [ "$status" -eq 0 ] && return
    part versions
    # shellcheck disable=SC2046,SC2086 # one name on a line
    LC_ALL=C apt-cache madison $(bare $missing) 2>/dev/null | head -n 20
    end
}

look_archives() {
    part plan:clean
    find /var/cache/apt/archives -maxdepth 2 -name '*.deb' 2>/dev/null | sed 's/^/Del /'
    end
}

look_deb() {
    part deb
    case $1 in
        http://* | https://* | ftp://*)
            # The fields stand at the beginning: the rest is not fetched.
            if command -v curl >/dev/null 2>&1; then
                curl -fsSL -- "$1" 2>/dev/null | dpkg-deb -f /dev/stdin Package Version Architecture 2>/dev/null
            elif command -v wget >/dev/null 2>&1; then
                wget -O- -q -- "$1" 2>/dev/null | dpkg-deb -f /dev/stdin Package Version Architecture 2>/dev/null
            else
                printf 'fetcher missing\n'
            fi
            ;;
        *) dpkg-deb -f "$1" Package Version Architecture 2>&1 ;;
    esac | tee_deb
    end
    # shellcheck disable=SC2086 # one option on a line
    [ -f "$1" ] && simulate deb $options install "$1"
}

# Passes the fields on, and adds what is installed of the package.
tee_deb() {
    while IFS= read -r line; do
        printf '%s\n' "$line"
        case $line in
            'Package: '*)
                dpkg-query -W -f 'Installed: ${db:Status-Status} ${Version}\n' "${line#Package: }" 2>/dev/null
                ;;
        esac
    done
}
