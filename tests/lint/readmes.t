#!/usr/bin/perl
# Each folder of code has a README.md that names each of its files, and what a README's table calls a file is there.
use strict;
use warnings;
my (%stems, @bad);
for my $f (split /\n/, `git ls-files 'phonecfg/*.[ch]' 'provisioning/*.[ch]'`) {
	my ($dir, $stem) = $f =~ m{^(.*)/([^/]+)\.[ch]$};
	$stems{$dir}{$stem} = 1 if -f $f;
}
my @readmes = grep { -f } split /\n/, `git ls-files 'phonecfg/*README.md' 'provisioning/*README.md' 'templates/*README.md'`;
my %text = map { my $f = $_; open my $in, '<', $f or die; local $/; (($f =~ s{/README\.md$}{}r) => scalar <$in>) } @readmes;
for my $dir (sort keys %stems) {
	if (!defined $text{$dir}) { push @bad, "$dir has no README.md"; next }
	for my $stem (sort keys %{ $stems{$dir} }) {
		push @bad, "$dir/README.md does not name $stem" unless $text{$dir} =~ /`\Q$stem\E(?:\.[ch]|\.\[ch\])?`/;
	}
}
for my $dir (sort keys %text) {
	my $files = 0;
	for (split /\n/, $text{$dir}) {
		$files = /^\| (?:file|folder) / if /^\|/ && !/`/ && !/^\|-/;
		$files = 0 unless /^\|/;
		next unless $files && /^\|([^|]*)\|/;
		for my $name ($1 =~ /`([^`]+)`/g) {
			$name =~ s/\.\[ch\]$//;
			push @bad, "$dir/README.md: there is no $name" unless -e "$dir/$name" || $stems{$dir}{$name};
		}
	}
}
print "1..1\n";
print map { "# $_\n" } @bad;
print @bad ? "not ok 1 - README.md and its folder disagree\n" : "ok 1 - " . keys(%stems) . " folders of code are as their README.md says\n";
exit(@bad ? 1 : 0);
