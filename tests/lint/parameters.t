#!/usr/bin/perl
# A parameter's name stands in its template and in its row (firmware-profiles/*/parameters.txt), nowhere else in the program:
# every text in the C sources is held against all patterns. Exception: phonecfg/handset, where the rules of a phone's own
# behaviour name what they are about, each with its fact. Proves itself: a planted name must be found.
use strict;
use warnings;
my %known;
for my $file (glob 'firmware-profiles/*/parameters.txt') {
	open my $in, '<', $file or die;
	while (<$in>) {
		next if /^#|^P /;
		my ($name) = /^([^\t\n]+)/ or next;
		$known{$name} = $file if $name =~ /[._]/ || $name =~ /^P\d+$/;
	}
}

# The names in one text of a source: numbers and conversions stand for {}.
sub names {
	my ($text) = @_;
	my @found;
	$text =~ s/%(?:[0-9.*]*)(?:l|ll|z|h)?[dux]/{}/g;
	for my $word ($text =~ /([A-Za-z0-9_.{}]+)/g) {
		my $pattern = join '.', map { /^\d+$/ ? '{}' : $_ } split /\./, $word, -1;
		$pattern =~ s/\.$//;
		push @found, $word if $known{$pattern};
	}
	return @found;
}

sub look {
	my ($source) = @_;
	my @bad;
	# Comments away, lines kept; then every text.
	$source =~ s{("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+')|/\*.*?\*/|//[^\n]*}{ defined $1 ? $1 : do { my $c = $&; $c =~ s/[^\n]//g; $c } }gse;
	my $line = 0;
	for my $row (split /\n/, $source) {
		$line++;
		next if $row =~ /^\s*#\s*include/;
		push @bad, map { [ $line, $_ ] } names($_) for $row =~ /"((?:[^"\\]|\\.)*)"/g;
	}
	return @bad;
}

my @src = grep { -f && !m{^phonecfg/handset/} } split /\n/, `git ls-files 'phonecfg/*.[ch]' 'provisioning/*.[ch]'`;
my @bad;
for my $file (@src) {
	open my $in, '<', $file or die;
	local $/;
	push @bad, map { "$file:$_->[0]: $_->[1]" } look(scalar <$in>);
}
my @planted = (
	[ 'const char *s = "account.1.label";', 1 ],
	[ "int x;\nf(\"account.%u.sip_server.%u.address = \", n, m);", 1 ],
	[ 'tval_put_str(o, "reg.{}.address", v);', 1 ],
	[ 'buf_str(b, "voice.codecPref.G722=\"1\"");', 1 ],
	[ '{ "P271", 1 },', 1 ],
	[ '/* account.1.label is the label */ int label;', 0 ],
	[ 'tval_put_str(o, "label", "address");', 0 ],
	[ '#include "phonecfg/vendor/view.h"', 0 ],
);
print "1..3\n";
print keys(%known) > 5000 && @src > 100 ? '' : 'not ', 'ok 1 - ', scalar keys %known, ' names, ', scalar @src, " sources\n";
print "# $_\n" for @bad;
print @bad ? 'not ' : '', "ok 2 - a parameter's name stands in its template and its row only\n";
my @missed = grep { (look($_->[0]) ? 1 : 0) != $_->[1] } @planted;
print "# $_->[0]\n" for @missed;
print @missed ? 'not ' : '', "ok 3 - a planted name is found, another word is not\n";
exit(@bad || @missed || keys(%known) <= 5000 ? 1 : 0);
