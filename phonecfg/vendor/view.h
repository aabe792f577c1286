/* A phone as a file shows it: defaults filled in, what a vacant phone does not show left out. Private to vendor/. */
#ifndef PHONECFG_VENDOR_VIEW_H
#define PHONECFG_VENDOR_VIEW_H

#include "phonecfg/template/tval.h"
#include "phonecfg/vendor/vendor.h"
#include "phonecfg/vendor/zone.h"

/* What the vendor's language cannot carry in a name or label; see vendor_check. */
struct text_rule {
	size_t max;                  /* characters */
	bool ascii;                  /* 32..126 only */
	const char *const *reserved; /* whole values with a meaning of their own; NULL-terminated, or NULL */
};

/* One vendor's way of writing. */
struct dialect {
	struct text_rule label, display_name, key_label;
	size_t user_max, secret_max, host_max, value_max, login_max;
	size_t pickup_max; /* 0 = no limit of its own */
	size_t admin_max;
	bool admin_alnum;           /* web and menu passwords: letters and digits only */
	unsigned shortest_min;      /* shortest poll, minutes */
	const char *line_block;     /* the only key block whose keys may be lines; NULL = every key may */
	unsigned numbered_accounts; /* most accounts where files are by number; 0 = there are none such */
	/* Has this phone a file of that kind? NULL: it has all of its vendor's. */
	bool (*has)(const struct profile *pf, const struct phone *ph, enum file_kind kind);
	/* Fills root with what this vendor's templates name. */
	void (*build)(struct arena *a, const struct profile *pf, const struct phone *ph, struct tval *root);
};
const struct dialect *dialect_of(enum vendor_id id);
extern const struct dialect yealink_dialect, polycom_dialect, grandstream_dialect, linphone_dialect, acrobits_dialect,
	zoiper_dialect, sheet_dialect;

struct line_view {
	bool used;
	const char *label, *display_name; /* "" = none */
	const char *user, *auth_user;
	const struct secret *password;
	const char *domain; /* what stands in the address of record and where a registration is aimed */
	const char *realm;  /* of the digest */
	unsigned port;      /* of domain, 0 = unsaid */
	const char *proxy;  /* where requests really go, NULL = to the domain */
	unsigned proxy_port;
	enum transport transport;
	unsigned expires_s;
	const char *voicemail; /* "" = none */
	bool shared;
};
void view_line(const struct phone *ph, enum vendor_id vendor, unsigned slot, struct line_view *out);

struct key_view {
	enum key_type type;
	unsigned slot;                      /* from 1 */
	const char *value, *label, *pickup; /* "" = none */
};
/* module 0 = the phone. Line keys of a slot without a line are none; on a vacant phone only line keys are shown; a line
 * that no key shows gets the key of its own number if that is free. */
void view_key(const struct phone *ph, const struct profile *pf, unsigned module, unsigned index, struct key_view *out);

/* What the screen then shows there. The same but for some habits: a Polycom shows a line under its account's label
 * alone; a Grandstream shows lines on the keys of its first block alone, and on one that cannot be none the first
 * account. type NONE: the key is dark. */
void view_shown(
	const struct phone *ph, const struct profile *pf, unsigned module, unsigned index, struct key_view *out);

bool text_fits(const struct text_rule *rule, const char *text);

unsigned view_poll(const struct phone *ph, enum vendor_id vendor);
/* The given password, or one that follows from the phone alone, so that nobody's old one stays. */
struct tval *view_password(struct arena *a, const struct phone *ph, const struct secret *given, const char *purpose);
struct tval *view_filler(struct arena *a, const struct phone *ph, bool digits);
unsigned transport_port(enum transport t);
/* "host", or "host:port" when the port is not 0. */
const char *view_host_port(struct arena *a, const char *host, unsigned port);
/* Is it among the codecs that were asked for? (A softphone keeps its own choice when none were.) */
bool view_codec(const struct phone *ph, enum codec c);

/* Slots 1..last of accounts and keys as lists of objects. */
struct tval *list_numbers(struct arena *a, unsigned first, unsigned max);

#endif
