#!/usr/bin/perl
# What the programs link and what the tests call comes from a package on the list of tests/deps.sh.
use strict;
use warnings;
my $list = `cat tests/deps.sh`;
my %listed = map { $_ => 1 } $list =~ /([a-z0-9][a-z0-9+.-]+)/g;
my @bad;
# What dpkg and apt know, asked once: each question by itself takes a good part of a second.
my %source = map { chomp; split /\t/ } `dpkg-query -W -f '\${db:Status-Abbrev}\${Package}\t\${source:Package}\n' | sed -n 's/^ii //p'`;
my %listed_source = map { $source{$_} => 1 } grep { /-dev$/ && $source{$_} } keys %listed;
my @there = grep { $source{$_} } keys %listed;
my $recursive = '--recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances';
my %needed = map { $_ => 1 } `apt-cache depends $recursive @there 2>/dev/null` =~ /^(\S+)$/mg;

sub package_of {
	my ($path) = @_;
	my ($pkg) = `dpkg-query -S $path 2>/dev/null || dpkg-query -S \$(readlink -f $path) 2>/dev/null` =~ /^([^:]+)/;
	return $pkg;
}

# libraries: each one that the programs name themselves must come with a -dev package on the list
my $known = `ldconfig -p`;
my %links;
for my $p (grep { -x } glob 'build/bin/*') {
	$links{$_} //= $p for `readelf -d $p` =~ /NEEDED.*\[(.+?)\]/g;
}
for my $so (sort keys %links) {
	next if $so =~ /^(libc|libm|libgcc_s|libasan|libubsan|libtsan|ld-linux.*)\./;
	my ($path) = $known =~ /^\s*\Q$so\E .*=> (\S+)/m;
	my $pkg = $path ? package_of($path) : undef;
	my $src = ($pkg ? $source{$pkg} : undef) // '';
	push @bad, "$links{$so} links $so of $src: no -dev package of it in tests/deps.sh" unless $listed_source{$src};
}
# commands that tests name by themselves: each comes from a listed package or from Debian's essential ones
my @tools = qw(node npm chromium curl openssl sipp kamailio baresip linphonec linphonecsh zbarimg zint qrencode rsvg-convert valgrind clang clang-format cppcheck xmllint sqlite3 python3 perl prove ip nsenter unshare initdb psql git make gcc);
my $tests = `git ls-files tests Makefile provisioning/demo | xargs cat`;
for my $t (@tools) {
	next unless $tests =~ /(?:^|[^\w.-])\Q$t\E(?:[^\w-]|$)/m;
	my $path = `sh -c 'command -v $t'`;
	$path = (glob "/usr/lib/postgresql/*/bin/$t")[0] // '' unless $path;
	chomp $path;
	if (!$path) { push @bad, "$t is called and not installed"; next }
	$path = "/usr/bin/$t" if -x "/usr/bin/$t";
	my $pkg = package_of($path);
	push @bad, "$t of $pkg is called; its package is not in tests/deps.sh" if $pkg && !$listed{$pkg} && !$needed{$pkg};
}
print "1..1\n";
print map { "# $_\n" } @bad;
print @bad ? "not ok 1 - needed and not on the list\n" : "ok 1 - everything linked and called is on the list\n";
exit(@bad ? 1 : 0);
