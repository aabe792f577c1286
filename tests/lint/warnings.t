#!/usr/bin/perl
# gcc and clang, all warnings, as errors. Objects are kept under build/, so a second run is quick.
use strict;
use warnings;
# clang's warnings do not depend on what is optimized; gcc's do.
my @kinds = (['gcc', '-Werror'], ['clang', '-Werror -O0']);
print "1..", scalar @kinds, "\n";
my ($n, $bad) = (0, 0);
for (@kinds) {
	my ($cc, $flags) = @$_;
	$n++;
	my $out = `make --no-print-directory -j2 -k CC=$cc OUT=build/lint-$cc CFLAGS='$flags' KIND=lint-$cc all 2>&1`;
	if ($?) { print map { "# $_\n" } grep { defined } (grep { /error|warning|\Q***\E/ } split /\n/, $out)[0 .. 20]; $bad++ }
	print $? ? "not " : "", "ok $n - $cc $flags\n";
}
exit($bad ? 1 : 0);
