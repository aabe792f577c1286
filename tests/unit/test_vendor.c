#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/filler.h"
#include "phonecfg/vendor/params.h"
#include "phonecfg/vendor/vendor.h"
#include "phonecfg/vendor/zone.h"

/* Names as phones ask for them, and as other spellings of the MAC have them. "" = no MAC. */
static const struct {
	const char *name;
	enum file_kind kind;
	enum vendor_id vendor;
	const char *mac, *common;
} names[] = {
	{ "001565abcdef.cfg", FILE_MAC_CFG, VENDOR_NONE, "001565abcdef", "" },
	{ "001565ABCDEF.CFG", FILE_MAC_CFG, VENDOR_NONE, "001565abcdef", "" },
	{ "00:15:65:ab:cd:ef.cfg", FILE_MAC_CFG, VENDOR_NONE, "001565abcdef", "" },
	{ "00-15-65-AB-CD-EF.cfg", FILE_MAC_CFG, VENDOR_NONE, "001565abcdef", "" },
	{ "0015.65ab.cdef.cfg", FILE_MAC_CFG, VENDOR_NONE, "001565abcdef", "" },
	{ "001565abcdef.boot", FILE_MAC_BOOT, VENDOR_YEALINK, "001565abcdef", "" },
	{ "y000000000000.boot", FILE_ZERO_BOOT, VENDOR_YEALINK, "", "" },
	{ "Y000000000000.BOOT", FILE_ZERO_BOOT, VENDOR_YEALINK, "", "" },
	{ "y000000000108.cfg", FILE_YEALINK_COMMON, VENDOR_YEALINK, "", "y000000000108.cfg" },
	{ "y000000000066.cfg", FILE_YEALINK_COMMON, VENDOR_YEALINK, "", "y000000000066.cfg" },
	{ "001565abcdef-later.cfg", FILE_LATER_CFG, VENDOR_YEALINK, "001565abcdef", "" },
	{ "001565abcdef-local.cfg", FILE_LOCAL_CFG, VENDOR_YEALINK, "001565abcdef", "" },
	{ "001565abcdef-contact.xml", FILE_CONTACT_XML, VENDOR_YEALINK, "001565abcdef", "" },
	{ "001565abcdef-calllog.xml", FILE_CALLLOG_XML, VENDOR_YEALINK, "001565abcdef", "" },
	{ "001565abcdef-sys.log", FILE_LOG, VENDOR_YEALINK, "001565abcdef", "" },
	{ "000000000000.cfg", FILE_ZERO_CFG, VENDOR_POLYCOM, "", "" },
	{ "0004f2e765da-lines.cfg", FILE_LINES_CFG, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "0004F2E765DA-phone.cfg", FILE_PHONE_CFG, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "0004f2e765da-Web.cfg", FILE_WEB_CFG, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "0004f2e765da-directory.xml", FILE_DIRECTORY_XML, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "000000000000-directory.xml", FILE_ZERO_DIRECTORY_XML, VENDOR_POLYCOM, "", "" },
	{ "0004f2e765da-calls.xml", FILE_CALLS_XML, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "0004f2e765da-license.cfg", FILE_LICENSE_CFG, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "000000000000-license.cfg", FILE_LICENSE_CFG, VENDOR_POLYCOM, "", "" },
	{ "0004f2e765da-app.log", FILE_LOG, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "0004f2e765da-boot.log", FILE_LOG, VENDOR_NONE, "0004f2e765da", "" },
	{ "0004f2e765da-appcore.1.tar.gz", FILE_CORE, VENDOR_POLYCOM, "0004f2e765da", "" },
	{ "cfg000b82123456", FILE_GS_BINARY, VENDOR_GRANDSTREAM, "000b82123456", "" },
	{ "cfg000b82123456.bin", FILE_GS_BINARY, VENDOR_GRANDSTREAM, "000b82123456", "" },
	{ "cfg000b82123456.xml", FILE_GS_XML, VENDOR_GRANDSTREAM, "000b82123456", "" },
	{ "CFG000B82123456.XML", FILE_GS_XML, VENDOR_GRANDSTREAM, "000b82123456", "" },
	{ "cfg00:0b:82:12:34:56.xml", FILE_GS_XML, VENDOR_GRANDSTREAM, "000b82123456", "" },
	{ "cfggxp2170.xml", FILE_GS_MODEL_XML, VENDOR_GRANDSTREAM, "", "cfggxp2170.xml" },
	{ "cfgGRP2614.xml", FILE_GS_MODEL_XML, VENDOR_GRANDSTREAM, "", "cfggrp2614.xml" },
	{ "cfg.xml", FILE_GS_COMMON_XML, VENDOR_GRANDSTREAM, "", "" },
	{ "phonebook.xml", FILE_PHONEBOOK, VENDOR_NONE, "", "" },
};

