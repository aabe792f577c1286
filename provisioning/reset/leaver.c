#include "provisioning/reset/leaver.h"

#include <string.h>

#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/store/snapshot.h"

#define KIND "leaver"
enum { WORDS_MAX = 4096, LETTER = 'A' /* + enum residue_word_kind */ };

static void put_word(struct buf *b, enum residue_word_kind kind, const char *text)
{
	if (text && *text)
		buf_printf(b, "%c%s\n", LETTER + kind, text); /* texts hold no control characters */
}

enum err_code leaver_put(struct db *db, int64_t phone_id, int64_t generation, const struct user_row *user,
	struct arena *a, struct err *err)
{
	struct snapshot_row row = { .phone_id = phone_id, .kind = KIND, .generation = generation }, had;
	struct buf b;
	enum err_code code = snapshot_load(db, phone_id, KIND, generation, a, &had, err);

	if (code && code != ERR_NOT_FOUND)
		return code;
	buf_init(&b, WORDS_MAX);
	if (code == ERR_OK && had.body.n < WORDS_MAX / 2) /* who left before, and is not proved gone yet */
		buf_slice(&b, had.body);
	put_word(&b, RESIDUE_NAME, person_name(a, user->first_name, user->last_name));
	put_word(&b, RESIDUE_NAME, user->first_name);
	put_word(&b, RESIDUE_NAME, user->last_name);
	put_word(&b, RESIDUE_NAME, user->caller_id_name);
	put_word(&b, RESIDUE_EMAIL, user->email);
	put_word(&b, RESIDUE_NUMBER, user->forward_always);
	put_word(&b, RESIDUE_NUMBER, user->forward_busy);
	put_word(&b, RESIDUE_NUMBER, user->forward_no_answer);
	put_word(&b, RESIDUE_NUMBER, user->forward_offline);
	put_word(&b, RESIDUE_EXTENSION, user->ext);
	buf_char(&b, '\n');
	code = buf_check(&b, "the words of a person", err);
	row.body = buf_view(&b);
	if (code == ERR_OK)
		code = snapshot_put(db, &row, err);
	buf_release(&b);
	return code;
}

enum err_code leaver_words(struct db *db, int64_t phone_id, int64_t generation, struct arena *a,
	struct residue_word **words, size_t *n, struct err *err)
{
	struct snapshot_row row;
	struct slice rest;
	size_t cap = 0;
	enum err_code code = snapshot_load(db, phone_id, KIND, generation, a, &row, err);

	*words = NULL;
	*n = 0;
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	for (rest = row.body; rest.n;) {
		struct slice line = slice_cut(&rest, '\n');
		struct residue_word *w;

		if (line.n < 2)
			continue;
		w = arena_push(a, (void **)words, n, &cap, sizeof(*w));
		if (w == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory to look for what a person left behind.");
		w->kind = (enum residue_word_kind)(line.p[0] - LETTER);
		w->text = arena_strndup(a, line.p + 1, line.n - 1);
	}
	return ERR_OK;
}

enum err_code leaver_wipe(struct db *db, int64_t phone_id, int64_t generation, struct arena *a, struct err *err)
{
	struct snapshot_row row;
	enum err_code code = snapshot_load(db, phone_id, KIND, generation, a, &row, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	row.body = SLICE_LIT("\n");
	return snapshot_put(db, &row, err);
}
