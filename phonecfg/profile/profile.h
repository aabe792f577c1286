/* What is known about a phone model: counts, positions, file codes and how it names itself.
 *
 * Read from firmware-profiles/<vendor>/<model>.xml, on top of what <vendor>/vendor.xml says of all its models (lists by
 * name, MAC prefixes unless the model has its own), each validated against firmware-profiles/profile.rng; an error says
 * file:line. Where sources disagree on a number the larger one stands, because a slot that a phone does not have is
 * ignored and a slot that is not blanked is a ghost. Each number says whether it is confirmed. */
#ifndef PHONECFG_PROFILE_PROFILE_H
#define PHONECFG_PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/slice.h"

/* SHEET is no maker: the page for a person who types an account into a client that pulls nothing. */
enum vendor_id {
	VENDOR_NONE,
	VENDOR_YEALINK,
	VENDOR_POLYCOM,
	VENDOR_GRANDSTREAM,
	VENDOR_LINPHONE,
	VENDOR_ACROBITS,
	VENDOR_ZOIPER,
	VENDOR_SHEET,
	VENDOR_COUNT
};

/* Where the keys of a block stand beside the screen. Key i (from 0) is on page i / per and at place i % per, with
 * per = left + right - (paging ? 1 : 0): down the left side first, then down the right; with paging the last physical
 * key of each page turns the page. All zero: not known, one column. */
struct layout {
	unsigned left, right; /* physical keys on each side */
	unsigned pages;       /* at least 1 when known */
	bool paging;
	bool confirmed;
};

/* A way of writing files that firmware from `since` on reads. Words: "yealink-old" (names without static., before V81),
 * "yealink" (with it); "polycom-3", "polycom-4"; "grandstream-p" (P-values), "grandstream"; "linphone", "acrobits",
 * "zoiper", "sheet". */
struct syntax {
	const char *name;
	const char *since; /* firmware version, "" = from the first */
	bool confirmed;
};

/* A run of keys on the phone itself. struct key's index runs over all blocks in order: the second block starts behind
 * the first one's maximum. */
struct key_block {
	const char *name; /* the vendor's word: "line", "vpk", "mpk" */
	unsigned first;   /* struct key index of its first key */
	unsigned max;     /* keys that can be used */
	unsigned blank;   /* keys that are written, used or blank: max, or more where a source names more */
	unsigned fixed;   /* of these, the first n cannot be of type none (0 = all can) */
	struct layout layout;
	bool confirmed;
};

/* Anything else on the phone that comes in numbered slots and is always blanked: soft keys, remote phone books, … */
struct slot_list {
	const char *name;
	unsigned first, max; /* numbers first..max */
	bool confirmed;
};

struct profile {
	const char *id; /* "yealink-t46u"; also the file: <vendor>/<rest>.xml */
	enum vendor_id vendor;
	const char *model;   /* "T46U" */
	const char *display; /* "Yealink T46U" */
	bool softphone;
	unsigned accounts;       /* account slots that can be used */
	unsigned accounts_blank; /* slots that are written, used or blank; at least accounts */
	bool accounts_confirmed;
	struct key_block *blocks;
	size_t nblocks;
	const char *module_name;           /* "EXP43", or NULL */
	unsigned modules, keys_per_module; /* 0 = takes none */
	bool modules_confirmed;
	struct layout module_layout;
	struct slot_list *lists;
	size_t nlists;
	const char *common_file; /* "y000000000108.cfg", "cfggxp2170.xml"; NULL = none */
	const char *part;        /* Polycom part number; NULL = none */
	struct syntax *syntaxes; /* at least one, oldest first */
	size_t nsyntaxes;
	const char **ua_tokens; /* as in the HTTP User-Agent: "SIP-T46U", "VVX_450", "GXP2170" */
	size_t nua_tokens;
	const char **mac_prefixes; /* 6 lower-case hexadecimal digits each */
	size_t nmac_prefixes;
	const char *firmware;       /* newest seen; NULL = unknown */
	const char *firmware_min;   /* oldest that reads our files; NULL = any */
	const char *firmware_line;  /* family: Yealink "108", Polycom "6.x"; NULL = unknown */
	unsigned confirmed, unsure; /* marks counted over the whole file */
};

struct catalog;

/* Reads every <dir>/<vendor>/<model>.xml. NULL with err set when one file is wrong, two carry the same id, or none is
 * there. */
struct catalog *catalog_open(const char *dir, struct err *err);
void catalog_close(struct catalog *c);
/* The folder that it was read from. */
const char *catalog_dir(const struct catalog *c);
/* Sorted by id. */
size_t catalog_count(const struct catalog *c);
const struct profile *catalog_at(const struct catalog *c, size_t i);
/* NULL when there is none. */
const struct profile *catalog_find(const struct catalog *c, const char *id);
/* By the model token of a User-Agent (ua_info.model), in either case and with or without '_', '-' and "SIP-". */
const struct profile *catalog_by_ua_token(const struct catalog *c, enum vendor_id vendor, struct slice token);
/* By the name of a model-wide file, "y000000000108.cfg" or "cfggxp2170.xml", in either case. */
const struct profile *catalog_by_common_file(const struct catalog *c, struct slice name);
/* Does this MAC begin with one of the prefixes of a vendor's profiles? VENDOR_NONE when with none. No proof of
 * anything. */
enum vendor_id catalog_vendor_of_mac(const struct catalog *c, const struct mac *mac);

/* Highest struct key index on the phone (module 0) or on each expansion module; 0 = none. */
unsigned profile_keys(const struct profile *pf, unsigned module);
/* The block that holds this key of the phone itself, or NULL. */
const struct key_block *profile_block(const struct profile *pf, unsigned index);
const struct slot_list *profile_list(const struct profile *pf, const char *name);

/* Must a file for this phone be readable in that syntax? firmware is what the phone said that it runs: then exactly one
 * syntax is yes, the newest that it knows. NULL: every syntax that firmware from firmware_min on may need. */
bool profile_speaks(const struct profile *pf, const char *firmware, const char *syntax);
/* The newest syntax for that firmware; never NULL. */
const struct syntax *profile_syntax(const struct profile *pf, const char *firmware);
/* Compares dotted versions by number: <0, 0, >0. A Yealink version's first number is the hardware family and does not
 * count when both have four. */
int firmware_compare(enum vendor_id vendor, const char *a, const char *b);

const char *vendor_word(enum vendor_id v); /* "yealink"; "none" */
bool vendor_word_parse(const char *s, enum vendor_id *out);

#endif
