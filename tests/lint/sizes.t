#!/usr/bin/perl
# Functions up to 100 lines, files up to 1,000, unless tests/lint/sizes.allow gives a reason.
use strict;
use warnings;
my %allow;
if (open my $in, '<', 'tests/lint/sizes.allow') {
	while (<$in>) { $allow{$1} = 1 if /^(\S+)\s+\S/ && !/^#/ }
}
my @bad;
my @files = split /\n/, `git ls-files 'phonecfg/*.[ch]' 'provisioning/*.[ch]' 'tests/*.[ch]'`;
for my $f (@files) {
	open my $in, '<', $f or die;
	my ($start, $head, $name) = (0, '', '');
	while (<$in>) {
		$head = $_ if /^[a-zA-Z_].*\(/;
		if (/^\{/) { $start = $.; ($name) = $head =~ /(\w+)\s*\(/; $name //= '?' }
		if (/^\}/ && $start) {
			my $lines = $. - $start - 1;
			push @bad, "$f:$start: $name has $lines lines" if $lines > 100 && !$allow{"$f:$name"};
			$start = 0;
		}
	}
	push @bad, "$f has $. lines" if $. > 1000 && !$allow{$f};
}
print "1..1\n";
print map { "# $_\n" } @bad;
print @bad ? "not ok 1 - too long; split it, or give a reason in tests/lint/sizes.allow\n" : "ok 1 - sizes of " . @files . " files\n";
exit(@bad ? 1 : 0);
