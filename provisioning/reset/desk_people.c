/* Who stands in a domain's phone book: its users, then the people whom its contacts share. */
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/reset/desk.h"
#include "provisioning/store/contact.h"
#include "provisioning/store/user.h"

struct book {
	struct arena *arena;
	struct listed_person *people;
	size_t n;
};

static bool full(const struct book *b)
{
	return b->n == DESK_PEOPLE_MAX;
}

/* What a phone can dial of "+49 171 / 1234567 x12": to the extension, which it could not dial in one. NULL: nothing. */
static const char *dialled(struct arena *a, const char *text)
{
	size_t n = strcspn(text, "xX;"), i, k = 0;
	char *out = arena_alloc(a, n + 1);

	for (i = 0; out && i < n; i++)
		if (strchr("0123456789*#", text[i]) || (text[i] == '+' && k == 0))
			out[k++] = text[i];
	if (out)
		out[k] = '\0';
	return k ? out : NULL;
}

/* One entry per number: the vendors' books differ in how many an entry may have, and in their words for them. */
static void add_contact(struct book *b, const struct contact_row *c)
{
	const struct {
		const char *number, *what;
	} numbers[] = { { c->work, "work" }, { c->cell, "mobile" }, { c->home, "home" } };
	const char *last = *c->first_name || *c->last_name ? c->last_name : c->company;
	size_t i, many = 0;

	for (i = 0; i < 3; i++)
		many += *numbers[i].number != '\0';
	for (i = 0; i < 3 && !full(b); i++) {
		struct listed_person *p = &b->people[b->n];

		if (*numbers[i].number == '\0' || (p->number = dialled(b->arena, numbers[i].number)) == NULL)
			continue;
		p->first = c->first_name;
		p->last = many > 1 ? arena_printf(b->arena, "%s (%s)", last, numbers[i].what) : last;
		b->n++;
	}
}

static enum err_code add_users(struct book *b, struct db *db, int64_t domain_id, struct err *err)
{
	struct user_row *users;
	size_t n, i;
	enum err_code code = user_directory(db, domain_id, DESK_PEOPLE_MAX, b->arena, &users, &n, err);

	for (i = 0; code == ERR_OK && i < n && !full(b); i++)
		b->people[b->n++] = (struct listed_person){ users[i].first_name, users[i].last_name, users[i].ext };
	return code;
}

static enum err_code add_contacts(struct book *b, struct db *db, int64_t domain_id, struct err *err)
{
	const struct contact_filter shared = { .domain_id = domain_id };
	struct contact_row *rows;
	size_t n, i;
	enum err_code code = contact_list(db, &shared, (struct page){ 0, DESK_PEOPLE_MAX }, b->arena, &rows, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		add_contact(b, &rows[i]);
	return code;
}

enum err_code desk_load_people(struct db *db, int64_t domain_id, struct arena *a, struct phone *out, struct err *err)
{
	struct book b = { .arena = a, .people = arena_alloc(a, DESK_PEOPLE_MAX * sizeof(*b.people)) };
	enum err_code code = ERR_OK;

	if (b.people)
		code = add_users(&b, db, domain_id, err);
	if (b.people && code == ERR_OK && !full(&b))
		code = add_contacts(&b, db, domain_id, err);
	if (code == ERR_OK && arena_failed(a))
		return err_set(err, ERR_NOMEM, "There is no memory for the phone book of a domain.");
	out->people = b.people;
	out->npeople = b.n;
	return code;
}
