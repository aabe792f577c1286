#include "phonecfg/vendor/view.h"

#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/filler.h"

/* What an idle line is called on the screen, where nothing else is said: a name for the desk, of no person. */
static const char idle_label[] = "Vacant";

const struct dialect *dialect_of(enum vendor_id id)
{
	static const struct dialect *const all[VENDOR_COUNT] = {
		[VENDOR_YEALINK] = &yealink_dialect,
		[VENDOR_POLYCOM] = &polycom_dialect,
		[VENDOR_GRANDSTREAM] = &grandstream_dialect,
		[VENDOR_LINPHONE] = &linphone_dialect,
		[VENDOR_ACROBITS] = &acrobits_dialect,
		[VENDOR_ZOIPER] = &zoiper_dialect,
		[VENDOR_SHEET] = &sheet_dialect,
	};

	return (unsigned)id < VENDOR_COUNT ? all[id] : NULL;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

static bool set(const char *s)
{
	return s && *s;
}

bool text_fits(const struct text_rule *rule, const char *text)
{
	struct slice s = slice_str(text);
	bool plain = !(text_classes(s) & (TEXT_CONTROL | TEXT_HIGH));

	if (!plain && (rule->ascii || !text_is_utf8(s) || text_has_control(s)))
		return false;
	if ((plain ? s.n : text_length(s)) > rule->max)
		return false;
	for (const char *const *r = rule->reserved; r && *r; r++) {
		if (slice_ieq_str(slice_trim(s), *r))
			return false;
	}
	return true;
}

/* text, or fallback where the vendor could not show it. */
static const char *view_text(const struct text_rule *rule, const char *text, const char *fallback)
{
	return set(text) && text_fits(rule, text) ? text : fallback;
}

unsigned transport_port(enum transport t)
{
	return t == TRANSPORT_TLS ? 5061 : 5060;
}

const char *view_host_port(struct arena *a, const char *host, unsigned port)
{
	return port ? arena_printf(a, "%s:%u", host, port) : host;
}

bool view_codec(const struct phone *ph, enum codec c)
{
	for (size_t i = 0; i < ph->set.ncodecs; i++) {
		if (ph->set.codecs[i] == c)
			return true;
	}
	return false;
}

void view_line(const struct phone *ph, enum vendor_id vendor, unsigned slot, struct line_view *out)
{
	const struct account *ac = phone_account(ph, slot);
	const struct dialect *d = dialect_of(vendor);
	const char *server;

	*out = (struct line_view){ .label = "",
		.display_name = "",
		.user = "",
		.auth_user = "",
		.domain = "",
		.realm = "",
		.voicemail = "",
		.expires_s = 3600 };
	if (!ac || ac->use == ACCOUNT_NONE)
		return;
	out->used = true;
	out->user = or_empty(ac->user);
	out->auth_user = set(ac->auth_user) ? ac->auth_user : out->user;
	out->label = view_text(&d->label, ac->label, ac->use == ACCOUNT_IDLE ? idle_label : out->user);
	out->display_name = ac->use == ACCOUNT_IDLE ? "" : view_text(&d->display_name, ac->display_name, "");
	out->password = &ac->password;
	out->domain = set(ac->domain) ? ac->domain : or_empty(ph->domain);
	out->realm = set(ac->realm) ? ac->realm : out->domain;
	out->transport = ac->transport;
	out->expires_s = ac->expires_s ? ac->expires_s : 3600;
	out->voicemail = ac->use == ACCOUNT_IDLE ? "" : or_empty(ac->voicemail);
	out->shared = ac->shared && ac->use == ACCOUNT_LINE;
	/* The domain stands in the address of record; a server of another name is where requests are sent. */
	server = set(ac->server) ? ac->server : out->domain;
	if (set(ac->proxy)) {
		out->proxy = ac->proxy;
		out->proxy_port = ac->proxy_port;
		out->port = strcmp(server, out->domain) == 0 ? ac->port : 0;
	} else if (strcmp(server, out->domain) != 0) {
		out->proxy = server;
		out->proxy_port = ac->port;
	} else {
		out->port = ac->port;
	}
}

static bool is_line(enum key_type t)
{
	return t == KEY_LINE || t == KEY_SHARED_LINE;
}

static bool slot_used(const struct phone *ph, unsigned slot)
{
	const struct account *ac = phone_account(ph, slot);

	return ac && ac->use != ACCOUNT_NONE;
}

static bool slot_has_key(const struct phone *ph, unsigned slot)
{
	for (size_t i = 0; i < ph->nkeys; i++) {
		if (is_line(ph->keys[i].type) && (ph->keys[i].slot ? ph->keys[i].slot : 1) == slot)
			return true;
	}
	return false;
}

void view_key(const struct phone *ph, const struct profile *pf, unsigned module, unsigned index, struct key_view *out)
{
	const struct key *k = phone_key(ph, module, index);
	const struct text_rule *rule = &dialect_of(pf->vendor)->key_label;
	struct line_view line;

	*out = (struct key_view){ .type = KEY_NONE, .slot = 1, .value = "", .label = "", .pickup = "" };
	if (k && !is_line(k->type) && phone_vacant(ph))
		k = NULL;
	if (!k || k->type == KEY_NONE) {
		if (module || k || !slot_used(ph, index) || slot_has_key(ph, index))
			return;
		out->type = KEY_LINE;
		out->slot = index;
	} else {
		out->type = k->type;
		out->slot = k->slot ? k->slot : 1;
	}
	if (is_line(out->type)) {
		if (!slot_used(ph, out->slot)) {
			out->type = KEY_NONE;
			out->slot = 1;
			return;
		}
		view_line(ph, pf->vendor, out->slot, &line);
		out->label = view_text(rule, k ? k->label : NULL, view_text(rule, line.label, line.user));
		return;
	}
	out->value = or_empty(k->value);
	out->pickup = or_empty(k->pickup);
	out->label = view_text(rule, k->label, out->value);
}

void view_shown(const struct phone *ph, const struct profile *pf, unsigned module, unsigned index, struct key_view *out)
{
	const struct key_block *block = module ? NULL : profile_block(pf, index);
	struct line_view line;

	view_key(ph, pf, module, index, out);
	if (pf->vendor == VENDOR_POLYCOM && is_line(out->type)) {
		view_line(ph, pf->vendor, out->slot, &line);
		out->label = line.label;
	}
	if (pf->vendor == VENDOR_GRANDSTREAM && is_line(out->type) && block != pf->blocks)
		*out = (struct key_view){ .type = KEY_NONE, .slot = 1, .value = "", .label = "", .pickup = "" };
	if (pf->vendor == VENDOR_GRANDSTREAM && out->type == KEY_NONE && block && index - block->first < block->fixed) {
		view_line(ph, pf->vendor, 1, &line);
		*out = (struct key_view){ .type = KEY_LINE, .slot = 1, .value = "", .label = line.label, .pickup = "" };
	}
}

unsigned view_poll(const struct phone *ph, enum vendor_id vendor)
{
	unsigned shortest = dialect_of(vendor)->shortest_min, asked = ph->poll_minutes ? ph->poll_minutes : 1440;
	bool reachable = false;

	for (size_t i = 0; i < ph->naccounts; i++)
		reachable = reachable || ph->accounts[i].use != ACCOUNT_NONE;
	if (!reachable) /* nobody can tell it anything: it must come by itself */
		return shortest;
	return asked < shortest ? shortest : asked;
}

struct tval *view_password(struct arena *a, const struct phone *ph, const struct secret *given, const char *purpose)
{
	char made[FILLER_MAX + 1];
	struct secret s;

	if (given && secret_set(given) && given->n)
		return tval_secret(a, given);
	filler_make(&ph->filler, &ph->mac, purpose, 0, false, made, 16);
	s = (struct secret){ made, 16 };
	return tval_secret(a, &s);
}

struct tval *view_filler(struct arena *a, const struct phone *ph, bool digits)
{
	char made[FILLER_MAX + 1];
	size_t n = digits ? 8 : 16;
	struct secret s;

	filler_make(&ph->filler, &ph->mac, "blank", ph->generation, digits, made, n);
	s = (struct secret){ made, n };
	return tval_secret(a, &s);
}

struct tval *list_numbers(struct arena *a, unsigned first, unsigned max)
{
	struct tval *list = tval_list(a);

	for (unsigned n = first; n <= max; n++) {
		struct tval *o = tval_object(a);
		tval_put_int(o, "n", n);
		tval_push(list, o);
	}
	return list;
}
