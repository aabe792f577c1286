#!/usr/bin/perl
# What the programs link and what the tests call comes from a package on the list of tests/deps.sh.
use strict;
use warnings;
my $list = `cat tests/deps.sh`;
my %listed = map { $_ => 1 } $list =~ /([a-z0-9][a-z0-9+.-]+)/g;
my @bad;
# libraries: each one that the programs name themselves must come with a -dev package on the list
for my $p (grep { -x } glob 'build/bin/*') {
	for my $so (`readelf -d $p` =~ /NEEDED.*\[(.+?)\]/g) {
		next if $so =~ /^(libc|libm|libgcc_s|libasan|libubsan|libtsan|ld-linux.*)\./;
		my ($path) = `ldconfig -p` =~ /^\s*\Q$so\E .*=> (\S+)/m;
		my $real = $path ? `readlink -f $path` : '';
		chomp $real;
		my ($pkg) = `dpkg-query -S $real 2>/dev/null || dpkg-query -S $path 2>/dev/null` =~ /^([^:]+)/;
		my $src = $pkg ? `dpkg-query -W -f '\${source:Package}' $pkg` : '';
		my $found = grep { (`dpkg-query -W -f '\${source:Package}' $_ 2>/dev/null` // '') eq $src } grep { /-dev$/ } keys %listed;
		push @bad, "$p links $so of $src: no -dev package of it in tests/deps.sh" unless $found;
	}
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
	my ($pkg) = `dpkg-query -S $path 2>/dev/null || dpkg-query -S \$(readlink -f $path) 2>/dev/null` =~ /^([^:]+)/;
	next unless $pkg;
	my $deps = `apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances @{[grep { $listed{$_} && system("dpkg-query -W $_ >/dev/null 2>&1") == 0 } keys %listed]} 2>/dev/null` unless $listed{$pkg};
	push @bad, "$t of $pkg is called; its package is not in tests/deps.sh" unless $listed{$pkg} || ($deps // '') =~ /^\Q$pkg\E$/m;
}
print "1..1\n";
print map { "# $_\n" } @bad;
print @bad ? "not ok 1 - needed and not on the list\n" : "ok 1 - everything linked and called is on the list\n";
exit(@bad ? 1 : 0);
