/* One test per rule of the Grandstream phone. Expected values are those of the vendor's guides and templates, and of
 * what the vendor's ATA programs did when they were run. */
#include "tests/unit/handset_help.h"

#include "phonecfg/vendor/crypt.h"

#define XML "cfg" MAC ".xml"
#define DECL "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define OPEN DECL "<gs_provision version=\"1\"><mac>" MAC "</mac><config version=\"2\">"
#define CLOSE "</config></gs_provision>"
#define ITEM(name, value) "<item name=\"" name "\">" value "</item>"

static const struct handset_model gxp2170 = { .kind = HANDSET_GRANDSTREAM,
	.id = "grandstream-gxp2170",
	.common = "cfggxp2170.xml",
	.token = "gxp2170",
	.accounts = 12,
	.keys = 48,
	.fixed_keys = 12 };
static const struct handset_model grp2614 = { .kind = HANDSET_GRANDSTREAM,
	.id = "grandstream-grp2614",
	.common = "cfggrp2614.xml",
	.token = "grp2614",
	.accounts = 4,
	.keys = 16,
	.fixed_keys = 6 };

static const struct handset_model gxp1405 = { .kind = HANDSET_GRANDSTREAM,
	.id = "grandstream-gxp1405",
	.common = "cfggxp1405.xml",
	.token = "gxp1405",
	.accounts = 2,
	.keys = 2,
	.fixed_keys = 2,
	.numbers_only = true };
static const struct handset_model ht802 = { .kind = HANDSET_GRANDSTREAM,
	.id = "grandstream-ht802",
	.common = "cfght802.xml",
	.token = "ht802",
	.accounts = 2,
	.numbers_only = true,
	.ata = true };

static void pull_xml(struct handset *hs, const char *body)
{
	const struct served files[] = { { XML, body, 0, 0 }, { 0 } };

	pull(hs, files, "");
}

static void test_order(void **state)
{
	struct handset *gxp = new_phone(gxp2170), *grp = new_phone(grp2614);

	(void)state;
	pull(gxp, NULL, "cfg" MAC " " XML " cfggxp2170.xml cfg.xml ");
	pull(grp, NULL, "cfg" MAC ".bin " XML " cfggrp2614.xml cfg.xml ");
	handset_free(gxp);
	handset_free(grp);
}

static void test_stops_after_the_first_success(void **state)
{
	const struct served files[] = { { XML, OPEN ITEM("x", "1") CLOSE, 0, 0 }, { "cfg.xml", OPEN CLOSE, 0, 0 },
		{ 0 } };
	const struct served broken[] = { { XML, "<html>sorry</html>", 0, 0 },
		{ "cfggxp2170.xml", OPEN ITEM("x", "2") CLOSE, 0, 0 }, { 0 } };
	const struct served all[] = { { XML, OPEN ITEM("provisioning.config.processAll.enable", "Yes") CLOSE, 0, 0 },
		{ 0 } };
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull(hs, files, "cfg" MAC " " XML " ");
	pull(hs, broken, "cfg" MAC " " XML " cfggxp2170.xml ");
	assert_value(hs, "x", "2");
	pull(hs, all, "cfg" MAC " " XML " cfggxp2170.xml cfg.xml ");
	handset_free(hs);
}

static void test_refused_files(void **state)
{
	static const char *const bodies[] = {
		"",
		"   ",
		"<html><body>200 OK</body></html>",
		"<gs_provision version=\"1\"><config>" ITEM("x", "1") CLOSE, /* no declaration */
		"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><gs_provision version=\"1\"><config>" ITEM("x", "1")
			CLOSE,
		DECL "<gs_provision><config>" ITEM("x", "1") CLOSE, /* no version */
		DECL "<other version=\"1\"><config>" ITEM("x", "1") "</config></other>",
		DECL "<gs_provision version=\"1\"><mac>" MAC "</mac></gs_provision>",
		DECL "<gs_provision version=\"1\"><mac>001565abcdee</mac><config>" ITEM("x", "1") CLOSE,
		DECL "<gs_provision version=\"1\"><mac>00:15:65:ab:cd:ef</mac><config>" ITEM("x", "1") CLOSE,
		DECL "<gs_provision version=\"1\"><mac> " MAC " </mac><config>" ITEM("x", "1") CLOSE,
		DECL "<gs_provision version=\"1\"><mac></mac><config>" ITEM("x", "1") CLOSE,
		DECL "<gs_provision version=\"1\"><mac>" MAC "</mac><mac>" MAC "</mac><config>" ITEM("x", "1") CLOSE,
		OPEN ITEM("x", "1") "</config>",
		"P271=1\n",
	};
	struct handset *hs = new_phone(gxp2170);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		pull_xml(hs, bodies[i]);
		assert_value(hs, "x", "");
		assert_int_equal(step_of(hs, XML), HANDSET_REFUSED);
	}
	handset_free(hs);
}