static void file_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct file_request r;
		char mac[MAC_TEXT] = "";
		if (!vendor_parse_file(slice_str(names[i].name), &r))
			fail_msg("%s is not known", names[i].name);
		if (r.has_mac)
			mac_text(&r.mac, mac);
		if (r.kind != names[i].kind || r.vendor != names[i].vendor || strcmp(mac, names[i].mac) != 0 ||
			strcmp(r.common, names[i].common) != 0)
			fail_msg("%s: kind %d vendor %d mac %s common %s", names[i].name, r.kind, r.vendor, mac,
				r.common);
	}
}

/* Nothing that could walk a file system, and nothing that only looks like a phone's file. */
static void not_file_names(void **state)
{
	static const char *const bad[] = { "", ".", "..", "/", "../001565abcdef.cfg", "001565abcdef.cfg/..",
		"x/001565abcdef.cfg", "001565abcdef..cfg", "001565abcdef.cfg ", " 001565abcdef.cfg", "001565abcdeg.cfg",
		"001565abcde.cfg", "001565abcdef0.cfg", "001565abcdef", "001565abcdef.xml", "00:1565abcdef.cfg",
		"00-15:65-ab-cd-ef.cfg", "00:15:65:ab:cd:ef:.cfg", "0:01:56:5a:bc:de:f.cfg", "001565abcdef-.cfg",
		"001565abcdef-etc-passwd", "000000000000.boot", "y000000000000.cfg/", "y00000000010.cfg",
		"y0000000001080.cfg", "y999999999108.cfg", "y000000000108.boot", "cfg", "cfgs.bin",
		"cfg000000000000.xml", "cfg000b82123456.cfg", "cfg000b82123456.xml.xml", "cfg-gxp.xml", "cfg..xml",
		"phonebook.xml.bak", "000000000000-phone.cfg", "000000000000-app.log", "%2e%2e", "001565abcdef.cfg\n",
		"cfg%00.xml", "cfgaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.xml" };
	static const char nul[] = "001565abcdef.cfg\0.xml";
	struct file_request r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (vendor_parse_file(slice_str(bad[i]), &r))
			fail_msg("'%s' passed as kind %d", bad[i], r.kind);
		assert_int_equal(r.kind, FILE_UNKNOWN);
	}
	assert_false(vendor_parse_file((struct slice){ nul, sizeof(nul) - 1 }, &r));
}

