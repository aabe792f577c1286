#include "provisioning/registrar/ul_answer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CONTACTS_MAX = 1000 };

/* Kamailio writes "[not set]" where a contact lacks a thing. */
static const char *text(const json_t *contact, const char *key, struct arena *a)
{
	const char *s = json_string_value(json_object_get(contact, key));

	return s && *s && strcmp(s, "[not set]") != 0 && strcmp(s, "n/a") != 0 ? arena_strdup(a, s) : NULL;
}

/* Host of "sip:user@host:port;params", brackets of IPv6 dropped. */
static const char *host_of(const char *uri, struct arena *a)
{
	struct slice s = slice_str(uri), user;
	const char *at, *end;

	(void)slice_cut(&s, ':');
	user = s;
	at = memchr(user.p ? user.p : "", '@', user.n);
	if (at)
		s = (struct slice){ at + 1, (size_t)(user.p + user.n - at - 1) };
	if (s.n && s.p[0] == '[') {
		end = memchr(s.p, ']', s.n);
		return arena_strndup(a, s.p + 1, end ? (size_t)(end - s.p - 1) : 0);
	}
	return arena_strndup(a, s.p ? s.p : "", s.n ? strcspn(s.p, ":;?>") : 0);
}

static bool usable(const json_t *contact)
{
	const char *state = json_string_value(json_object_get(contact, "Expires"));

	if (!json_is_string(json_object_get(contact, "Address")))
		return false;
	return !state || (strcasecmp(state, "deleted") != 0 && strcasecmp(state, "expired") != 0);
}

static void read_contact(const json_t *contact, struct arena *a, struct binding *b)
{
	*b = (struct binding){
		.contact = text(contact, "Address", a),
		.received = text(contact, "Received", a),
		.path = text(contact, "Path", a),
		.user_agent = text(contact, "User-Agent", a),
		.call_id = text(contact, "Call-ID", a),
		.socket = text(contact, "Socket", a),
		.instance = text(contact, "Instance", a),
		.expires_s = json_integer_value(json_object_get(contact, "Expires")),
		.refreshed = json_integer_value(json_object_get(contact, "Last-Modified")),
	};
	if (!b->contact)
		b->contact = arena_strdup(a, "");
	b->source = host_of(b->received ? b->received : b->contact, a);
}

static int by_contact(const void *a, const void *b)
{
	return strcmp(((const struct binding *)a)->contact, ((const struct binding *)b)->contact);
}

static enum err_code read_contacts(const json_t *list, struct arena *a, struct binding_list *out, struct err *err)
{
	size_t n = json_array_size(list);

	if (n > CONTACTS_MAX)
		return err_set(err, ERR_LIMIT, "The registrar names %zu contacts for one address of record.", n);
	out->v = arena_alloc(a, (n ? n : 1) * sizeof *out->v);
	for (size_t i = 0; out->v && i < n; i++) {
		const json_t *contact = json_object_get(json_array_get(list, i), "Contact");

		if (usable(contact))
			read_contact(contact, a, &out->v[out->n++]);
	}
	if (arena_failed(a)) {
		*out = (struct binding_list){ 0 };
		return err_set(err, ERR_NOMEM, "Out of memory while reading the registrar's bindings.");
	}
	qsort(out->v, out->n, sizeof *out->v, by_contact);
	return ERR_OK;
}

/* The two wordings of usrloc for nobody there, and that of ul.rm_contact. */
static bool means_absent(const char *message)
{
	static const char *const words[] = { "AOR not found", "AOR has no contacts", "Contact not found",
		"contact not found" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strstr(message, words[i]))
			return true;
	return false;
}

static json_t *load(struct slice body, struct err *err)
{
	json_error_t je;
	json_t *j = body.n ? json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &je) : NULL;

	if (!json_is_object(j)) {
		json_decref(j);
		err_set(err, ERR_IO, "The registrar's JSON-RPC answered with something else than a JSON object.");
		return NULL;
	}
	return j;
}

static enum err_code refused(const json_t *answer, struct err *err)
{
	const char *message = json_string_value(json_object_get(json_object_get(answer, "error"), "message"));

	if (message && means_absent(message))
		return ERR_NOT_FOUND;
	return err_set(err, ERR_IO, "The registrar's JSON-RPC refused the call: %.200s.",
		message ? message : "no reason given");
}

enum err_code ul_lookup_answer(struct slice body, struct arena *a, struct binding_list *out, struct err *err)
{
	json_t *answer = load(body, err), *contacts;
	enum err_code rc;

	*out = (struct binding_list){ 0 };
	if (!answer)
		return ERR_IO;
	if (!json_object_get(answer, "result")) {
		rc = refused(answer, err);
		rc = rc == ERR_NOT_FOUND ? ERR_OK : rc;
	} else {
		contacts = json_object_get(json_object_get(answer, "result"), "Contacts");
		rc = json_is_array(contacts) ? read_contacts(contacts, a, out, err)
					     : err_set(err, ERR_IO, "The registrar's answer lacks its contacts.");
	}
	json_decref(answer);
	return rc;
}

enum err_code ul_rm_answer(struct slice body, struct err *err)
{
	json_t *answer = load(body, err);
	enum err_code rc = ERR_OK;

	if (!answer)
		return ERR_IO;
	if (!json_object_get(answer, "result")) {
		rc = refused(answer, err);
		rc = rc == ERR_NOT_FOUND ? ERR_OK : rc;
	}
	json_decref(answer);
	return rc;
}
