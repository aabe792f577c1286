/* The data of a phone's templates that is the same for every vendor. */
#include <inttypes.h>
#include <string.h>

#include "phonecfg/vendor/crypt.h"
#include "phonecfg/vendor/renderer.h"
#include "phonecfg/vendor/view.h"

static const char *without_scheme(struct arena *a, const char *url)
{
	const char *p = url ? strstr(url, "://") : NULL;
	struct slice s = slice_str(p ? p + 3 : "");

	while (s.n && s.p[s.n - 1] == '/')
		s.n--;
	return arena_slice(a, s);
}

static struct tval *prov(struct arena *a, const struct phone *ph)
{
	struct tval *o = tval_object(a);
	char mac[MAC_TEXT];

	tval_put_str(o, "url", ph->prov.url ? ph->prov.url : "");
	tval_put_str(o, "path", without_scheme(a, ph->prov.url));
	tval_put_str(o, "user", ph->prov.user && *ph->prov.user ? ph->prov.user : mac_text(&ph->mac, mac));
	/* Without a password the server does not know the phone's login: then it leaves what the phone has. */
	tval_put_bool(o, "known", secret_set(&ph->prov.password));
	tval_put(o, "password", tval_secret(a, &ph->prov.password));
	return o;
}

/* The key for the files to come, in this one. Empty: the phone is given none. */
static void put_file_key(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root)
{
	const struct secret *key = secret_set(&ph->file_key_next) ? &ph->file_key_next : &ph->file_key;
	struct secret none = { NULL, 0 };

	if (!vendor_can_encrypt(pf->vendor))
		key = &none;
	tval_put(root, "file_key", tval_secret(a, key));
	tval_put_bool(root, "file_key_long", key->n > 16);
}

/* The digits of "P271", which Grandstream's version 1 writes as an element of that name; "" for any other name. */
static const char *number_of(const char *name)
{
	size_t n = name[0] == 'P' ? strspn(name + 1, "0123456789") : 0;

	return n && !name[n + 1] ? name + 1 : "";
}

static void put_override(struct arena *a, struct tval *list, const struct override *ov)
{
	struct tval *o = tval_object(a);

	tval_put_str(o, "name", ov->name);
	tval_put_str(o, "number", number_of(ov->name));
	tval_put_str(o, "value", ov->value);
	tval_push(list, o);
}

static enum err_code put_overrides(const struct renderer *r, struct arena *a, const struct profile *pf,
	const struct phone *ph, struct tval *root, struct err *err)
{
	bool twice = override_twice(pf, ph);
	struct tval *list = tval_list(a);
	struct override *kept, one, other;
	size_t n, used = 0;
	enum err_code rc = override_merge(ph->overrides, ph->noverrides, a, &kept, &n, err);

	for (size_t i = 0; !rc && i < n; i++) {
		bool written = override_written(r, pf, ph, &kept[i], false, &one);
		if (written)
			put_override(a, list, &one);
		used += written;
		if (!twice || !override_written(r, pf, ph, &kept[i], true, &other) ||
			(written && strcmp(other.name, one.name) == 0))
			continue;
		put_override(a, list, &other);
		used++;
	}
	tval_put(root, "overrides", list);
	tval_put_bool(root, "has_overrides", used > 0);
	return rc;
}

/* A vacant phone shows nobody: whoever sits down next fetches the list again. */
static struct tval *people(struct arena *a, const struct phone *ph)
{
	struct tval *list = tval_list(a);

	for (size_t i = 0; i < ph->npeople && ph->set.directory && !phone_vacant(ph); i++) {
		const struct listed_person *p = &ph->people[i];
		const char *first = p->first ? p->first : "", *last = p->last ? p->last : "";
		struct tval *o;
		if (!p->number || !*p->number)
			continue;
		o = tval_object(a);
		tval_put_str(o, "first", first);
		tval_put_str(o, "last", last);
		tval_put_str(o, "name", arena_printf(a, "%s%s%s", first, *first && *last ? " " : "", last));
		tval_put_str(o, "number", p->number);
		tval_push(list, o);
	}
	return list;
}

struct tval *data_lists(struct arena *a, const struct profile *pf)
{
	struct tval *lists = tval_object(a);

	for (size_t i = 0; i < pf->nlists; i++)
		tval_put(lists, pf->lists[i].name, list_numbers(a, pf->lists[i].first, pf->lists[i].max));
	if (lists)
		lists->fixed = true;
	return lists;
}

enum err_code data_build(const struct renderer *r, struct arena *a, const struct profile *pf, const struct phone *ph,
	struct tval *lists, struct tval **out, struct err *err)
{
	struct tval *root = tval_object(a);
	char mac[MAC_TEXT];
	enum err_code rc;

	tval_put_str(root, "mac", mac_text(&ph->mac, mac));
	tval_put_str(root, "model", pf->model);
	tval_put_str(root, "display", pf->display);
	tval_put_str(root, "generation", arena_printf(a, "%" PRIu64, ph->generation));
	tval_put_str(root, "common_file", pf->common_file ? pf->common_file : "");
	tval_put_str(root, "ntp", ph->ntp && *ph->ntp ? ph->ntp : "pool.ntp.org");
	tval_put_str(root, "ca_url", ph->ca_url ? ph->ca_url : "");
	tval_put_int(root, "poll_minutes", view_poll(ph, pf->vendor));
	tval_put(root, "prov", prov(a, ph));
	tval_put(root, "admin_password", view_password(a, ph, &ph->admin_password, "admin"));
	tval_put(root, "user_password", view_password(a, ph, &ph->user_password, "user"));
	put_file_key(a, pf, ph, root);
	tval_put(root, "people", people(a, ph));
	tval_put(root, "var_password", view_password(a, ph, NULL, "var"));
	tval_put(root, "list", lists);
	dialect_of(pf->vendor)->build(a, pf, ph, root);
	rc = put_overrides(r, a, pf, ph, root, err);
	if (!rc && arena_failed(a))
		rc = err_set(err, ERR_NOMEM, "no memory for the files of %s", mac);
	*out = root;
	return rc;
}
