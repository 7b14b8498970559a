#!/usr/bin/perl
# A web server for a few requests, each answered after the other. $1 is its port.
use strict;
use warnings;
use IO::Socket::INET;

my $modified = 'Thu, 01 Jan 2026 00:00:00 GMT';
my $content  = "content of the file\n";
my $server   = IO::Socket::INET->new(
    LocalAddr => '127.0.0.1', LocalPort => shift, Listen => 20, ReuseAddr => 1, Proto => 'tcp',
) or die "listening: $!";
$SIG{CHLD} = 'IGNORE';

while (my $client = $server->accept) {
    next if fork;
    close $server;
    answer($client);
    exit;
}

sub answer {
    my ($client) = @_;
    my ($method, $path) = split ' ', <$client> // return;
    my %head;
    while (my $line = <$client>) {
        last if $line =~ /^\r?$/;
        $head{lc $1} = $2 if $line =~ /^([^:]+):\s*(.*?)\r?$/;
    }
    my $body = '';
    read $client, $body, $head{'content-length'} if $head{'content-length'};
    read $client, my $end, 1 if $path eq '/slow';    # until the client gives up
    my ($status, $type, $text, %more) = reply($method, $path, $body, \%head);
    my $length = length $text;
    print $client "HTTP/1.1 $status\r\nContent-Type: $type\r\nContent-Length: $length\r\nConnection: close\r\n";
    print $client "$_: $more{$_}\r\n" for sort keys %more;
    print $client "\r\n", $method eq 'HEAD' ? '' : $text;
    close $client;
}

sub reply {
    my ($method, $path, $body, $head) = @_;
    my $json = 'application/json';
    return ('200 OK', $json, '{"n": 7}') if $path eq '/json';
    return ('302 Found', 'text/plain', '', Location => '/json') if $path eq '/redirect';
    if ($path eq '/echo') {
        my %said = (method => $method, body => $body, type => $head->{'content-type'}, extra => $head->{'x-extra'});
        return ('201 Created', $json, '{' . join(', ', map { quoted($_) . ': ' . quoted($said{$_}) } sort keys %said) . '}');
    }
    if ($path eq '/auth') {
        my ($sent) = ($head->{authorization} // '') =~ /^Basic (.*)/;
        return ('401 Unauthorized', 'text/plain', '', 'WWW-Authenticate' => 'Basic realm="x"') if !$sent;
        return ('200 OK', $json, '{"sent": ' . quoted($sent) . '}');
    }
    if ($path eq '/file') {
        my $since = $head->{'if-modified-since'};
        return ('304 Not Modified', 'text/plain', '') if $since;
        return ('200 OK', 'text/plain', $content, 'Last-Modified' => $modified);
    }
    return ('200 OK', 'text/plain', `printf '$content' | sha256sum | sed 's/-/file/'`) if $path eq '/SHA256SUMS';
    return ('404 Not Found', 'text/plain', "no $path\n");
}

sub quoted {
    my $text = shift // '';
    $text =~ s/([\\"])/\\$1/g;
    return "\"$text\"";
}
