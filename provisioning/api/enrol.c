/* A softphone's address, and what its client scans to find it.
 *
 * The address is told once, in this answer: the store keeps a hash of its token. So the pictures are part of the
 * answer; a link to them would have to carry the token. */
#include <string.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/qr/qr.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/store/softphone.h"

enum { LABEL_MAX = 64, CODE_MAX = 64 };

struct enrol {
	struct call *call;
	struct user_row user;
	struct device_row device;
	struct softphone_row row;
	const struct kind *kind;
	const char *code; /* what the request gives beside the kind, or NULL */
	struct secret token;
	const char *url;
};

/* ---- what each kind of client scans ---- */

/* An address, plain or with the scheme in front (observed, and the program's source). The scheme opens the app. */
static const char *linphone_text(const struct enrol *n)
{
	return arena_printf(n->call->a, "linphone-config:%s", n->url);
}

/* csc:USERNAME@CODE (vendor documentation). The app asks at the address that its maker's portal holds for that code and
 * puts the user name in for %username%: ours is the token, so no password of SIP is in the picture. */
static const char *acrobits_text(const struct enrol *n)
{
	return n->code ? arena_printf(n->call->a, "csc:%s@%s", secret_reveal(&n->token).p, n->code) : NULL;
}

/* The vendor's QR page with a provider's number and a token; the app asks at the provider's token address. */
static const char *zoiper_text(const struct enrol *n)
{
	return n->code ? arena_printf(n->call->a, "https://oem.zoiper.com/qr-howto.php?provider_id=%s&t=%s", n->code,
				 secret_reveal(&n->token).p)
		       : NULL;
}

static const char *sheet_text(const struct enrol *n)
{
	return n->url;
}

static const struct kind {
	enum vendor_id vendor;
	const char *code;        /* member of the request that its picture needs, or NULL */
	const char *letters;     /* that it may have beside letters and digits */
	const char *placeholder; /* what stands for the token in the address that the client's maker is told, or NULL */
	const char *(*text)(const struct enrol *n); /* what is scanned; NULL = no picture without the code */
} kinds[] = {
	{ VENDOR_LINPHONE, NULL, NULL, NULL, linphone_text },
	{ VENDOR_ACROBITS, "cloud-code", "*-_", "%username%", acrobits_text },
	{ VENDOR_ZOIPER, "provider-id", "-_", "", zoiper_text },
	{ VENDOR_SHEET, NULL, NULL, NULL, sheet_text },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* ---- the request ---- */

static enum err_code read_kind(struct enrol *n, json_t *body, struct err *err)
{
	const char *word;
	enum vendor_id vendor;
	enum err_code e = patch_text(body, "kind", 16, n->call->a, &word, err);

	if (e)
		return e;
	if (word == NULL || *word == '\0')
		word = vendor_word(kinds[0].vendor);
	for (size_t i = 0; vendor_word_parse(word, &vendor) && i < KINDS; i++) {
		if (kinds[i].vendor != vendor)
			continue;
		n->kind = &kinds[i];
		n->row.kind = vendor_word(vendor);
		return ERR_OK;
	}
	return err_set(err, ERR_INPUT, "kind must be linphone, acrobits, zoiper or sheet");
}

static bool code_is_good(const char *code, const char *letters)
{
	for (; *code; code++) {
		bool alnum = (*code >= '0' && *code <= '9') || (*code >= 'a' && *code <= 'z') ||
			     (*code >= 'A' && *code <= 'Z');
		if (!alnum && !strchr(letters, *code))
			return false;
	}
	return true;
}

/* A code belongs to one kind; with another it is a mistake that a silent answer would hide. */
static enum err_code read_code(struct enrol *n, json_t *body, struct err *err)
{
	for (size_t i = 0; i < KINDS; i++) {
		const char *code = NULL;
		enum err_code e;
		if (kinds[i].code == NULL)
			continue;
		e = patch_text(body, kinds[i].code, CODE_MAX, n->call->a, &code, err);
		if (e)
			return e;
		if (code == NULL || *code == '\0')
			continue;
		if (&kinds[i] != n->kind)
			return err_set(err, ERR_INPUT, "%s belongs to the kind %s; leave it out, or ask for that kind",
				kinds[i].code, vendor_word(kinds[i].vendor));
		if (!code_is_good(code, kinds[i].letters))
			return err_set(err, ERR_INPUT, "%s may hold letters, digits and %s only", kinds[i].code,
				kinds[i].letters);
		n->code = code;
	}
	return ERR_OK;
}

static enum err_code read_request(struct enrol *n, struct err *err)
{
	struct call *c = n->call;
	const char *label;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_device(c, &n->user, &n->device, err)) || (e = device_may_change(c, &n->user, err)) ||
		(e = read_kind(n, body, err)) || (e = read_code(n, body, err)) ||
		(e = patch_text(body, "label", LABEL_MAX, c->a, &label, err)))
		return e;
	n->row.domain_id = c->domain.id;
	n->row.user_id = n->user.id;
	n->row.device_id = n->device.id;
	n->row.label = label ? label : "";
	return ERR_OK;
}