/* User-Agents as they were seen on the wire. */
static const struct {
	const char *ua, *model, *firmware, *mac;
	enum vendor_id vendor;
	bool updater;
} agents[] = {
	{ "Yealink SIP-T46U 108.87.14.1 24:9a:d8:6e:9d:88", "SIP-T46U", "108.87.14.1", "249ad86e9d88", VENDOR_YEALINK,
		false },
	{ "yealink SIP-T31P 124.86.0.75 80:5e:c0:d5:7d:72", "SIP-T31P", "124.86.0.75", "805ec0d57d72", VENDOR_YEALINK,
		false },
	{ "Yealink SIP-T56A  58.80.0.25 001565f429a4", "SIP-T56A", "58.80.0.25", "001565f429a4", VENDOR_YEALINK,
		false },
	{ "Yealink W90DM 130.87.0.10 80:5e:0c:1d:65:4e", "W90DM", "130.87.0.10", "805e0c1d654e", VENDOR_YEALINK,
		false },
	{ "Yealink SIP VP-T49G 51.80.0.10 00:15:65:00:00:01", "VP-T49G", "51.80.0.10", "001565000001", VENDOR_YEALINK,
		false },
	{ "VP530P 23.70.0.40 00:15:65:5e:16:7c", "VP530P", "23.70.0.40", "0015655e167c", VENDOR_YEALINK, false },
	{ "Yealink SIP-T46U 108.86.0.90", "SIP-T46U", "108.86.0.90", "", VENDOR_YEALINK, false },
	{ "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 Type/Application", "VVX_450", "5.9.1.0615", "",
		VENDOR_POLYCOM, false },
	{ "FileTransport PolycomSoundStationIP-SSIP_6000-UA/5.0.3.1667 Type/Updater", "SSIP_6000", "5.0.3.1667", "",
		VENDOR_POLYCOM, true },
	{ "FileTransport PolycomSoundStationIP-SSIP_5000-UA/4.0.3.7562 (SN:0004f2e765da) Type/Application", "SSIP_5000",
		"4.0.3.7562", "0004f2e765da", VENDOR_POLYCOM, false },
	{ "FileTransport PolycomSoundPointIP-SPIP_331-UA/4.0.15.1009", "SPIP_331", "4.0.15.1009", "", VENDOR_POLYCOM,
		false },
	{ "FileTransport PolyEdge-Edge_E450-UA/8.0.0.15602 Type/Application", "Edge_E450", "8.0.0.15602", "",
		VENDOR_POLYCOM, false },
	{ "PolyEdge-Edge_E350-UA/8.3.1.0614_f04ea4691c59", "Edge_E350", "8.3.1.0614", "f04ea4691c59", VENDOR_POLYCOM,
		false },
	{ "Grandstream Model HW GXP1628 SW 1.0.4.138 DevId c074ad2bd859", "GXP1628", "1.0.4.138", "c074ad2bd859",
		VENDOR_GRANDSTREAM, false },
	{ "Grandstream Model HW GXV3350  V1.3A SW 1.0.1.8 DevId c074ad150b88", "GXV3350", "1.0.1.8", "c074ad150b88",
		VENDOR_GRANDSTREAM, false },
	{ "Grandstream Model HW GRP2601W SW 1.0.7.32 DevId EC:74:D7:89:1A:76", "GRP2601W", "1.0.7.32", "ec74d7891a76",
		VENDOR_GRANDSTREAM, false },
	{ "Grandstream GXP2000 (gxp2000e.bin:1.2.5.3/boot55e.bin:1.1.6.9) DevId 000b822726c8", "GXP2000", "",
		"000b822726c8", VENDOR_GRANDSTREAM, false },
	{ "Grandstream GXP2170 1.0.11.79", "GXP2170", "1.0.11.79", "", VENDOR_GRANDSTREAM, false },
	{ "Linphonec/5.1.65", "Linphonec", "5.1.65", "", VENDOR_LINPHONE, false },
	{ "CloudSoftphone/1.5.6", "CloudSoftphone", "1.5.6", "", VENDOR_ACROBITS, false },
};

static void user_agents(void **state)
{
	static const char *const strangers[] = { "", " ", "Unknown", "curl/7.88.1", "Mozilla/5.0 (Poly)", "Yealink",
		"Yealink ", "Yealink a/b 1", "FileTransport Poly", "FileTransport PolycomVVX-UA/", "PolycomVVX_450",
		"Grandstream", "Grandstream Model GXP2170", "Linphone\n", "Yealink ..%2f 1.2" };
	struct ua_info u;

	(void)state;
	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		char mac[MAC_TEXT] = "";
		if (!vendor_parse_ua(slice_str(agents[i].ua), &u))
			fail_msg("%s is not known", agents[i].ua);
		if (u.has_mac)
			mac_text(&u.mac, mac);
		if (u.vendor != agents[i].vendor || strcmp(u.model, agents[i].model) != 0 ||
			strcmp(u.firmware, agents[i].firmware) != 0 || strcmp(mac, agents[i].mac) != 0 ||
			u.updater != agents[i].updater)
			fail_msg("%s: %d '%s' '%s' '%s'", agents[i].ua, u.vendor, u.model, u.firmware, mac);
	}
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		if (vendor_parse_ua(slice_str(strangers[i]), &u))
			fail_msg("'%s' passed as %d '%s'", strangers[i], u.vendor, u.model);
		assert_int_equal(u.vendor, VENDOR_NONE);
	}
}

