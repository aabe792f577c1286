/* A device is put on a phone as NetSapiens' clients do it: by the MAC that they give it. */
#include "provisioning/api/device_parts.h"
#include "provisioning/api/patch.h"
#include "provisioning/store/line.h"

enum { MAC_CHARS = 20, SLOTS_MAX = 64 };

static enum err_code read_slot(json_t *body, int64_t *out, struct err *err)
{
	json_t *v = json_object_get(body, "device-provisioning-line");

	*out = 0;
	if (v == NULL || json_is_null(v))
		return ERR_OK;
	*out = json_integer_value(v);
	return json_is_integer(v) && *out >= 0 && *out <= SLOTS_MAX
		       ? ERR_OK
		       : err_set(err, ERR_INPUT, "\"device-provisioning-line\" must be a whole number from 0 to %d",
				 SLOTS_MAX);
}

/* Where it stands already nothing is wanted; from one phone to another is a move, and not done here. */
static enum err_code compare(const struct line_row *lines, size_t n, struct device_place *at, struct err *err)
{
	char mac[MAC_TEXT];
	size_t i;

	at->wanted = n == 0;
	for (i = 0; i < n; i++)
		if (mac_eq(&lines[i].mac, &at->mac) && (at->slot == 0 || at->slot == lines[i].slot))
			return ERR_OK;
	return n == 0 ? ERR_OK
		      : err_set(err, ERR_CONFLICT, "%s stands on phone %s, line %lld; take it off there first",
				lines[0].device, mac_text(&lines[0].mac, mac), (long long)lines[0].slot);
}

enum err_code device_place_read(
	struct call *c, json_t *body, const struct device_row *row, struct device_place *out, struct err *err)
{
	struct line_row *lines = NULL;
	struct phone_row phone;
	const char *text;
	struct db *db;
	size_t n = 0;
	enum err_code e = patch_text(body, "device-provisioning-mac-address", MAC_CHARS, c->a, &text, err);

	*out = (struct device_place){ 0 };
	if (e || (e = read_slot(body, &out->slot, err)) || text == NULL || *text == '\0')
		return e;
	if (!mac_parse(slice_str(text), &out->mac))
		return err_set(err, ERR_INPUT, "device-provisioning-mac-address must be 12 hexadecimal digits");
	if ((e = call_db(c, &db, err)) || (row->id && (e = line_list_device(db, row->id, c->a, &lines, &n, err))) ||
		(e = compare(lines, n, out, err)) || !out->wanted)
		return e;
	return call_phone_given(c, body, &phone, err);
}

static int64_t free_slot(const struct line_row *lines, size_t n)
{
	int64_t slot;
	size_t i;

	for (slot = 1;; slot++) {
		for (i = 0; i < n && (lines[i].slot != slot || lines[i].kind == DEVICE_IDLE); i++)
			;
		if (i == n)
			return slot;
	}
}

enum err_code device_place_put(
	struct inventory *in, const struct device_row *row, const struct device_place *at, struct err *err)
{
	struct inventory_line *want;
	struct phone_row phone;
	struct line_row *lines;
	size_t i, n, k = 0;
	enum err_code e;

	if (!at->wanted)
		return ERR_OK;
	if ((e = phone_load(in->db, &at->mac, in->arena, &phone, err)) ||
		(e = line_list(in->db, phone.id, in->arena, &lines, &n, err)))
		return e;
	want = arena_alloc(in->arena, (n + 1) * sizeof(*want));
	if (want == NULL)
		return call_no_memory(err);
	for (i = 0; i < n; i++) {
		if (lines[i].kind == DEVICE_IDLE)
			continue;
		if (lines[i].slot == at->slot)
			return err_set(err, ERR_CONFLICT, "line %lld of this phone is %s's", (long long)at->slot,
				lines[i].device);
		want[k++] = (struct inventory_line){ lines[i].slot, lines[i].device, lines[i].shared,
			*lines[i].label ? lines[i].label : NULL };
	}
	want[k++] = (struct inventory_line){ at->slot ? at->slot : free_slot(lines, n), row->name, false, NULL };
	return inventory_phone_lines(in, &phone, want, k, err);
}
