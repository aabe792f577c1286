/* Inside of the renderer: templates, parameters' rows and what is prepared of them per model. Private to vendor/. */
#ifndef PHONECFG_VENDOR_RENDERER_H
#define PHONECFG_VENDOR_RENDERER_H

#include "phonecfg/template/program.h"
#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/vendor.h"

enum { RENDER_DATA_MAX = 32 << 20 };

struct compiled {
	enum vendor_id vendor;
	enum file_kind kind;
	struct template *tmpl;
	struct template_rules rules; /* what its lines must satisfy */
};

struct prepared;       /* of one model */
struct prepared_cache; /* of those that were asked for */

struct renderer {
	const struct catalog *catalog;
	const char *dir;
	struct arena arena;
	struct compiled *files;
	size_t nfiles, cap;
	const char **guarded[VENDOR_COUNT]; /* parameter patterns that no override may name */
	size_t nguarded[VENDOR_COUNT];
	struct param_book *books[VENDOR_COUNT]; /* NULL: nothing is known of that vendor's parameters */
	struct prepared_cache *cache;
};

/* ---- data.c: what templates are given ---- */

/* list.NAME of a profile, fixed. */
struct tval *data_lists(struct arena *a, const struct profile *pf);
/* The whole tree. r may be NULL: then no override is guarded. */
enum err_code data_build(const struct renderer *r, struct arena *a, const struct profile *pf, const struct phone *ph,
	struct tval *lists, struct tval **out, struct err *err);

/* ---- example.c: data that stands for any phone's ---- */

/* Every name that templates of this vendor may use: a made-up model that has one of everything. */
enum err_code example_schema(
	const struct renderer *r, enum vendor_id vendor, struct arena *a, struct tval **out, struct err *err);
/* The fullest data of a real model: each list as long as any phone makes it. firmware: of phone.firmware. */
enum err_code example_model(const struct profile *pf, const char *firmware, struct arena *a, struct tval *lists,
	struct tval **out, struct err *err);

/* ---- slurp.c ---- */

enum err_code renderer_slurp(const char *dir, const char *name, const char *suffix, struct buf *out, struct err *err);

/* ---- protect.c: which overrides a file takes ---- */

enum err_code renderer_read_guards(struct renderer *r, enum vendor_id vendor, struct err *err);
/* The pattern that guards this parameter, or NULL. */
const char *renderer_guard(const struct renderer *r, enum vendor_id vendor, const char *name);
/* Does this phone's file take it? *out: as the file spells it (Grandstream's P-values and names), out of the same
 * strings; by_number: as its second spelling, where the file has two. r may be NULL: then nothing is guarded. */
bool override_written(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	const struct override *ov, bool by_number, struct override *out);
/* Has that file every setting in two spellings, because it is not known which of them the phone reads? */
bool override_twice(const struct profile *pf, const struct phone *ph);

/* ---- once.c: each parameter stands once ---- */

/* Copies text to out without the lines whose parameter an override states again further below. */
enum err_code once_add(
	enum vendor_id vendor, struct slice text, const struct tval *overrides, struct buf *out, struct err *err);

/* ---- render.c, mend.c, spare.c: a file, whatever is stored ---- */

/* vendor_render; left is NULL for it. Else nothing is held against a row while it is written, and what breaks one is
 * mended afterwards. */
enum err_code render_file(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct vendor_left *left, struct err *err);

/* One more value that is left out; sentence: the first one is kept. */
void left_note(struct vendor_left *left, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct mender {
	enum vendor_id vendor;
	const struct param_book *book;
	const char *filler, *digits; /* meaningless values for what may not be empty */
};
/* Copies text to out; values that their rows refuse are blank there, or their lines missing. */
void mend_text(const struct mender *m, struct slice text, struct buf *out, struct vendor_left *left);

/* *out: the phone without what no file can carry; its lists are in the arena. */
enum err_code spare_phone(const struct profile *pf, const struct phone *ph, struct arena *a, struct phone *out,
	struct vendor_left *left, struct err *err);

/* ---- bind.c: rows of parameters and lines of files ---- */

/* The rules of a vendor's files of parameters; none for its other files (contacts, directories). */
bool bind_rules(const struct renderer *r, enum vendor_id vendor, enum file_kind kind, struct template_rules *out);
/* The parameter that a line sets (a softphone's: the entry alone, without its section) and its value as written,
 * escaped. False when it sets none. */
bool bind_line(enum vendor_id vendor, struct slice line, struct slice *name, struct slice *value);
/* A value as written, without the five entities of XML; room is used where it has one. */
enum { BIND_VALUE_MAX = 4096 };
struct slice bind_unescape(struct slice value, char room[BIND_VALUE_MAX]);
/* The row of such a name or pattern, or NULL. */
const struct param_row *bind_row(const struct param_book *book, struct slice name);
/* The same of a line that is not whole: the name's pattern has {} for each of the first *inside holes. False also when
 * the name is not known yet. */
bool bind_pattern(enum vendor_id vendor, const struct template_line *line, char pattern[PARAM_NAME_MAX], size_t *inside,
	struct slice *name, struct slice *value);

/* ---- prepare.c: programs per model ---- */

enum { PREPARED_MAX = 48 << 20 }; /* bytes that are kept for models that nobody renders just now */

enum err_code prepared_open(struct renderer *r, struct err *err);
void prepared_close(struct renderer *r);
/* What is prepared of this model and syntax, held until prepared_drop. *program: of that file, NULL where the template
 * has to do. */
enum err_code prepared_take(const struct renderer *r, const struct profile *pf, const char *firmware,
	const struct compiled *c, struct prepared **out, const struct template_program **program, struct err *err);
struct tval *prepared_lists(const struct prepared *p);
void prepared_drop(const struct renderer *r, struct prepared *p);
/* Bytes kept for all models together. */
size_t prepared_size(const struct renderer *r);
/* Names of values that are the same at one place of a list for every phone of a model. */
extern const char *const prepared_constants[];

#endif
