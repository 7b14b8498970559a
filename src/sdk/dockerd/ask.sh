# ask_engine ADDRESS PATH: what the Engine answers to GET PATH; ADDRESS is unix:///… or tcp://….
# With whatever the host has: the CLI comes last, as it takes longest.
ask_engine() {
    case $1 in
        unix://*) [ -S "${1#unix://}" ] || return ;;
    esac
    if command -v curl >/dev/null 2>&1; then
        case $1 in
            unix://*) curl -fs -m 5 --unix-socket "${1#unix://}" "http://docker/$2" 2>/dev/null ;;
            *) curl -fs -m 5 --noproxy '*' "http://${1#*://}/$2" 2>/dev/null ;;
        esac
    elif command -v perl >/dev/null 2>&1; then
        # shellcheck disable=SC2016 # these are variables of perl
        timeout 5 perl -MIO::Socket -e '
            my ($address, $path) = @ARGV;
            my $socket = $address =~ s{^unix://}{}
                ? IO::Socket::UNIX->new(Peer => $address)
                : IO::Socket::INET->new(PeerAddr => $address =~ s{^tcp://}{}r);
            $socket or exit 1;
            print $socket "GET /$path HTTP/1.0\r\nHost: docker\r\n\r\n";
            local $/;
            my ($head, $body) = split /\r\n\r\n/, <$socket>, 2;
            exit 1 unless $head =~ m{^HTTP/1\.[01] 200 };
            print $body;
        ' -- "$1" "$2" 2>/dev/null
    elif command -v docker >/dev/null 2>&1; then
        case $2 in
            version) DOCKER_HOST=$1 timeout 5 docker version --format '{{json .Server}}' 2>/dev/null ;;
            info) DOCKER_HOST=$1 timeout 5 docker info --format '{{json .}}' 2>/dev/null ;;
        esac
    fi
}