static void test_taken_files(void **state)
{
	static const char *const bodies[] = {
		"<?xml version=\"1.0\"?><gs_provision version=\"1\"><config version=\"9\">" ITEM("x", "1") CLOSE,
		"<?xml version='1.0' encoding='utf-8'?>\r\n<!-- a --><gs_provision version=\"any\"><config>" ITEM(
			"x", "1") CLOSE,
		"\xef\xbb\xbf" OPEN ITEM("x", "1") CLOSE, "\n" OPEN ITEM("x", "1") CLOSE,
		DECL "<gs_provision version=\"1\"><mac>001565ABCDEF</mac><config>" ITEM("x", "1") CLOSE,
		DECL
		"<gs_provision version=\"1\"><config>" ITEM("x", "1") "</config><mac>001565abcdee</mac></gs_provision>",
		OPEN "<part name=\"a\">" ITEM("x", "1") "</part>" CLOSE,
		OPEN ITEM("x", "1") "</config><config>" ITEM("x", "2") CLOSE, /* only the first block counts */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct handset *hs = new_phone(gxp2170);

		pull_xml(hs, bodies[i]);
		assert_value(hs, "x", "1");
		handset_free(hs);
	}
}

static void test_texts(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("a", "R&D &amp; &lt;co&gt; &#65;&#xFC;") ITEM("b", " 3001 ") ITEM("c", "<![CDATA[x]]>")
			     ITEM("d", "\t ") ITEM("e", "&nbsp;") CLOSE);
	assert_value(hs, "a", "R&D & <co> A\xc3\xbc"); /* a bare & is kept */
	assert_value(hs, "b", " 3001 ");               /* blanks are kept */
	assert_value(hs, "c", "");                     /* CDATA is lost */
	assert_value(hs, "d", "");
	assert_value(hs, "e", "&nbsp;");
	handset_free(hs);
}

static void test_omitted_is_kept_and_empty_clears(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("account.1.sip.userid", "1001") ITEM("account.1.name", "Bob") CLOSE);
	pull_xml(hs, OPEN ITEM("account.1.name", "") CLOSE);
	assert_value(hs, "account.1.sip.userid", "1001");
	assert_value(hs, "account.1.name", "");
	handset_free(hs);
}

static void test_mandatory_values_cannot_be_emptied(void **state)
{
	static const char *const names[] = { "account.1.sip.subscriber.password", "account.12.sip.subscriber.password",
		"users.admin.password", "users.user.password", "account.1.enable", "account.1.sip.registerExpiration",
		"account.1.sip.transport", "provisioning.config.password", "dateTime.timezone" };
	struct handset *hs = new_phone(gxp2170);
	char body[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(body, sizeof(body), OPEN "<item name=\"%s\">7</item>" CLOSE, names[i]);
		pull_xml(hs, body);
		snprintf(body, sizeof(body), OPEN "<item name=\"%s\"/>" CLOSE, names[i]);
		pull_xml(hs, body);
		assert_value(hs, names[i], "7");
	}
	handset_rules(hs)->gs_mandatory_free = true;
	snprintf(body, sizeof(body), OPEN "<item name=\"%s\"/>" CLOSE, names[0]);
	pull_xml(hs, body);
	assert_value(hs, names[0], "");
	handset_free(hs);
}