static enum err_code enrol_fn(struct txn *t, void *arg, struct err *err)
{
	struct enrol *n = arg;
	struct softphone_row row = n->row;
	int64_t generation;
	enum err_code e = softphone_add(t->db, &row, n->call->a, &n->token, err);

	if (e == ERR_OK)
		e = softphone_slots(t->db, row.id, 1, err);
	if (e == ERR_OK)
		e = softphone_bump(t->db, row.id, &generation, err);
	return e ? e
		 : call_audit(n->call, t->db, "softphone-enrol", n->user.ext, n->device.name, NULL,
			   call_text(n->call, json_pack("{s:s, s:s}", "kind", row.kind, "label", row.label)), err);
}

/* ---- the answer ---- */

static json_t *png_url(const struct buf *png, struct arena *a)
{
	static const char head[] = "data:image/png;base64,";
	char *text = arena_alloc(a, sizeof(head) + BASE64_LEN(png->len));

	if (text == NULL)
		return NULL;
	memcpy(text, head, sizeof(head));
	base64_write(png->data, png->len, text + sizeof(head) - 1);
	return json_string(text);
}

/* {"text", "svg", "png"}, or null where the client has nothing to scan. */
static enum err_code picture(struct enrol *n, json_t **out, struct err *err)
{
	struct arena *a = n->call->a;
	const char *text = n->kind->text(n);
	struct buf svg, png;
	struct qr qr;
	enum err_code e;

	*out = json_null();
	if (text == NULL)
		return arena_failed(a) ? call_no_memory(err) : ERR_OK;
	buf_init(&svg, QR_SVG_MAX);
	buf_init(&png, QR_PNG_MAX);
	e = qr_make(slice_str(text), a, &qr, err);
	if (e == ERR_OK)
		e = qr_svg(&qr, arena_printf(a, "QR code for %s", n->device.name), &svg, err);
	if (e == ERR_OK)
		e = qr_png(&qr, QR_SCALE, &png, err);
	if (e == ERR_OK)
		*out = json_pack("{s:s, s:s, s:o?}", "text", text, "svg", svg.data, "png", png_url(&png, a));
	buf_release(&svg);
	buf_release(&png);
	return e == ERR_OK && *out == NULL ? call_no_memory(err) : e;
}

enum err_code devices_enrol(struct call *c, struct err *err)
{
	struct enrol n = { .call = c };
	json_t *qr, *out;
	enum err_code e = read_request(&n, err);

	if (e || (e = call_write(c, enrol_fn, &n, err)))
		return e;
	n.url = arena_printf(c->a, "%s/soft/%s", c->api->conf.phones_url, secret_reveal(&n.token).p);
	if (n.url == NULL)
		return call_no_memory(err);
	if ((e = picture(&n, &qr, err)))
		return e;
	out = json_pack("{s:s, s:s, s:s, s:o}", "device", n.device.name, "kind", n.row.kind, "url", n.url, "qr", qr);
	if (out && n.kind->vendor == VENDOR_LINPHONE)
		json_object_set_new(out, "linphone-config", json_string(linphone_text(&n)));
	if (out && n.kind->placeholder)
		json_object_set_new(out, "provider-url",
			json_string(arena_printf(c->a, "%s/soft/%s", c->api->conf.phones_url, n.kind->placeholder)));
	return call_created(c, NULL, out, err);
}
