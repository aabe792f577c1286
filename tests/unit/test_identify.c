/* What a request claims: captured User-Agents, file names in every spelling, certificates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/phones/identify.h"

static struct claim claim_of(const char *file, const char *ua, const char *certified)
{
	struct http_peer peer = { .tls = true, .cert = certified != NULL, .bundles = 1U << VENDOR_YEALINK };
	struct claim c;

	peer.has_mac = certified && mac_parse(slice_str(certified), &peer.mac);
	identify(slice_str(file), ua, &peer, &c);
	return c;
}

static void test_names(void **state)
{
	static const struct {
		const char *name;
		enum file_kind kind;
		bool mac;
	} names[] = {
		{ "001565aabb01.boot", FILE_MAC_BOOT, true },
		{ "001565AABB01.CFG", FILE_MAC_CFG, true },
		{ "00:15:65:aa:bb:01.cfg", FILE_MAC_CFG, true },
		{ "y000000000000.boot", FILE_ZERO_BOOT, false },
		{ "y000000000108.cfg", FILE_YEALINK_COMMON, false },
		{ "000000000000.cfg", FILE_ZERO_CFG, false },
		{ "0004f2aabb02-Web.cfg", FILE_WEB_CFG, true },
		{ "0004f2aabb02-phone.cfg", FILE_PHONE_CFG, true },
		{ "0004f2aabb02-directory.xml", FILE_DIRECTORY_XML, true },
		{ "0004f2aabb02-calls.xml", FILE_CALLS_XML, true },
		{ "0004f2aabb02-app.log", FILE_LOG, true },
		{ "cfg000b82aabb03", FILE_GS_BINARY, true },
		{ "cfg000b82aabb03.xml", FILE_GS_XML, true },
		{ "cfggxp2170.xml", FILE_GS_MODEL_XML, false },
		{ "cfg.xml", FILE_GS_COMMON_XML, false },
		{ "", FILE_UNKNOWN, false },
		{ "..", FILE_UNKNOWN, false },
		{ "001565aabb01.cfg/../x", FILE_UNKNOWN, false },
		{ "001565aabb0.cfg", FILE_UNKNOWN, false },
		{ "passwd", FILE_UNKNOWN, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct claim c = claim_of(names[i].name, NULL, NULL);

		if (c.file.kind != names[i].kind || c.file.has_mac != names[i].mac)
			fail_msg("%s is kind %d, MAC %d", names[i].name, c.file.kind, c.file.has_mac);
		assert_false(c.has_ua);
	}
}

static void test_agents(void **state)
{
	static const struct {
		const char *ua, *model;
		enum vendor_id vendor;
		const char *mac;
	} agents[] = {
		{ "Yealink SIP-T46U 108.87.14.1 24:9a:d8:6e:9d:88", "SIP-T46U", VENDOR_YEALINK, "249ad86e9d88" },
		{ "Yealink SIP-T38G  38.70.0.125 001565f429a4", "SIP-T38G", VENDOR_YEALINK, "001565f429a4" },
		{ "FileTransport PolycomVVX-VVX_450-UA/5.9.1.0615 Type/Application", "VVX_450", VENDOR_POLYCOM, NULL },
		{ "FileTransport PolycomSoundStationIP-SSIP_5000-UA/4.0.3.7562 (SN:0004f2e765da) Type/Application",
			"SSIP_5000", VENDOR_POLYCOM, "0004f2e765da" },
		{ "Grandstream Model HW GXP2170 SW 1.0.11.79 DevId 000b82aabb03", "GXP2170", VENDOR_GRANDSTREAM,
			"000b82aabb03" },
		{ "Grandstream Model HW GRP2601W SW 1.0.7.32 DevId EC:74:D7:89:1A:76", "GRP2601W", VENDOR_GRANDSTREAM,
			"ec74d7891a76" },
	};
	char text[MAC_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(agents) / sizeof(agents[0]); i++) {
		struct claim c = claim_of("cfg.xml", agents[i].ua, NULL);

		assert_true(c.has_ua);
		assert_string_equal(c.ua.model, agents[i].model);
		assert_int_equal(c.ua.vendor, agents[i].vendor);
		assert_int_equal(c.ua.has_mac, agents[i].mac != NULL);
		if (agents[i].mac)
			assert_string_equal(mac_text(&c.ua.mac, text), agents[i].mac);
		assert_null(claim_mac(&c)); /* a User-Agent names nobody */
	}
	assert_false(claim_of("cfg.xml", "curl/7.88.1", NULL).has_ua);
}

static void test_certificates(void **state)
{
	struct http_peer plain = { .tls = false, .cert = true, .has_mac = true };
	struct http_peer strange = { .tls = true, .cert = false, .has_mac = true };
	char text[MAC_TEXT];
	struct claim c = claim_of("y000000000000.boot", NULL, "00:15:65:AA:BB:01");

	(void)state;
	assert_true(c.has_cert);
	assert_int_equal(c.bundles, 1U << VENDOR_YEALINK);
	assert_string_equal(mac_text(claim_mac(&c), text), "001565aabb01");
	c = claim_of("001565aabb02.cfg", NULL, "001565aabb01");
	assert_string_equal(mac_text(claim_mac(&c), text), "001565aabb02"); /* the path says what is wanted */
	/* what a whole model shares proves nothing */
	assert_false(claim_of("cfg.xml", NULL, "Yealink Equipment Issuing CA").has_cert);
	assert_false(claim_of("cfg.xml", NULL, NULL).has_cert);
	identify(slice_str("cfg.xml"), NULL, &plain, &c);
	assert_false(c.has_cert);
	identify(slice_str("cfg.xml"), NULL, &strange, &c);
	assert_false(c.has_cert);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_agents),
		cmocka_unit_test(test_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