static void test_lengths(void **state)
{
	static const struct {
		const char *name;
		int max;
	} limits[] = { { "account.1.sip.userid", 64 }, { "account.1.sip.subscriber.userid", 96 },
		{ "account.1.sip.subscriber.password", 64 }, { "account.1.sip.subscriber.name", 60 },
		{ "users.admin.password", 30 }, { "provisioning.config.username", 40 },
		{ "provisioning.config.password", 40 }, { "pks.vpk.1.description", 32 }, { "pks.mpk.3.value", 64 } };
	struct handset *hs = new_phone(gxp2170);
	char body[512], text[128] = "";
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		memset(text, 'a', (size_t)limits[i].max);
		text[limits[i].max] = '\0';
		snprintf(body, sizeof(body), OPEN "<item name=\"%s\">%s</item>" CLOSE, limits[i].name, text);
		pull_xml(hs, body);
		assert_value(hs, limits[i].name, text);
		snprintf(body, sizeof(body), OPEN "<item name=\"%s\">b%s</item>" CLOSE, limits[i].name, text);
		pull_xml(hs, body);
		assert_value(hs, limits[i].name, text); /* refused whole, not cut */
	}
	handset_free(hs);
}

static void test_letters(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("users.admin.password", "ok") ITEM("account.1.sip.subscriber.name", "Bob")
			     ITEM("account.1.name", "Bob") CLOSE);
	pull_xml(hs, OPEN ITEM("users.admin.password", "a b") ITEM("account.1.sip.subscriber.name", "Zo\xc3\xab")
			     ITEM("account.1.name", "Zo\xc3\xab") CLOSE);
	assert_value(hs, "users.admin.password", "ok"); /* 33 to 126 */
	assert_value(hs, "account.1.sip.subscriber.name", "Zo\xc3\xab");
	handset_rules(hs)->gs_ascii_only = true;
	pull_xml(hs, OPEN ITEM("account.1.sip.subscriber.name", "\xc3\x9a") ITEM("account.1.name", "\xc3\x9a") CLOSE);
	assert_value(hs, "account.1.sip.subscriber.name", "Zo\xc3\xab");
	assert_value(hs, "account.1.name", "\xc3\x9a"); /* a value without a row in the table */
	handset_free(hs);
}

static void test_ranges(void **state)
{
	static const char *const refused[] = { "99999", "64801", "0", "-1", "60.5", "6e1", "0x3c", "060", " 60",
		"60 " };
	static const char *const taken[] = { "1", "64800", "+60" };
	struct handset *hs = new_phone(gxp2170);
	char body[512];
	size_t i;

	(void)state;
	pull_xml(hs, OPEN ITEM("account.1.sip.registerExpiration", "5") CLOSE);
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		snprintf(body, sizeof(body), OPEN "<P32>%s</P32>" CLOSE, refused[i]);
		pull_xml(hs, body);
		assert_value(hs, "account.1.sip.registerExpiration", "5");
	}
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		snprintf(body, sizeof(body), OPEN "<P32>%s</P32>" CLOSE, taken[i]);
		pull_xml(hs, body);
		assert_value(hs, "P32", taken[i]);
	}
	handset_free(hs);
}

static void test_first_of_a_repeated_element_wins(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("x", "1") ITEM("x", "2") "<P32>0</P32><P32>7</P32>" CLOSE);
	assert_value(hs, "x", "1");
	assert_value(hs, "P32", ""); /* even when the first one was refused */
	handset_free(hs);
}

static void test_numbers_and_names_are_one_store(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN
		"<P271>1</P271><P35>1001</P35><P1805>a6</P1805><p35>no</p35><Pabc>no</Pabc><P99123>kept</P99123>" CLOSE);
	assert_value(hs, "account.1.sip.userid", "1001");
	assert_value(hs, "account.6.sip.subscriber.userid", "a6");
	assert_value(hs, "P99123", "kept"); /* an unknown number is stored without a check */
	assert_value(hs, "p35", "");
	pull_xml(hs, OPEN ITEM("account.1.sip.userid", "") CLOSE);
	assert_value(hs, "P35", "");
	handset_free(hs);
}

static void test_line_break_is_read_as_further_settings(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN "<P3>Bob&#10;35=9999</P3>" CLOSE);
	assert_value(hs, "P3", "Bob");
	assert_value(hs, "P35", "9999");
	handset_free(hs);
}

