/* What the files of this folder share. Nobody else includes it. */
#ifndef PHONECFG_HANDSET_INTERNAL_H
#define PHONECFG_HANDSET_INTERNAL_H

#include <libxml/tree.h>

#include "phonecfg/base/map.h"
#include "phonecfg/handset/handset.h"

enum {
	HS_BODY_MAX = 1 << 20,  /* a larger download is refused */
	HS_STORE_MAX = 4 << 20, /* bytes of names and values that a handset keeps */
	HS_NUMBERS = 64,        /* slots and keys that have a text of their own number */
	HS_NAME_MAX = 160       /* a parameter's name that we make up ourselves */
};

struct hs_value {
	const char *text; /* NULL = taken away */
	const char *source;
	unsigned pass; /* the pass that wrote it */
};

/* A pull that is under way. */
struct hs_pass {
	bool open;
	bool overwrite;        /* Yealink overwrite_mode of the boot file */
	bool changed;          /* Yealink: at least one file was taken */
	bool protect_before;   /* local changes were protected when it began */
	bool master;           /* Polycom: a master file came */
	size_t config_files;   /* Polycom: parameter files that came */
	struct map present;    /* Yealink: names in its files; Polycom: parameter -> struct hs_value */
	const char *dir[4];    /* Polycom: directories of the master file, see enum polycom_dir */
	const char *list;      /* Polycom CONFIG_FILES after substitution */
	const char **includes; /* Yealink boot file */
	size_t nincludes, cap_includes;
};

struct handset {
	struct arena arena; /* everything below that is text */
	struct handset_model model;
	struct mac mac;
	char mac_digits[MAC_TEXT];
	struct handset_rules rules;
	struct map layers[HANDSET_LAYERS]; /* name -> struct hs_value */
	size_t stored;                     /* bytes of names and values */
	const char *last_source;           /* of the value that was put last */
	bool forked;                       /* some of its text belongs to another handset */
	unsigned pass_number;
	struct hs_pass pass;
	struct handset_step *steps;
	size_t nsteps, cap_steps;
	char numbers[HS_NUMBERS][4]; /* "0", "1", … */
};

struct hs_fetch {
	handset_fetch_fn *fn;
	void *arg;
	struct buf body;
};

/* One vendor's behaviour. */
struct hs_ops {
	enum err_code (*pull)(struct handset *hs, struct hs_fetch *f, struct err *err);
	enum err_code (*apply)(struct handset *hs, const char *file, struct slice body, struct err *err);
	enum err_code (*end)(struct handset *hs, struct err *err);
	bool (*protects)(const struct handset *hs); /* are local changes protected now? NULL = always kept apart */
	const char *(*value)(const struct handset *hs, const char *name);
	enum err_code (*set_local)(struct handset *hs, const char *name, const char *value, bool web, struct err *err);
	/* NULL: these phones send nothing. */
	enum err_code (*uploads)(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err);
	bool (*line)(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out);
	bool (*keys)(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap);
	void (*credentials)(const struct handset *hs, struct handset_credentials *out);
	void (*notify)(
		const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out);
};
extern const struct hs_ops hs_yealink, hs_polycom, hs_grandstream, hs_linphone, hs_acrobits, hs_zoiper;

/* ---- the store ---- */

/* Copies name, value and source; marks it written by this pass when source is not NULL. */
enum err_code hs_put(struct handset *hs, enum handset_layer layer, struct slice name, struct slice value,
	const char *source, struct err *err);
void hs_drop(struct handset *hs, enum handset_layer layer, const char *name);
void hs_drop_all(struct handset *hs, enum handset_layer layer);
/* The stored text of one layer, or NULL. */
const char *hs_get(const struct handset *hs, enum handset_layer layer, const char *name);
/* What the i-th place of a layer holds, its text that of *hs; false when it was taken away. */
bool hs_entry(const struct handset *hs, enum handset_layer layer, size_t i, struct handset_entry *out);
/* The value in effect by a made-up name: hs_valuef(hs, "account.%u.label", slot). */
const char *hs_valuef(const struct handset *hs, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "7" for 7; "" from HS_NUMBERS on. */
const char *hs_number(const struct handset *hs, unsigned n);

/* Writes a line of the log; why is a literal. */
enum err_code hs_step(struct handset *hs, const char *file, int status, enum handset_step_kind what, const char *why,
	struct err *err);
/* Asks for a file: true and the body in f->body when it came with 200; otherwise the log says that it is absent. */
bool hs_fetch(struct handset *hs, struct hs_fetch *f, const char *file, enum err_code *code, struct err *err);

/* ---- small readers ---- */

bool hs_true(const char *value); /* "1", "yes", "on", "true" in either case */
unsigned hs_unsigned(const char *value, unsigned otherwise, unsigned max);
/* Does name fit the pattern? '#' stands for one run of digits, '*' for any run of characters, also none. numbers[] gets
 * what each '#' held (as many as fit, 0 the rest). */
bool hs_glob(const char *pattern, const char *name, unsigned *numbers, size_t n);

/* ---- XML ---- */

/* NULL when it is not well-formed, declares entities of its own, or is no XML at all. */
xmlDoc *hs_xml(struct slice body);
const char *hs_xml_text(struct arena *a, xmlNode *node); /* its whole text; NULL when memory ran out */
const char *hs_xml_attr(struct arena *a, xmlNode *node, const char *name); /* NULL when absent */
/* The value of an attribute at hand: looking each up by name is slow in elements that have thousands. */
const char *hs_xml_attr_text(struct arena *a, const xmlAttr *at);
/* The next element in document order below root, or NULL. */
xmlNode *hs_xml_next(xmlNode *root, xmlNode *node);
bool hs_xml_is(const xmlNode *node, const char *name);

#endif
