/* Which phone a certificate names: every spelling, every place, and what must name nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/x509v3.h>

#include "provisioning/edge/certname.h"

enum place { CN, SERIAL, DNS, URI, OTHER, HARDWARE, EMAIL, ORGANISATION, BROKEN };

struct name {
	enum place place;
	const char *text;
	size_t n; /* 0 = strlen */
};

#define ONE "001565aabb01"

static void put_subject(X509 *cert, int nid, int type, const char *text, size_t n)
{
	assert_int_equal(X509_NAME_add_entry_by_NID(
				 X509_get_subject_name(cert), nid, type, (const unsigned char *)text, (int)n, -1, 0),
		1);
}

static ASN1_STRING *string_of(int type, const char *text, size_t n)
{
	ASN1_STRING *s = ASN1_STRING_type_new(type);

	assert_int_equal(ASN1_STRING_set(s, text, (int)n), 1);
	return s;
}

static GENERAL_NAME *other_name(const char *oid, int type, const char *text, size_t n)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_TYPE *value = ASN1_TYPE_new();

	ASN1_TYPE_set(value, type, string_of(type, text, n));
	assert_int_equal(GENERAL_NAME_set0_othername(name, OBJ_txt2obj(oid, 1), value), 1);
	return name;
}

/* SEQUENCE { OID 1.3.6.1.4.1.1, OCTET STRING text } */
static GENERAL_NAME *hardware_name(const char *text, size_t n)
{
	char der[64] = { 0x30, 0, 6, 6, 0x2b, 6, 1, 4, 1, 1, 4, 0 };

	der[1] = (char)(10 + n);
	der[11] = (char)n;
	memcpy(der + 12, text, n);
	return other_name("1.3.6.1.5.5.7.8.4", V_ASN1_SEQUENCE, der, 12 + n);
}

static GENERAL_NAME *alternative(const struct name *name, size_t n)
{
	static const int types[] = { [DNS] = GEN_DNS, [URI] = GEN_URI, [EMAIL] = GEN_EMAIL };
	GENERAL_NAME *g;

	if (name->place == OTHER)
		return other_name("1.3.6.1.4.1.99999.1", V_ASN1_UTF8STRING, name->text, n);
	if (name->place == HARDWARE)
		return hardware_name(name->text, n);
	g = GENERAL_NAME_new();
	GENERAL_NAME_set0_value(g, types[name->place], string_of(V_ASN1_IA5STRING, name->text, n));
	return g;
}

static void put_broken(X509 *cert)
{
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	X509_EXTENSION *x;

	ASN1_OCTET_STRING_set(s, (const unsigned char *)"\x30\x7f", 2);
	x = X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, s);
	assert_int_equal(X509_add_ext(cert, x, -1), 1);
	X509_EXTENSION_free(x);
	ASN1_OCTET_STRING_free(s);
}

/* The MAC that a certificate with these names (up to an empty one) names, or "". */
static const char *named(const struct name *names)
{
	static char text[MAC_TEXT];
	X509 *cert = X509_new();
	GENERAL_NAMES *list = GENERAL_NAMES_new();
	struct mac mac;

	for (; names->text; names++) {
		size_t n = names->n ? names->n : strlen(names->text);

		if (names->place == CN || names->place == SERIAL || names->place == ORGANISATION)
			put_subject(cert,
				names->place == CN       ? NID_commonName
				: names->place == SERIAL ? NID_serialNumber
							 : NID_organizationName,
				V_ASN1_UTF8STRING, names->text, n);
		else if (names->place == BROKEN)
			put_broken(cert);
		else
			sk_GENERAL_NAME_push(list, alternative(names, n));
	}
	if (sk_GENERAL_NAME_num(list))
		assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, 0), 1);
	text[0] = '\0';
	if (certname_mac(cert, &mac))
		mac_text(&mac, text);
	GENERAL_NAMES_free(list);
	X509_free(cert);
	return text;
}

static const char *only(enum place place, const char *text)
{
	const struct name names[] = { { place, text }, { 0 } };

	return named(names);
}

static void test_spellings(void **state)
{
	static const char *const spellings[] = { "001565aabb01", "001565AABB01", "00:15:65:aa:bb:01",
		"00:15:65:AA:BB:01", "00-15-65-AA-BB-01", "00-15-65-aa-bb-01", "0015.65aa.bb01", "001565-AABB01" };
	static const enum place places[] = { CN, SERIAL, DNS, URI, OTHER, HARDWARE };
	size_t i, k;

	(void)state;
	for (k = 0; k < sizeof(places) / sizeof(places[0]); k++)
		for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
			if (strcmp(only(places[k], spellings[i]), ONE) != 0)
				fail_msg("%s at place %d", spellings[i], (int)places[k]);
}