static void test_leaving_out_a_dynamic_key_removes_those_after_it(void **state)
{
	struct handset *hs = new_phone(gxp2170);
	static const char keys[] = ITEM("pks.vpk.2.value", "1") ITEM("pks.vpk.13.value", "1")
		ITEM("pks.vpk.14.value", "1") ITEM("pks.vpk.15.value", "1");
	char body[1024];

	(void)state;
	snprintf(body, sizeof(body), OPEN "%s" CLOSE, keys);
	pull_xml(hs, body);
	pull_xml(hs, OPEN ITEM("pks.vpk.1.value", "2") CLOSE); /* fixed keys alone leave the others */
	assert_value(hs, "pks.vpk.15.value", "1");
	pull_xml(hs, OPEN ITEM("pks.vpk.13.value", "2") CLOSE);
	assert_value(hs, "pks.vpk.2.value", "1");
	assert_value(hs, "pks.vpk.13.value", "2");
	assert_value(hs, "pks.vpk.14.value", "1"); /* the first that was left out */
	assert_value(hs, "pks.vpk.15.value", "");  /* and what stood after it */
	pull_xml(hs, body);
	handset_rules(hs)->gs_truncates_always = true;
	pull_xml(hs, OPEN ITEM("pks.vpk.1.value", "3") CLOSE);
	assert_value(hs, "pks.vpk.15.value", "");
	assert_value(hs, "pks.vpk.2.value", "1");
	handset_free(hs);
}

static void test_user_protect(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("provisioning.userProtect.enable", "Yes") CLOSE);
	put_local(hs, "account.1.name", "mine", false);
	pull_xml(hs, OPEN ITEM("account.1.name", "2") CLOSE);
	assert_value(hs, "account.1.name", "mine");
	pull_xml(hs, OPEN ITEM("account.1.name", "3") "<P9996>0</P9996>" CLOSE);
	assert_value(hs, "account.1.name", "3");
	assert_null(stored(hs, HANDSET_LOCAL, "account.1.name"));
	handset_free(hs);
}

static void test_file_password_refuses_plain_files(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("provisioning.config.filePassword", "key") CLOSE);
	pull_xml(hs, OPEN ITEM("x", "1") CLOSE);
	assert_value(hs, "x", "");
	handset_free(hs);
}

static void test_authenticated_files_carry_the_password_in_p1(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN "<P2>admin7</P2><P240>1</P240>" CLOSE);
	pull_xml(hs, OPEN ITEM("x", "1") CLOSE);
	assert_value(hs, "x", "");
	pull_xml(hs, OPEN ITEM("x", "1") "<P2>admin7</P2>" CLOSE);
	assert_value(hs, "x", "");
	pull_xml(hs, OPEN ITEM("x", "1") "<P1>admin7</P1>" CLOSE);
	assert_value(hs, "x", "1");
	handset_free(hs);
}

/* The header's sum makes all 16-bit words add up to zero. */
static size_t make_binary(const char *text, uint8_t *out)
{
	size_t n = (16 + strlen(text) + 15) / 16 * 16, i;
	unsigned sum = 0;

	memset(out, 0, n);
	out[2] = (uint8_t)(n / 2 >> 8);
	out[3] = (uint8_t)(n / 2);
	memcpy(out + 6, "\x00\x15\x65\xab\xcd\xef\r\n\r\n", 10);
	memcpy(out + 16, text, strlen(text));
	for (i = 0; i < n; i += 2)
		sum += (unsigned)(out[i] << 8 | out[i + 1]);
	out[4] = (uint8_t)((0x10000 - (sum & 0xffff)) >> 8);
	out[5] = (uint8_t)(0x10000 - (sum & 0xffff));
	return n;
}

static void test_binary_file(void **state)
{
	struct served files[] = { { "cfg" MAC, "", 0, 0 }, { 0 } };
	struct handset *hs = new_phone(gxp2170);
	uint8_t body[128];

	(void)state;
	files[0].n = make_binary("P35=10%2001&P3=a+b&gnkey=0b82", body);
	files[0].body = (const char *)body;
	pull(hs, files, "");
	assert_value(hs, "P35", "10 01");
	assert_value(hs, "P3", "a b");
	assert_value(hs, "gnkey", "");
	body[20] ^= 1; /* the sum is wrong */
	pull(hs, files, "");
	assert_int_equal(step_of(hs, "cfg" MAC), HANDSET_REFUSED);
	handset_free(hs);
}

