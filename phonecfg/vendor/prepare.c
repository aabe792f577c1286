/* What depends only on the model is written once per model, when a phone of it first asks. */
#include <pthread.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/renderer.h"

/* The numbers of slots and keys, and what stands for nothing. Each is compared at every render. */
const char *const prepared_constants[] = { "null", "slot", "index", "module", "number", "n", "x", "y", NULL };

struct made {
	struct template_program *program;
	bool tried;
};

struct prepared {
	struct prepared *next;
	const struct profile *pf;
	const struct syntax *syntax;
	bool open;      /* which firmware it runs is not known: its file may say things in more than one way */
	unsigned users; /* who holds it, under the cache's lock */
	unsigned long used;
	size_t size;
	pthread_mutex_t making; /* guards made */
	struct made *made;      /* as renderer.files */
	struct arena arena;
	struct tval *lists;
};

struct prepared_cache {
	pthread_mutex_t lock;
	struct prepared *first;
	size_t size;
	unsigned long clock;
};

enum err_code prepared_open(struct renderer *r, struct err *err)
{
	r->cache = mem_zalloc(sizeof(*r->cache));
	if (!r->cache)
		return err_set(err, ERR_NOMEM, "no memory for the templates");
	pthread_mutex_init(&r->cache->lock, NULL);
	return ERR_OK;
}

static void destroy(const struct renderer *r, struct prepared *p)
{
	for (size_t i = 0; p->made && i < r->nfiles; i++)
		template_program_free(p->made[i].program);
	arena_release(&p->arena);
	pthread_mutex_destroy(&p->making);
	mem_free(p->made);
	mem_free(p);
}

void prepared_close(struct renderer *r)
{
	struct prepared *next;

	if (!r->cache)
		return;
	for (struct prepared *p = r->cache->first; p; p = next) {
		next = p->next;
		destroy(r, p);
	}
	pthread_mutex_destroy(&r->cache->lock);
	mem_free(r->cache);
}

/* Takes those that were not asked for longest out of the list, until the rest is small enough; they are the caller's.
 */
static struct prepared *too_many(struct prepared_cache *c)
{
	struct prepared *out = NULL;

	while (c->size > PREPARED_MAX) {
		struct prepared **oldest = NULL, *p;
		for (struct prepared **at = &c->first; *at; at = &(*at)->next) {
			if (!(*at)->users && (!oldest || (*at)->used < (*oldest)->used))
				oldest = at;
		}
		if (!oldest)
			break;
		p = *oldest;
		*oldest = p->next;
		c->size -= p->size;
		p->next = out;
		out = p;
	}
	return out;
}

static struct prepared *make(const struct renderer *r, const struct profile *pf, const struct syntax *syntax, bool open)
{
	struct prepared *p = mem_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->made = mem_zalloc((r->nfiles + 1) * sizeof(*p->made));
	arena_init(&p->arena, RENDER_DATA_MAX);
	pthread_mutex_init(&p->making, NULL);
	p->pf = pf;
	p->syntax = syntax;
	p->open = open;
	p->lists = data_lists(&p->arena, pf);
	if (!p->made || arena_failed(&p->arena)) {
		destroy(r, p);
		return NULL;
	}
	p->size = sizeof(*p) + p->arena.used;
	return p;
}

static struct prepared *hold(const struct renderer *r, const struct profile *pf, const struct syntax *syntax, bool open)
{
	struct prepared_cache *c = r->cache;
	struct prepared *p;

	pthread_mutex_lock(&c->lock);
	for (p = c->first; p && (p->pf != pf || p->syntax != syntax || p->open != open); p = p->next)
		;
	if (!p && (p = make(r, pf, syntax, open))) {
		p->next = c->first;
		c->first = p;
		c->size += p->size;
	}
	if (p) {
		p->users++;
		p->used = ++c->clock;
	}
	pthread_mutex_unlock(&c->lock);
	return p;
}

static void grown(const struct renderer *r, struct prepared *p, size_t more)
{
	pthread_mutex_lock(&r->cache->lock);
	p->size += more;
	r->cache->size += more;
	pthread_mutex_unlock(&r->cache->lock);
}

static enum err_code make_program(const struct renderer *r, struct prepared *p, const char *firmware,
	const struct compiled *c, struct made *m, struct err *err)
{
	struct tval *sample = NULL;
	struct arena a;
	enum err_code rc;

	if (p->pf->nsyntaxes == 1)
		firmware = NULL;
	arena_init(&a, RENDER_DATA_MAX);
	rc = example_model(p->pf, firmware, &a, p->lists, &sample, err);
	if (!rc)
		rc = template_program_make(
			c->tmpl, sample, prepared_constants, c->rules.line ? &c->rules : NULL, &m->program, err);
	arena_release(&a);
	m->tried = rc == ERR_OK || rc == ERR_UNSUPPORTED;
	if (m->program)
		grown(r, p, template_program_size(m->program));
	return rc == ERR_UNSUPPORTED ? ERR_OK : rc;
}

enum err_code prepared_take(const struct renderer *r, const struct profile *pf, const char *firmware,
	const struct compiled *c, struct prepared **out, const struct template_program **program, struct err *err)
{
	bool open = pf->nsyntaxes > 1 && (!firmware || !*firmware);
	struct prepared *p = hold(r, pf, profile_syntax(pf, firmware), open);
	struct made *m;
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (!p)
		return err_set(err, ERR_NOMEM, "no memory for the files of a %s", pf->display);
	m = &p->made[c - r->files];
	pthread_mutex_lock(&p->making);
	if (!m->tried)
		rc = make_program(r, p, firmware, c, m, err);
	*program = m->program;
	pthread_mutex_unlock(&p->making);
	if (rc)
		prepared_drop(r, p);
	else
		*out = p;
	return rc;
}

struct tval *prepared_lists(const struct prepared *p)
{
	return p->lists;
}

size_t prepared_size(const struct renderer *r)
{
	size_t n;

	pthread_mutex_lock(&r->cache->lock);
	n = r->cache->size;
	pthread_mutex_unlock(&r->cache->lock);
	return n;
}

void prepared_drop(const struct renderer *r, struct prepared *p)
{
	struct prepared *out, *next;

	if (!p)
		return;
	pthread_mutex_lock(&r->cache->lock);
	p->users--;
	out = too_many(r->cache);
	pthread_mutex_unlock(&r->cache->lock);
	for (; out; out = next) {
		next = out->next;
		destroy(r, out);
	}
}