static void tables(void **state)
{
	(void)state;
	assert_string_equal(vendor_get(VENDOR_YEALINK)->notify_event, "check-sync;reboot=false");
	assert_string_equal(vendor_get(VENDOR_POLYCOM)->notify_event, "check-sync");
	assert_string_equal(vendor_get(VENDOR_GRANDSTREAM)->notify_event, "resync");
	assert_null(vendor_get(VENDOR_LINPHONE)->notify_event); /* answers 200 and does nothing */
	assert_null(vendor_get(VENDOR_NONE));
	assert_null(vendor_get((enum vendor_id)99));
	/* The same name is one thing for one vendor, another for the other. */
	assert_int_equal(vendor_file(VENDOR_YEALINK, FILE_MAC_CFG)->evidence, EVIDENCE_ALWAYS);
	assert_int_equal(vendor_file(VENDOR_POLYCOM, FILE_MAC_CFG)->evidence, EVIDENCE_NONE);
	assert_null(vendor_file(VENDOR_GRANDSTREAM, FILE_MAC_CFG));
	assert_int_equal(vendor_file(VENDOR_GRANDSTREAM, FILE_GS_BINARY)->answer, ANSWER_NOT_FOUND);
	for (int v = VENDOR_NONE + 1; v < VENDOR_COUNT; v++) {
		const struct vendor *vendor = vendor_get((enum vendor_id)v);
		unsigned always = 0;
		for (size_t i = 0; i < vendor->nfiles; i++) {
			const struct vendor_file *f = &vendor->files[i];
			always += f->evidence == EVIDENCE_ALWAYS;
			/* Evidence can only be what is answered with content of the phone's own. */
			assert_true(f->evidence == EVIDENCE_NONE || (f->per_phone && f->answer != ANSWER_NOT_FOUND));
			assert_true((f->tmpl == NULL) == (f->answer == ANSWER_NOT_FOUND));
			/* What the phone sends of a person must be marked, so that a reset drops it. */
			assert_true(f->upload == UPLOAD_REFUSED || f->personal || f->kind == FILE_CORE);
		}
		/* Nobody has seen what makes these apps drop an account: no file of theirs proves anything. */
		assert_int_equal(always, v < VENDOR_ACROBITS ? 1 : 0);
	}
}

/* ---- rendering ---- */

struct world {
	struct catalog *catalog;
	struct renderer *renderer;
};

