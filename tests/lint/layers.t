#!/usr/bin/perl
# Which folder may include which, and which foreign library has which home.
use strict;
use warnings;
my ($n, @bad) = (0);
my @files = grep { -f } split /\n/, `git ls-files 'phonecfg/*.[ch]' 'provisioning/*.[ch]'`;

# Inside provisioning/ calls run down: a folder may include folders of a lower number, and itself. '' is core and daemon.
my %level = (conf => 0, store => 1, sip => 1, registrar => 1, mail => 1, voicemail => 1, outbox => 2, alert => 2, webhook => 3, edge => 1, http => 1,
	reset => 3, phones => 4, api => 4, portal => 4, '' => 7, cli => 8, demo => 9, main => 10);
# conf may be used by all; http and edge are beside the domain layers: reset and below never see them.
my %never = (reset => [qw(http edge)], outbox => [qw(http edge sip registrar alert)], alert => [qw(http edge sip registrar)], webhook => [qw(http edge sip registrar reset)], store => [qw(http edge sip registrar outbox)],
	sip => [qw(http edge store outbox registrar)], registrar => [qw(http edge outbox sip)], phones => [qw(api)], api => [qw(phones)]);
my @homes = (
	[ qr/microhttpd\.h/, qr{^provisioning/(http|edge)/} ],
	[ qr{openssl/ssl\.h}, qr{^provisioning/(edge/|sip/tls\.c)} ],
	[ qr/sqlite3\.h/, qr{^provisioning/(store|registrar)/} ],
	[ qr/libpq-fe\.h/, qr{^provisioning/store/} ],
	[ qr/\bre\.h/, qr{^provisioning/(sip|demo)/} ],
	[ qr{curl/curl\.h}, qr{^provisioning/(mail|registrar|webhook|demo)/} ],
	[ qr/idn2\.h/, qr{^provisioning/mail/address\.c} ],
	[ qr/jansson\.h/, qr{^(provisioning/(http|api|registrar|webhook|demo)/|phonecfg/tool/)} ],
	[ qr{libxml/}, qr{^phonecfg/} ],
	[ qr/qrencode\.h/, qr{^phonecfg/qr/matrix\.c} ],
	[ qr/\bpng\.h/, qr{^phonecfg/qr/png\.c} ],
);
for my $f (@files) {
	open my $in, '<', $f or die;
	my ($own) = $f =~ m{^provisioning/(?:([^/]+)/)?};
	$own //= $f =~ /main\.c$/ ? 'main' : '';
	while (<$in>) {
		next unless /^\s*#\s*include\s+[<"]([^>"]+)[>"]/;
		my $inc = $1;
		for my $h (@homes) { push @bad, "$f:$.: $inc has its home elsewhere" if $inc =~ $h->[0] && $f !~ $h->[1] }
		push @bad, "$f:$.: phonecfg/ may not use provisioning/" if $f =~ /^phonecfg/ && $inc =~ /^provisioning/;
		next unless $f =~ /^provisioning/ && $inc =~ m{^provisioning/(?:([^/]+)/)?};
		my $to = $1 // '';
		next if $to eq $own;
		push @bad, "$f:$.: folder $to has no level in tests/lint/layers.t" unless defined $level{$to};
		push @bad, "$f:$.: $inc: a call upwards" if ($level{$to} // 0) > ($level{$own} // 9);
		push @bad, "$f:$.: $inc: $own may not know $to" if grep { $_ eq $to } @{ $never{$own} // [] };
	}
}
print "1..1\n";
print map { "# $_\n" } @bad;
print @bad ? "not ok 1 - includes that go the wrong way\n" : "ok 1 - " . @files . " files include only what they may\n";
exit(@bad ? 1 : 0);