static void test_lines(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("account.1.enable", "Yes") ITEM("account.1.sip.userid", "1001") ITEM(
			     "account.1.sip.subscriber.userid", "a1001") ITEM("account.1.sip.subscriber.password", "p")
			     ITEM("account.1.sip.server.1.address", "pbx:5062") ITEM("account.1.sip.transport",
				     "TlsOrTcp") ITEM("account.1.sip.registerExpiration", "2")
				     ITEM("account.2.enable", "No") ITEM("account.2.sip.userid", "1002") ITEM(
					     "account.2.sip.server.1.address", "pbx") "<P501>1</P501><P504>1003</P504>"
										      "<P502>[::1]:5070</P502>"
										      "<P548>1</P548>" CLOSE);
	/* The expiry is in minutes. */
	assert_string_equal(lines_text(hs), "1:a1001:p@pbx:5062/tls/120 3:1003:@[::1]:5070/tcp/3600 ");
	handset_free(hs);
}

static void test_keys(void **state)
{
	struct handset *hs = new_phone(grp2614);

	(void)state;
	pull_xml(hs, OPEN ITEM("account.1.enable", "1") ITEM("account.1.name", "Bob") ITEM("pks.vpk.1.keyMode", "Line")
			     ITEM("pks.vpk.1.account", "0") ITEM("pks.vpk.2.keyMode", "None") ITEM("pks.mpk.1.keyMode",
				     "BLF") ITEM("pks.mpk.1.account", "Account1") ITEM("pks.mpk.1.description", "Carol")
				     ITEM("pks.vpk.3.keyMode", "SpeedDial") ITEM("pks.vpk.3.description", "Mum") CLOSE);
	assert_string_equal(keys_text(hs), "0.1:line=Bob 0.3:speed-dial=Mum 0.17:blf=Carol ");
	handset_free(hs);
}

static void test_notify(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	assert_true(notify(hs, "resync").challenges); /* the default */
	assert_int_equal(notify(hs, "resync").action, HANDSET_RESYNC);
	assert_int_equal(notify(hs, "check-sync").action, HANDSET_RESYNC);
	assert_int_equal(notify(hs, "check-sync;reboot=true").action, HANDSET_REBOOT);
	assert_int_equal(notify(hs, "reboot").action, HANDSET_REBOOT);
	assert_int_equal(notify(hs, "message-summary").status, 481);
	handset_rules(hs)->gs_check_sync_reboots = true;
	assert_int_equal(notify(hs, "check-sync").action, HANDSET_REBOOT);
	pull_xml(hs, OPEN ITEM("sip.notify.challenge", "No") CLOSE);
	assert_false(notify(hs, "resync").challenges);
	pull_xml(
		hs, OPEN ITEM("sip.notify.challenge", "") "<P4428>1</P4428>" CLOSE); /* the number means the opposite */
	assert_false(notify(hs, "resync").challenges);
	handset_free(hs);
}

/* A file of version 2 is a success without effect; P elements inside it are taken, what is inside others is not. */
static void test_a_phone_of_version_1_passes_names_over(void **state)
{
	struct handset *hs = new_phone(gxp1405);

	(void)state;
	pull_xml(hs, OPEN ITEM("account.1.sip.userid", "1001") "<part><P3>no</P3></part><P270>Bob</P270>" CLOSE);
	assert_int_equal(step_of(hs, XML), HANDSET_APPLIED);
	assert_value(hs, "account.1.sip.userid", "");
	assert_value(hs, "P3", "");
	assert_value(hs, "account.1.name", "Bob");
	handset_free(hs);
}

