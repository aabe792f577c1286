#!/usr/bin/perl
# A vendor parameter's name stands in the templates, and where a phone's own behaviour is described; nowhere else. No shell,
# no banned calls, no unfinished marks, SQL only in .sql files.
use strict;
use warnings;
my @src = split /\n/, `git ls-files 'phonecfg/*.[ch]' 'provisioning/*.[ch]'`;
my (%bad, @names);
my @checks = (
	[ 'vendor parameter names', qr/"(?:static\.|account\.|linekey\.|programablekey|expansion_module\.|reg\.\d|attendant\.|lineKey\.|pks\.|device\.(?:prov|auth|set)|prov\.polling|features\.)/,
	  qr{^phonecfg/(handset)/} ],
	[ 'shell', qr/\b(?:system|popen)\s*\(/, qr{^$} ],
	[ 'banned calls', qr/\b(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|localtime|gmtime|atoi|rand|srand)\s*\(/, qr{^$} ],
	[ 'unfinished marks', qr/\b(?:TODO|FIXME|XXX|HACK)\b/, qr{^$} ],
	[ 'SQL outside .sql files', qr/"(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER)\s/, qr{^provisioning/registrar/|^provisioning/store/sqlite} ],
	[ 'heap outside base/mem', qr/[^_\w.>](?:malloc|calloc|realloc|strdup|free)\s*\(/, qr{^phonecfg/base/mem\.c|^provisioning/demo/|^phonecfg/tool/state\.c} ],
);
for my $f (@src) {
	open my $in, '<', $f or die;
	while (<$in>) {
		next if m{^\s*(?:\*|/\*|//)};
		for my $c (@checks) { push @{ $bad{ $c->[0] } }, "$f:$.: $_" if $_ =~ $c->[1] && $f !~ $c->[2] }
	}
}
my $n = 0;
print "1..", scalar @checks, "\n";
for my $c (@checks) {
	$n++;
	my @b = @{ $bad{ $c->[0] } // [] };
	print map { "# $_" } @b[0 .. ($#b > 9 ? 9 : $#b)];
	print @b ? "not " : "", "ok $n - no $c->[0]\n";
}
exit(%bad ? 1 : 0);
