#include "provisioning/reset/filekey.h"

#include "phonecfg/vendor/crypt.h"
#include "provisioning/reset/desk.h"

const char *filekey_word(enum filekey_state state)
{
	static const char *const words[FILEKEY_STATE_COUNT] = { "plain", "key-on-its-way", "encrypted" };

	return (unsigned)state < FILEKEY_STATE_COUNT ? words[state] : "";
}

enum filekey_state filekey_state(const struct phone_row *row)
{
	return !secret_set(&row->file_key) ? FILEKEY_NONE : row->file_key_seen_ms ? FILEKEY_ARRIVED : FILEKEY_WAITING;
}

bool filekey_put(const struct phone_row *row, enum filekey_proof proof, struct phone *ph)
{
	enum filekey_state state = filekey_state(row);
	bool has = state == FILEKEY_ARRIVED || (state == FILEKEY_WAITING && proof == FILEKEY_BY_NEW_LOGIN) ||
		   (state == FILEKEY_WAITING && proof == FILEKEY_BY_CERTIFICATE && row->file_key_generation &&
			   row->acked >= row->file_key_generation);

	if (state == FILEKEY_NONE)
		return false;
	ph->file_key_next = row->file_key;
	if (!has || proof == FILEKEY_BY_TOKEN)
		return false;
	ph->file_key = row->file_key;
	return true;
}

const char *filekey_first_access(const struct phone_row *row, const struct catalog *catalog)
{
	const struct profile *pf = catalog_find(catalog, row->model);

	enum filekey_state state = filekey_state(row);

	/* On its way, the phone may have it as soon as it asked for a file. */
	if (state == FILEKEY_NONE || (state == FILEKEY_WAITING && row->last_pull_ms == 0) || pf == NULL ||
		pf->vendor != VENDOR_GRANDSTREAM)
		return NULL;
	return "A first file is plain, and this phone holds a file password, with which it refuses plain files: it "
	       "takes the file after a factory reset alone.";
}

/* Does a plain file of this phone carry the key? Else the phone could read none of those that follow. */
static enum err_code check_carried(
	struct inventory *in, const struct profile *pf, const struct phone_row *row, struct err *err)
{
	const struct vendor *v = vendor_get(pf->vendor);
	bool carried = false;
	struct phone ph;
	struct buf b;
	enum err_code e = desk_load(in->db, in->rs->desk, &row->mac, in->arena, &ph, err);

	if (e)
		return e;
	ph.file_key_next = row->file_key;
	buf_init(&b, VENDOR_RENDER_MAX);
	for (size_t i = 0; e == ERR_OK && i < v->nfiles; i++) {
		if (!vendor_encrypts(pf->vendor, v->files[i].kind))
			continue;
		buf_reset(&b);
		e = vendor_render(in->rs->renderer, pf, &ph, v->files[i].kind, &b, err);
		carried = carried || slice_find(buf_view(&b), secret_reveal(&row->file_key)) >= 0;
	}
	buf_release(&b);
	if (e || carried)
		return e;
	return err_set(err, ERR_INPUT, "The files of a %s cannot carry a key; leave encrypt-files off.", pf->display);
}

enum err_code filekey_on(struct inventory *in, struct phone_row *row, struct err *err)
{
	const struct profile *pf = catalog_find(in->rs->catalog, row->model);
	enum err_code e;

	if (secret_set(&row->file_key))
		return ERR_OK;
	if (pf == NULL || !vendor_can_encrypt(pf->vendor) || in->rs->renderer == NULL)
		return err_set(err, ERR_INPUT,
			"%s phones read no encrypted files of this server; leave encrypt-files off.",
			pf ? vendor_get(pf->vendor)->name : row->model);
	if (secret_set(&row->prov_password_previous) && row->last_pull_ms)
		return err_set(err, ERR_CONFLICT,
			"This phone has not used its newest login yet; turn encryption on when it has come for its file.");
	/* As long as the oldest firmware takes: a phone that is set back must still read its files. */
	e = vendor_make_file_key(pf, pf->firmware_min, in->arena, &row->file_key, err);
	if (e == ERR_OK)
		e = check_carried(in, pf, row, err);
	if (e == ERR_OK)
		e = phone_rekey(in->db, row, in->arena, err);
	return e ? e : phone_set_file_key(in->db, row, err);
}

enum err_code filekey_off(struct inventory *in, struct phone_row *row, struct err *err)
{
	const struct profile *pf = catalog_find(in->rs->catalog, row->model);

	if (!secret_set(&row->file_key))
		return ERR_OK;
	/* It may have the key as soon as a file with it was asked for. */
	if (pf && pf->vendor == VENDOR_GRANDSTREAM && row->last_pull_ms)
		return err_set(err, ERR_CONFLICT,
			"A Grandstream phone that was given a key refuses plain files until a factory reset, so its files stay "
			"encrypted; to end that, reset the phone, delete it here and add it again.");
	row->file_key = (struct secret){ NULL, 0 };
	row->file_key_generation = 0;
	return phone_set_file_key(in->db, row, err);
}

enum err_code filekey_since(struct inventory *in, const struct mac *mac, struct err *err)
{
	struct phone_row row;
	enum err_code e = phone_load(in->db, mac, in->arena, &row, err);

	if (e || !secret_set(&row.file_key) || row.file_key_generation)
		return e;
	row.file_key_generation = row.wanted;
	return phone_set_file_key(in->db, &row, err);
}