static int open_world(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct err err;

	w->catalog = catalog_open("firmware-profiles", &err);
	if (!w->catalog || renderer_open("templates", w->catalog, &w->renderer, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	renderer_close(w->renderer);
	catalog_close(w->catalog);
	mem_free(w);
	return 0;
}

static struct account one_line = { .slot = 1,
	.use = ACCOUNT_LINE,
	.label = "1001",
	.display_name = "Alice",
	.user = "1001",
	.password = { "s3cret", 6 } };

static struct phone sample(const char *model)
{
	return (struct phone){ .mac = { { 0, 1, 2, 3, 4, 5 } },
		.model = model,
		.generation = 7,
		.domain = "a.example",
		.filler = { "key", 3 },
		.accounts = &one_line,
		.naccounts = 1 };
}

static enum err_code render(
	struct world *w, const struct phone *ph, enum file_kind kind, struct buf *out, struct err *err)
{
	buf_reset(out);
	return vendor_render(w->renderer, catalog_find(w->catalog, ph->model), ph, kind, out, err);
}

static bool holds(const struct buf *b, const char *text)
{
	return slice_find(buf_view(b), slice_str(text)) >= 0;
}

static void names_out_and_in(void **state)
{
	struct world *w = *state;
	struct mac mac = { { 0x00, 0x15, 0x65, 0xab, 0xcd, 0xef } };
	char name[VENDOR_FILE_NAME_MAX];

	for (size_t i = 0; i < catalog_count(w->catalog); i++) {
		const struct profile *pf = catalog_at(w->catalog, i);
		const struct vendor *v = vendor_get(pf->vendor);
		for (size_t k = 0; k < v->nfiles; k++) {
			struct file_request r;
			if (v->files[k].kind == FILE_SOFTPHONE) {
				assert_false(vendor_file_name(pf, &mac, FILE_SOFTPHONE, name));
				continue;
			}
			assert_true(vendor_file_name(pf, &mac, v->files[k].kind, name));
			assert_true(vendor_parse_file(slice_str(name), &r));
			if (r.kind != v->files[k].kind)
				fail_msg("%s: %s comes back as %d", pf->id, name, r.kind);
		}
	}
}

static void bad_names_do_not_keep_a_file_back(void **state)
{
	static const char *const models[] = { "yealink-t46u", "polycom-vvx250", "grandstream-gxp2170" };
	static const enum file_kind kinds[] = { FILE_MAC_CFG, FILE_LINES_CFG, FILE_GS_XML };
	static char huge[400];
	const char *const bad[] = { "%NULL%", "a\nb", "\xff", "\xd7\x90", huge };
	struct world *w = *state;
	struct account ac = one_line;
	struct err err;
	struct buf out;

	memset(huge, 'x', sizeof(huge) - 1);
	buf_init(&out, VENDOR_RENDER_MAX);
	for (size_t m = 0; m < 3; m++) {
		struct phone ph = sample(models[m]);
		const struct profile *pf = catalog_find(w->catalog, models[m]);
		ph.accounts = &ac;
		for (size_t i = 0; i < 5; i++) {
			bool taken;
			ac.label = bad[i];
			taken = vendor_check(pf, &ph, &err) == ERR_OK;
			/* %NULL% means something to Yealink only; Hebrew is refused for Grandstream only. */
			assert_int_equal(taken, (i == 0 && m != 0) || (i == 3 && m != 2));
			assert_true(taken || strstr(err.text, "account 1: label"));
			assert_int_equal(render(w, &ph, kinds[m], &out, &err), ERR_OK);
			assert_true(taken == holds(&out, bad[i]) || i == 0);
		}
		/* What a line cannot do without does keep it back. */
		ac.label = NULL;
		ac.password = (struct secret){ huge, 65 };
		assert_int_equal(render(w, &ph, kinds[m], &out, &err), ERR_INPUT);
		ac.password = one_line.password;
		ph.timezone = "Mars/Base";
		assert_int_equal(render(w, &ph, kinds[m], &out, &err), ERR_INPUT);
		assert_non_null(strstr(err.text, "Mars/Base"));
	}
	buf_release(&out);
}

static void what_is_not_rendered(void **state)
{
	struct world *w = *state;
	struct phone ph = sample("grandstream-gxp2170");
	const struct profile *pf = catalog_find(w->catalog, ph.model);
	struct err err;
	struct buf out;

	buf_init(&out, VENDOR_RENDER_MAX);
	assert_int_equal(render(w, &ph, FILE_GS_BINARY, &out, &err), ERR_NOT_FOUND);
	assert_int_equal(render(w, &ph, FILE_MAC_CFG, &out, &err), ERR_NOT_FOUND);
	assert_int_equal(vendor_render(w->renderer, pf, NULL, FILE_GS_XML, &out, &err), ERR_BUG);
	assert_int_equal(vendor_render(w->renderer, pf, NULL, FILE_PHONEBOOK, &out, &err), ERR_BUG);
	assert_int_equal(vendor_render(w->renderer, pf, &ph, FILE_PHONEBOOK, &out, &err), ERR_OK);
	buf_release(&out);
	buf_init(&out, 1000);
	assert_int_equal(render(w, &ph, FILE_GS_XML, &out, &err), ERR_LIMIT);
	buf_release(&out);
}

static void idle_and_poll(void **state)
{
	struct world *w = *state;
	struct phone ph = sample("yealink-t31p");
	struct account idle = { .slot = 1,
		.use = ACCOUNT_IDLE,
		.display_name = "Alice",
		.user = "idle-000102030405",
		.voicemail = "*97",
		.password = { "x", 1 } };
	struct key kept = { .index = 2, .type = KEY_BLF, .value = "1002", .label = "Bob", .owner = KEY_OWNER_DESK };
	struct err err;
	struct buf out;

	buf_init(&out, VENDOR_RENDER_MAX);
	ph.accounts = &idle;
	ph.keys = &kept;
	ph.nkeys = 1;
	assert_int_equal(render(w, &ph, FILE_MAC_CFG, &out, &err), ERR_OK);
	assert_true(holds(&out, "account.1.enable = 1\naccount.1.label = Vacant\naccount.1.display_name = %NULL%\n"));
	assert_true(holds(&out, "voice_mail.number.1 = %NULL%\n"));
	assert_true(holds(&out, "linekey.1.type = 15\nlinekey.1.line = 1\n")); /* the idle line has a key */
	assert_true(holds(&out, "linekey.2.type = 0\n"));                      /* the desk's own key rests */
	assert_false(holds(&out, "Bob"));
	assert_true(holds(&out, "repeat.minutes = 1440\n"));
	ph.naccounts = 0; /* nobody can tell it: it comes by itself, as often as the vendor allows */
	assert_int_equal(render(w, &ph, FILE_MAC_CFG, &out, &err), ERR_OK);
	assert_true(holds(&out, "account.1.enable = 0\n"));
	assert_true(holds(&out, "repeat.minutes = 1\n"));
	ph.model = "polycom-vvx250";
	assert_int_equal(render(w, &ph, FILE_LINES_CFG, &out, &err), ERR_OK);
	assert_true(holds(&out, "prov.polling.period=\"3600\""));
	ph.model = "grandstream-gxp1628";
	assert_int_equal(render(w, &ph, FILE_GS_XML, &out, &err), ERR_OK);
	assert_true(holds(&out, "<item name=\"provisioning.auto.minute\">60</item>"));
	buf_release(&out);
}

static void overrides_stand_once(void **state)
{
	struct world *w = *state;
	struct phone ph = sample("polycom-vvx250");
	struct override ov[] = { { LAYER_DOMAIN, "dir.corp.user", "shared" }, { LAYER_PHONE, "reg.1.address", "ghost" },
		{ LAYER_SITE, "up.backlight.timeout", "20" } };
	struct err err;
	struct buf out;

	buf_init(&out, VENDOR_RENDER_MAX);
	ph.overrides = ov;
	ph.noverrides = 3;
	assert_int_equal(render(w, &ph, FILE_LINES_CFG, &out, &err), ERR_OK);
	assert_true(holds(&out, "dir.corp.user=\"shared\""));
	assert_false(holds(&out, "dir.corp.user=\"\""));
	assert_true(holds(&out, "up.backlight.timeout=\"20\""));
	assert_false(holds(&out, "ghost"));
	assert_int_equal(
		renderer_check_overrides(w->renderer, catalog_find(w->catalog, ph.model), &ph, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "reg.1.address"));
	buf_release(&out);
}

/* A name of one vendor, set for a whole domain, is not written for the others: a Polycom warns on its screen of what it
 * does not know, an HT802 stores it (observed on firmware 1.0.10.6). What nobody knows is written. */
static void overrides_of_another_vendor(void **state)
{
	static const struct {
		const char *model;
		enum file_kind kind;
		const char *own; /* how this one's own name and value stand in its file */
	} all[] = {
		{ "yealink-t46u", FILE_MAC_CFG, "features.dnd.enable = 1" },
		{ "polycom-vvx250", FILE_LINES_CFG, "up.backlight.timeout=\"20\"" },
		{ "grandstream-grp2614", FILE_GS_XML, "<item name=\"language.autoDownload\">1</item>" },
	};
	struct world *w = *state;
	struct override ov[] = { { LAYER_DOMAIN, "features.dnd.enable", "1" },
		{ LAYER_DOMAIN, "up.backlight.timeout", "20" }, { LAYER_DOMAIN, "language.autoDownload", "1" },
		{ LAYER_DOMAIN, "nobody.knows.this", "7" } };
	const size_t n = sizeof(ov) / sizeof(ov[0]);
	struct err err;
	struct buf out;

	buf_init(&out, VENDOR_RENDER_MAX);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct phone ph = sample(all[i].model);
		const struct profile *pf = catalog_find(w->catalog, ph.model);
		ph.overrides = ov;
		ph.noverrides = n;
		assert_int_equal(render(w, &ph, all[i].kind, &out, &err), ERR_OK);
		assert_true(holds(&out, all[i].own));
		assert_true(holds(&out, "nobody.knows.this"));
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(holds(&out, ov[k].name), k == i);
			assert_int_equal(renderer_foreign(w->renderer, pf->vendor, ov[k].name),
				k == i ? VENDOR_NONE : (enum vendor_id)(VENDOR_YEALINK + k));
		}
		assert_int_equal(renderer_foreign(w->renderer, pf->vendor, "nobody.knows.this"), VENDOR_NONE);
	}
	buf_release(&out);
}