static void test_uris(void **state)
{
	static const struct {
		const char *uri, *mac;
	} cases[] = {
		{ "urn:mac:" ONE, ONE },
		{ "MAC:00:15:65:AA:BB:01", ONE },
		{ "urn:dev:mac:001565fffeaabb01", ONE },
		{ "URN:DEV:MAC:001565FFFEAABB01", ONE },
		{ "urn:dev:mac:" ONE, ONE },
		{ "urn:dev:mac:0015650000aabb01", "" },
		{ "urn:dev:mac:001565fffeaabb0", "" },
		{ "001565fffeaabb01", "" },
		{ "urn:uuid:00000000-0000-1000-8000-" ONE, "" },
		{ "https://" ONE "/", "" },
		{ "mac:", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (strcmp(only(URI, cases[i].uri), cases[i].mac) != 0)
			fail_msg("%s", cases[i].uri);
}

static void test_nobody(void **state)
{
	static const struct name nobody[][4] = {
		{ { 0 } },
		{ { CN, "Yealink Equipment Issuing CA" } },
		{ { CN, "Polycom" }, { DNS, "phones.example.test" }, { SERIAL, "20EYZ5PK505DE4A9" } },
		{ { CN, ONE ".example.test" } },
		{ { CN, "SEP" ONE } },
		{ { CN, ONE "00" } },
		{ { CN, "001565aabb0" } },
		{ { CN, " " ONE } },
		{ { CN, "00:15:65:aa:bb:01:" } },
		{ { ORGANISATION, ONE } },
		{ { EMAIL, ONE } },
		{ { CN, "000000000000" } },
		{ { CN, "ffffffffffff" } },
		{ { CN, "011565aabb01" } },
		/* what a whole model shares, with a MAC beside it too */
		{ { CN, "GXE50XX" } },
		{ { CN, "gxe50xx" }, { DNS, ONE } },
		/* two of them, wherever they stand */
		{ { CN, ONE }, { DNS, "001565aabb02" } },
		{ { CN, ONE }, { URI, "urn:mac:001565aabb02" } },
		{ { CN, ONE }, { URI, "urn:dev:mac:001565fffeaabb02" } },
		{ { CN, ONE }, { OTHER, "00-15-65-AA-BB-02" } },
		{ { CN, ONE }, { HARDWARE, "001565AABB02" } },
		{ { CN, ONE }, { SERIAL, "001565aabb02" } },
		{ { CN, ONE }, { CN, "001565aabb02" } },
		{ { DNS, ONE }, { DNS, "001565aabb02" } },
		{ { DNS, ONE }, { DNS, "001565aabb02" }, { DNS, ONE } },
		{ { CN, ONE }, { DNS, "000000000000" } },
		/* a NUL inside, alone and beside a good name */
		{ { CN, ONE "\0", 13 } },
		{ { CN, ONE "\0.evil.test", 23 } },
		{ { CN, "\0" ONE, 13 } },
		{ { DNS, ONE "\0", 13 } },
		{ { CN, ONE }, { DNS, "001565aabb02\0", 13 } },
		{ { CN, ONE }, { URI, "urn:mac:001565aabb02\0x", 22 } },
		{ { CN, ONE }, { OTHER, "x\0y", 3 } },
		{ { CN, ONE }, { SERIAL, "x\0y", 3 } },
		/* alternative names that cannot be read */
		{ { CN, ONE }, { BROKEN, "-" } },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++)
		if (*named(nobody[i]))
			fail_msg("case %zu names %s", i, named(nobody[i]));
}

static void test_agreeing(void **state)
{
	static const struct name all[] = { { ORGANISATION, "Yealink" }, { CN, "00:15:65:AA:BB:01" }, { SERIAL, ONE },
		{ DNS, "00-15-65-aa-bb-01" }, { URI, "urn:dev:mac:001565fffeaabb01" }, { OTHER, ONE },
		{ HARDWARE, ONE }, { EMAIL, "a@example.test" }, { 0 } };
	static const struct name beside[] = { { CN, "VVX 450" }, { SERIAL, "0004f2aabb02" },
		{ DNS, "phone.example.test" }, { 0 } };

	(void)state;
	assert_string_equal(named(all), ONE);
	assert_string_equal(named(beside), "0004f2aabb02");
}

/* UTF-16, as some CAs write names. */
static void test_wide(void **state)
{
	static const char wide[] = "\0"
				   "0\0"
				   "0\0"
				   "1\0"
				   "5\0"
				   "6\0"
				   "5\0"
				   "a\0"
				   "a\0"
				   "b\0"
				   "b\0"
				   "0\0"
				   "1";
	char text[MAC_TEXT];
	X509 *cert = X509_new();
	struct mac mac;

	(void)state;
	put_subject(cert, NID_commonName, V_ASN1_BMPSTRING, wide, 24);
	assert_true(certname_mac(cert, &mac));
	assert_string_equal(mac_text(&mac, text), ONE);
	X509_free(cert);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spellings),
		cmocka_unit_test(test_uris),
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_agreeing),
		cmocka_unit_test(test_wide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
