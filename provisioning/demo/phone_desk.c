#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/demo/phone.h"

void phone_say_broken(const struct err *err)
{
	phone_say_text("broken", "why", err->text, NULL);
}

static const char *text(const char *s)
{
	return s ? s : "";
}

static json_t *face_lines(const struct handset *hs, struct arena *a)
{
	struct handset_line *v = NULL;
	json_t *out = json_array();
	struct err err;
	size_t i, n = 0;

	if (handset_lines(hs, a, &v, &n, &err))
		phone_say_broken(&err);
	for (i = 0; i < n; i++)
		json_array_append_new(out, json_pack("{s:i s:s s:s s:s}", "slot", (int)v[i].slot, "user", v[i].user,
						   "label", text(v[i].label), "name", text(v[i].display_name)));
	return out;
}

static json_t *face_keys(const struct handset *hs, struct arena *a)
{
	struct handset_key *v = NULL;
	json_t *out = json_array();
	struct err err;
	size_t i, n = 0;

	if (handset_keys(hs, a, &v, &n, &err))
		phone_say_broken(&err);
	for (i = 0; i < n; i++)
		json_array_append_new(
			out, json_pack("{s:i s:i s:s s:s s:s}", "module", (int)v[i].module, "index", (int)v[i].index,
				     "kind", v[i].kind, "label", text(v[i].label), "value", text(v[i].value)));
	return out;
}

void phone_say_face(const struct handset *hs)
{
	struct arena a;

	arena_init(&a, 0);
	phone_say(json_pack("{s:s s:o s:o}", "is", "face", "lines", face_lines(hs, &a), "keys", face_keys(hs, &a)));
	arena_release(&a);
}

unsigned phone_say_pulled(const struct handset *hs, const char *why)
{
	static const char *const words[] = {
		[HANDSET_APPLIED] = "applied",
		[HANDSET_UNCHANGED] = "unchanged",
		[HANDSET_REFUSED] = "refused",
		[HANDSET_ABSENT] = "absent",
	};
	json_t *files = json_array();
	const struct handset_step *v;
	unsigned served = 0;
	size_t i, n;

	v = handset_steps(hs, &n);
	for (i = 0; i < n; i++) {
		served += v[i].status == 200;
		json_array_append_new(files, json_pack("{s:s s:i s:s s:s}", "file", v[i].file, "status", v[i].status,
						     "what", words[v[i].what], "why", text(v[i].why)));
	}
	phone_say(json_pack("{s:s s:s s:o}", "is", "pulled", "why", why, "files", files));
	return served;
}

/* ---- names; the forms are those that public servers and registrars log ---- */

struct name_of {
	const char *token, *firmware;
};

static struct name_of name_of(const struct profile *p)
{
	return (struct name_of){ p->nua_tokens ? p->ua_tokens[0] : p->model, p->firmware ? p->firmware : "1.0.0.1" };
}

static const char *polycom_family(const char *token)
{
	return strncmp(token, "SPIP", 4) == 0 ? "SoundPointIP" : "VVX";
}

void phone_http_agent(char out[PHONE_TEXT_MAX], const struct phone_setup *setup, const struct profile *profile)
{
	struct name_of n = name_of(profile);
	const unsigned char *m = setup->mac.b;
	char mac[MAC_TEXT];

	mac_text(&setup->mac, mac);
	switch (profile->vendor) {
	case VENDOR_YEALINK:
		snprintf(out, PHONE_TEXT_MAX, "Yealink %s %s %02x:%02x:%02x:%02x:%02x:%02x", n.token, n.firmware, m[0],
			m[1], m[2], m[3], m[4], m[5]);
		break;
	case VENDOR_POLYCOM:
		snprintf(out, PHONE_TEXT_MAX, "FileTransport Polycom%s-%s-UA/%s (SN:%s) Type/Application",
			polycom_family(n.token), n.token, n.firmware, mac);
		break;
	case VENDOR_GRANDSTREAM:
		snprintf(out, PHONE_TEXT_MAX, "Grandstream Model HW %s SW %s DevId %s", n.token, n.firmware, mac);
		break;
	default:
		snprintf(out, PHONE_TEXT_MAX, "Linphonec/5.1.65");
		break;
	}
}

void phone_sip_agent(char out[PHONE_TEXT_MAX], const struct profile *profile)
{
	struct name_of n = name_of(profile);

	switch (profile->vendor) {
	case VENDOR_YEALINK:
		snprintf(out, PHONE_TEXT_MAX, "Yealink %s %s", n.token, n.firmware);
		break;
	case VENDOR_POLYCOM:
		snprintf(out, PHONE_TEXT_MAX, "Polycom%s-%s-UA/%s", polycom_family(n.token), n.token, n.firmware);
		break;
	case VENDOR_GRANDSTREAM:
		snprintf(out, PHONE_TEXT_MAX, "Grandstream %s %s", n.token, n.firmware);
		break;
	default:
		snprintf(out, PHONE_TEXT_MAX, "Linphonec/5.1.65 (belle-sip/5.2.0)");
		break;
	}
}