static void memory_runs_out(void **state)
{
	struct world *w = *state;
	struct phone ph = sample("grandstream-gxp1628");
	unsigned long all;
	struct err err;
	struct buf out;

	buf_init(&out, VENDOR_RENDER_MAX);
	mem_fail_from(0);
	assert_int_equal(render(w, &ph, FILE_GS_XML, &out, &err), ERR_OK);
	all = mem_count();
	for (unsigned long n = 1; n <= all; n++) {
		buf_release(&out);
		buf_init(&out, VENDOR_RENDER_MAX);
		mem_fail_from(n);
		assert_int_not_equal(render(w, &ph, FILE_GS_XML, &out, &err), ERR_OK);
		mem_fail_from(0);
	}
	buf_release(&out);
}

static void zones(void **state)
{
	struct zone z;
	char text[96];

	(void)state;
	for (size_t i = 0; i + 1 < zone_count; i++)
		assert_true(strcmp(zone_names[i].name, zone_names[i + 1].name) < 0);
	for (size_t i = 0; i < zone_count; i++) {
		assert_true(zone_find(zone_names[i].name, &z));
		assert_true(z.offset_s >= -12 * 3600 && z.offset_s <= 14 * 3600);
		if (!z.summer)
			continue;
		assert_true(z.shift_s == 3600 || z.shift_s == 1800 || z.shift_s == 7200);
		assert_in_range(z.start.month, 1, 12);
		assert_in_range(z.end.week, 1, 5);
		assert_in_range(z.start.weekday, 0, 6);
		assert_in_range(z.end.hour, 0, 23);
	}
	assert_true(zone_find("Europe/Berlin", &z));
	zone_posix(&z, text, sizeof(text));
	assert_string_equal(text, "CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00");
	assert_true(zone_find("America/New_York", &z));
	assert_int_equal(z.offset_s, -5 * 3600);
	assert_int_equal(z.start.month, 3);
	assert_int_equal(z.start.week, 2);
	assert_true(zone_find("Asia/Kolkata", &z));
	zone_posix(&z, text, sizeof(text));
	assert_string_equal(text, "IST-5:30");
	assert_true(zone_find("Europe/Dublin", &z)); /* written the other way round in the database */
	assert_int_equal(z.offset_s, 0);
	assert_int_equal(z.start.month, 3);
	assert_true(zone_find("America/Santiago", &z)); /* 24:00 of a Saturday is 0:00 of the Sunday */
	assert_int_equal(z.start.weekday, 0);
	assert_int_equal(z.start.hour, 0);
	assert_true(zone_find(NULL, &z));
	assert_int_equal(z.offset_s, 0);
	assert_false(zone_find("Europe/Bonn", &z));
}

