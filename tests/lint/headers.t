#!/usr/bin/perl
# Every header compiles alone.
use strict;
use warnings;
my @headers = split /\n/, `git ls-files 'phonecfg/*.h' 'provisioning/*.h'`;
my $flags = `pkg-config --cflags libxml-2.0 jansson libcurl libidn2 sqlite3 libpq openssl libmicrohttpd`;
chomp $flags;
my $re = '-DHAVE_INTTYPES_H -DHAVE_STDBOOL_H -DHAVE_INET6 -DUSE_OPENSSL -DUSE_TLS';
my @bad;
for my $h (@headers) {
	my $out = `printf '#include "%s"\\n' $h | gcc -std=c11 -I. -D_GNU_SOURCE $re $flags -Wall -Werror -fsyntax-only -x c - 2>&1`;
	push @bad, "$h: $out" if $?;
}
print "1..1\n";
print map { s/\n/ /gr =~ s/^/# /r . "\n" } @bad;
print @bad ? "not ok 1 - headers that need another header first\n" : "ok 1 - " . @headers . " headers compile alone\n";
exit(@bad ? 1 : 0);