static void test_an_ata(void **state)
{
	struct handset *hs = new_phone(ht802);

	(void)state;
	handset_rules(hs)->gs_mandatory_free = handset_rules(hs)->gs_last_wins = handset_rules(hs)->gs_trims = true;
	pull_xml(hs, OPEN "<P271>1</P271><P47>pbx</P47><P35> 1001</P35><P34>s</P34><P401>1</P401><P747>pbx</P747>"
			  "<P735>1002</P735><P734>t</P734><P404>no</P404><P3>Bob</P3>" CLOSE);
	assert_string_equal(lines_text(hs), "1: 1001:s@pbx:0/udp/3600 2:1002:t@pbx:0/udp/3600 ");
	pull_xml(hs, OPEN "<P271>7</P271><P34></P34><P734></P734><P3>Zo\xc3\xab</P3><P35>1</P35><P35>2</P35>" CLOSE);
	assert_value(hs, "P271", "1"); /* out of range */
	assert_value(hs, "P34", "s");  /* mandatory */
	assert_value(hs, "P734", "t");
	assert_value(hs, "P3", "Bob");  /* 0 to 127 */
	assert_value(hs, "P35", "1");   /* the first wins */
	assert_value(hs, "P404", "no"); /* a number that it does not know is stored and means nothing */
	handset_free(hs);
}

/* The same number is another mode on the fixed keys of a GXP and on its other keys. */
static void test_modes_by_number(void **state)
{
	struct handset *gxp = new_phone(gxp2170), *grp = new_phone(grp2614);
	static const char keys[] = OPEN "<P1363>1</P1363><P1365>11</P1365><P1366>0</P1366><P1467>F</P1467>"
					"<P323>1</P323><P302>M</P302><P23005>0</P23005><P23007>E</P23007>" CLOSE;

	(void)state;
	pull_xml(gxp, keys);
	assert_string_equal(keys_text(gxp), "0.1:line= 0.2:blf=F 0.49:blf=M 1.2:speed-dial=E ");
	pull_xml(grp, keys);
	assert_string_equal(keys_text(grp), "0.1:blf= 0.2:other=F 0.17:blf=M 1.2:speed-dial=E ");
	handset_free(gxp);
	handset_free(grp);
}

static void test_numbers_in_sequence(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	/* P23824: the mode of key 13, the first dynamic one; P23828 of key 14, P23832 of key 15. */
	pull_xml(hs, OPEN "<P23824>0</P23824><P23828>0</P23828><P23832>0</P23832>" CLOSE);
	assert_value(hs, "pks.vpk.15.keyMode", "0");
	pull_xml(hs, OPEN "<P23824>1</P23824>" CLOSE);
	assert_value(hs, "pks.vpk.13.keyMode", "1");
	assert_value(hs, "pks.vpk.15.keyMode", "");
	handset_free(hs);
}

static void test_an_event_list_fills_keys_again(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	pull_xml(hs, OPEN ITEM("account.1.enable", "1") ITEM("account.1.sip.blf.eventlist.uri", "team")
			     ITEM("account.1.sip.blf.eventlist.autoProvision", "1") CLOSE);
	assert_string_equal(keys_text(hs), "0.0:blf=team ");
	pull_xml(hs, OPEN ITEM("account.1.sip.blf.eventlist.autoProvision", "0") CLOSE);
	assert_string_equal(keys_text(hs), "");
	handset_free(hs);
}

static void test_contacts(void **state)
{
	static const char book[] =
		"<?xml version=\"1.0\"?><AddressBook><Contact><LastName>Ann</LastName></Contact></AddressBook>";
	struct served files[] = { { XML, NULL, 0, 0 }, { "https://pbx/cfg/phonebook.xml", book, 0, 0 }, { 0 } };
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	put_local(hs, "contacts.1.name", "Mum", false);
	files[0].body = OPEN ITEM("phonebook.download.mode", "3") ITEM("phonebook.download.server", "pbx/cfg") CLOSE;
	pull(hs, files, "cfg" MAC " " XML " https://pbx/cfg/phonebook.xml ");
	assert_string_equal(stored(hs, HANDSET_DATA, "contacts.1.name"), "Mum");
	assert_string_equal(stored(hs, HANDSET_DATA, "shared.1.LastName"), "Ann");
	files[0].body = OPEN ITEM("phonebook.download.removeEditedEntries", "Yes") CLOSE;
	files[1].body = "<AddressBook></AddressBook>";
	pull(hs, files, "");
	assert_null(stored(hs, HANDSET_DATA, "contacts.1.name"));
	assert_null(stored(hs, HANDSET_DATA, "shared.1.LastName"));
	handset_free(hs);
}

