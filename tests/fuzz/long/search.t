#!/usr/bin/perl
# libFuzzer searches with every target, FUZZ_SECONDS each (default 60), from a copy of its corpus. What it finds is left in
# build/fuzz/found/ and belongs into the corpus, beside the mending.
use strict;
use warnings;
my $seconds = $ENV{FUZZ_SECONDS} // 60;
my @targets = grep { -x && !/\.d$/ } glob 'build/fuzz/fuzz/fuzz_*';
print '1..', scalar @targets, "\n";
my ($n, $bad) = (0, 0);
for my $t (@targets) {
	my ($name) = $t =~ /fuzz_(\w+)$/;
	my ($work, $found) = ("build/fuzz/work/$name", "build/fuzz/found/$name");
	system('mkdir', '-p', $work, $found);
	my @corpus = grep { -d } ("tests/fuzz/corpus/$name");
	my $out = `$t -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$found/ $work @corpus 2>&1`;
	my $code = $?;
	my ($runs) = $out =~ /number_of_executed_units:\s*(\d+)/;
	$n++;
	$bad++ if $code;
	print map { "# $_\n" } (split /\n/, $out)[-25 .. -1] if $code;
	print $code ? 'not ' : '', "ok $n - $name: ", $runs // 0, " runs\n";
}
exit($bad ? 1 : 0);
