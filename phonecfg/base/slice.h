/* A piece of text that somebody else owns: pointer and length, not terminated. */
#ifndef PHONECFG_BASE_SLICE_H
#define PHONECFG_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *p;
	size_t n;
};

/* For printf("%.*s"). */
#define SLICE_ARG(s) (int)(s).n, (s).p
#define SLICE_LIT(s) ((struct slice){ (s), sizeof(s) - 1 })

struct slice slice_str(const char *s); /* NULL gives the empty slice */
bool slice_eq(struct slice a, struct slice b);
bool slice_eq_str(struct slice a, const char *b);
bool slice_ieq_str(struct slice a, const char *b); /* ASCII letters in either case */
bool slice_starts(struct slice s, const char *prefix);
bool slice_ends(struct slice s, const char *suffix);
struct slice slice_trim(struct slice s); /* blanks and tabs at both ends */
/* Cuts *rest at the first c: returns what stood before it and moves *rest behind it; all of it when there is no c. */
struct slice slice_cut(struct slice *rest, char c);
/* Where needle stands in s, or -1. An empty needle is never found. */
ptrdiff_t slice_find(struct slice s, struct slice needle);

#endif