/* openssl enc -aes-256-cbc -md md5 -k KEY makes what vendor_encrypt makes; here only that the phone reads it. */
static void test_encrypted_file(void **state)
{
	struct secret key = { "filekey", 7 }, wrong = { "another", 7 };
	struct handset *hs = new_phone(gxp2170);
	struct served files[] = { { XML, NULL, 0, 0 }, { 0 } };
	struct buf b;

	(void)state;
	pull_xml(hs, OPEN ITEM("provisioning.config.filePassword", "filekey") CLOSE);
	buf_init(&b, 4096);
	assert_int_equal(
		vendor_encrypt(VENDOR_GRANDSTREAM, &key, SLICE_LIT(OPEN ITEM("x", "1") CLOSE), &b, NULL), ERR_OK);
	files[0].body = buf_view(&b).p;
	files[0].n = buf_view(&b).n;
	pull(hs, files, "");
	assert_value(hs, "x", "1");
	pull_xml(hs, OPEN ITEM("x", "2") ITEM("provisioning.config.filePassword", "") CLOSE);
	assert_value(hs, "x", "1");
	handset_rules(hs)->gs_plain_taken = true;
	pull_xml(hs, OPEN ITEM("x", "2") CLOSE);
	assert_value(hs, "x", "2");
	buf_reset(&b);
	assert_int_equal(
		vendor_encrypt(VENDOR_GRANDSTREAM, &wrong, SLICE_LIT(OPEN ITEM("x", "3") CLOSE), &b, NULL), ERR_OK);
	files[0].body = buf_view(&b).p;
	files[0].n = buf_view(&b).n;
	pull(hs, files, "");
	assert_value(hs, "x", "2");
	assert_int_equal(step_of(hs, XML), HANDSET_REFUSED);
	buf_release(&b);
	handset_free(hs);
}

static void test_open_rules(void **state)
{
	struct handset *hs = new_phone(gxp2170);

	(void)state;
	handset_rules(hs)->gs_last_wins = handset_rules(hs)->gs_trims = handset_rules(hs)->gs_binary_last = true;
	pull(hs, NULL, XML " cfggxp2170.xml cfg.xml cfg" MAC " ");
	pull_xml(hs, OPEN ITEM("x", "1") ITEM("x", " 2 ") CLOSE);
	assert_value(hs, "x", "2");
	handset_free(hs);
}

static void test_out_of_memory(void **state)
{
	const struct served files[] = {
		{ XML, OPEN ITEM("provisioning.userProtect.enable", "1") ITEM("x", "1") CLOSE, 0, 0 }, { 0 }
	};

	(void)state;
	starve(gxp2170, files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_stops_after_the_first_success),
		cmocka_unit_test(test_refused_files),
		cmocka_unit_test(test_taken_files),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_omitted_is_kept_and_empty_clears),
		cmocka_unit_test(test_mandatory_values_cannot_be_emptied),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_letters),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_first_of_a_repeated_element_wins),
		cmocka_unit_test(test_numbers_and_names_are_one_store),
		cmocka_unit_test(test_line_break_is_read_as_further_settings),
		cmocka_unit_test(test_leaving_out_a_dynamic_key_removes_those_after_it),
		cmocka_unit_test(test_user_protect),
		cmocka_unit_test(test_file_password_refuses_plain_files),
		cmocka_unit_test(test_authenticated_files_carry_the_password_in_p1),
		cmocka_unit_test(test_binary_file),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_notify),
		cmocka_unit_test(test_a_phone_of_version_1_passes_names_over),
		cmocka_unit_test(test_an_ata),
		cmocka_unit_test(test_modes_by_number),
		cmocka_unit_test(test_numbers_in_sequence),
		cmocka_unit_test(test_an_event_list_fills_keys_again),
		cmocka_unit_test(test_contacts),
		cmocka_unit_test(test_encrypted_file),
		cmocka_unit_test(test_open_rules),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
