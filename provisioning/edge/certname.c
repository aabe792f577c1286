#include "provisioning/edge/certname.h"

#include <openssl/asn1t.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

/* Names of certificates whose key is the same in every phone (Grandstream's firmware carries this one). */
static const char *const shared[] = { "GXE50XX" };

struct names {
	bool bad; /* this certificate proves nothing, whatever else it says */
	bool found;
	struct mac mac;
};

/* Every phone has an address of its own: not all zero, and no group's. */
static bool is_phone(const struct mac *m)
{
	static const struct mac nobody;

	return !mac_eq(m, &nobody) && (m->b[0] & 1) == 0;
}

static void add(struct names *names, const struct mac *m)
{
	if (!is_phone(m) || (names->found && !mac_eq(m, &names->mac)))
		names->bad = true;
	names->found = true;
	names->mac = *m;
}

static void take(struct names *names, struct slice s)
{
	struct mac m;
	size_t i;

	if (s.n && memchr(s.p, '\0', s.n)) /* one name for us, another for whoever reads strings */
		names->bad = true;
	for (i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (s.n == strlen(shared[i]) && strncasecmp(s.p, shared[i], s.n) == 0)
			names->bad = true;
	if (mac_parse(s, &m))
		add(names, &m);
}

static void take_string(struct names *names, const ASN1_STRING *string)
{
	unsigned char *text = NULL;
	int n = ASN1_STRING_to_UTF8(&text, string);

	if (n < 0)
		names->bad = true;
	else
		take(names, (struct slice){ (const char *)text, (size_t)n });
	OPENSSL_free(text);
}

static void take_raw(struct names *names, const ASN1_STRING *string)
{
	take(names, (struct slice){ (const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string) });
}

/* RFC 9039: "urn:dev:mac:" and an EUI-64, in which an EUI-48 has ff:fe in its middle. */
static bool eui64(struct slice s, struct mac *out)
{
	char text[12];

	if (s.n != 16 || strncasecmp(s.p + 6, "fffe", 4) != 0)
		return false;
	memcpy(text, s.p, 6);
	memcpy(text + 6, s.p + 10, 6);
	return mac_parse((struct slice){ text, sizeof(text) }, out);
}

static void take_uri(struct names *names, const ASN1_STRING *string)
{
	static const char *const schemes[] = { "urn:dev:mac:", "urn:mac:", "mac:" };
	struct slice s = { (const char *)ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string) };
	struct mac m;
	size_t i, n = 0;

	for (i = 0; n == 0 && i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (s.n >= strlen(schemes[i]) && strncasecmp(s.p, schemes[i], strlen(schemes[i])) == 0)
			n = strlen(schemes[i]);
	s = (struct slice){ s.p + n, s.n - n };
	if (n && eui64(s, &m))
		add(names, &m);
	else
		take(names, s);
}

/* RFC 4108: HardwareModuleName ::= SEQUENCE { hwType OBJECT IDENTIFIER, hwSerialNum OCTET STRING } */
static void take_hardware(struct names *names, const ASN1_STRING *sequence)
{
	const unsigned char *p = ASN1_STRING_get0_data(sequence);
	ASN1_SEQUENCE_ANY *parts = d2i_ASN1_SEQUENCE_ANY(NULL, &p, ASN1_STRING_length(sequence));
	const ASN1_TYPE *serial = sk_ASN1_TYPE_num(parts) == 2 ? sk_ASN1_TYPE_value(parts, 1) : NULL;

	if (serial && serial->type == V_ASN1_OCTET_STRING)
		take_raw(names, serial->value.octet_string);
	sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
}

static void take_other(struct names *names, const OTHERNAME *other)
{
	static const char hardware[] = "1.3.6.1.5.5.7.8.4";
	char oid[32];

	switch (ASN1_TYPE_get(other->value)) {
	case V_ASN1_UTF8STRING:
	case V_ASN1_IA5STRING:
	case V_ASN1_PRINTABLESTRING:
		take_string(names, other->value->value.asn1_string);
		break;
	case V_ASN1_SEQUENCE:
		if (OBJ_obj2txt(oid, sizeof(oid), other->type_id, 1) == (int)sizeof(hardware) - 1 &&
			strcmp(oid, hardware) == 0)
			take_hardware(names, other->value->value.sequence);
		break;
	default:
		break;
	}
}

static void take_subject(struct names *names, const X509_NAME *subject)
{
	int i;

	for (i = 0; i < X509_NAME_entry_count(subject); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));

		if (nid == NID_commonName || nid == NID_serialNumber)
			take_string(names, X509_NAME_ENTRY_get_data(entry));
	}
}

static void take_alternatives(struct names *names, X509 *cert)
{
	int i, critical;
	GENERAL_NAMES *list = X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);

	if (list == NULL && critical != -1) /* there are some, and they cannot be read */
		names->bad = true;
	for (i = 0; i < sk_GENERAL_NAME_num(list); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(list, i);

		if (name->type == GEN_DNS)
			take_raw(names, name->d.dNSName);
		else if (name->type == GEN_URI)
			take_uri(names, name->d.uniformResourceIdentifier);
		else if (name->type == GEN_OTHERNAME)
			take_other(names, name->d.otherName);
	}
	GENERAL_NAMES_free(list);
}

bool certname_mac(X509 *cert, struct mac *out)
{
	struct names names = { 0 };

	take_subject(&names, X509_get_subject_name(cert));
	take_alternatives(&names, cert);
	if (!names.found || names.bad)
		return false;
	*out = names.mac;
	return true;
}
