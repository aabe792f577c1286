#!/usr/bin/perl
# The makefile: nothing to do twice, a changed flag rebuilds, kinds stand side by side, quiet unless V=1.
use strict;
use warnings;
print "1..5\n";
my ($n, $bad) = (0, 0);
sub ok { my ($good, $name) = @_; $n++; $bad++ unless $good; print $good ? '' : 'not ', "ok $n - $name\n" }
delete @ENV{qw(V MAKEFLAGS MFLAGS MAKEOVERRIDES)}; # of `make check V=1`
my $make = 'make --no-print-directory -j2';
ok(system("$make all >/dev/null 2>&1") == 0, 'make all');
my $again = `$make all 2>&1`;
ok($again !~ /CC|AR|LD|gcc/, 'the second time nothing is compiled');
my $one = 'build/flags-probe/obj/phonecfg/base/slice.o';
`rm -rf build/flags-probe; $make OUT=build/flags-probe $one 2>&1`;
ok(scalar(`$make OUT=build/flags-probe CFLAGS=-DPROBE=1 $one 2>&1` =~ /CC\s+phonecfg\/base\/slice\.c/), 'another flag compiles again');
ok(scalar(`$make OUT=build/flags-probe CFLAGS=-DPROBE=2 V=1 $one 2>&1` =~ /gcc .*-DPROBE=2/), 'V=1 prints the command');
ok(-x 'build/bin/rekeyd' && -x 'build/bin/phonecfg', 'both programs stand in build/bin');
system('rm -rf build/flags-probe');
exit($bad ? 1 : 0);