static void fillers(void **state)
{
	struct secret a = { "key a", 5 }, b = { "key b", 5 };
	struct mac m1 = { { 1, 2, 3, 4, 5, 6 } }, m2 = { { 1, 2, 3, 4, 5, 7 } };
	char x[FILLER_MAX + 1], y[FILLER_MAX + 1];

	(void)state;
	filler_make(&a, &m1, "p", 1, false, x, 16);
	filler_make(&a, &m1, "p", 1, false, y, 16);
	assert_string_equal(x, y);
	assert_int_equal(strlen(x), 16);
	assert_int_equal(strspn(x, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), 16);
	filler_make(&b, &m1, "p", 1, false, y, 16);
	assert_string_not_equal(x, y);
	filler_make(&a, &m2, "p", 1, false, y, 16);
	assert_string_not_equal(x, y);
	filler_make(&a, &m1, "q", 1, false, y, 16);
	assert_string_not_equal(x, y);
	filler_make(&a, &m1, "p", 2, false, y, 16);
	assert_string_not_equal(x, y);
	filler_make(&a, &m1, "p", 1, true, y, FILLER_MAX);
	assert_int_equal(strspn(y, "0123456789"), FILLER_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_names),
		cmocka_unit_test(not_file_names),
		cmocka_unit_test(user_agents),
		cmocka_unit_test(tables),
		cmocka_unit_test(names_out_and_in),
		cmocka_unit_test(bad_names_do_not_keep_a_file_back),
		cmocka_unit_test(what_is_not_rendered),
		cmocka_unit_test(idle_and_poll),
		cmocka_unit_test(overrides_stand_once),
		cmocka_unit_test(overrides_of_another_vendor),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(zones),
		cmocka_unit_test(fillers),
	};
	return cmocka_run_group_tests(tests, open_world, close_world);
}
