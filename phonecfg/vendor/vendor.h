/* The vendors as tables: which files a phone asks for, what each one counts for, how values are written.
 *
 * Parsing file names and User-Agents is pure: no file system, no allocation. Whatever the wire says becomes an enum and
 * a MAC; the name itself goes no further. A vendor's parameter names are not here but in templates/<vendor>/. */
#ifndef PHONECFG_VENDOR_VENDOR_H
#define PHONECFG_VENDOR_VENDOR_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/model/model.h"
#include "phonecfg/profile/profile.h"

/* One kind per form of name. <mac>.cfg is asked for by two vendors: the phone's model decides what it is. */
enum file_kind {
	FILE_UNKNOWN,
	FILE_MAC_CFG,            /* <mac>.cfg: Yealink's phone file, Polycom's master file */
	FILE_MAC_BOOT,           /* Yealink <mac>.boot */
	FILE_ZERO_BOOT,          /* Yealink y000000000000.boot */
	FILE_YEALINK_COMMON,     /* Yealink y000000000108.cfg */
	FILE_LOCAL_CFG,          /* Yealink <mac>-local.cfg */
	FILE_CONTACT_XML,        /* Yealink <mac>-contact.xml */
	FILE_CALLLOG_XML,        /* Yealink <mac>-calllog.xml */
	FILE_ZERO_CFG,           /* Polycom 000000000000.cfg */
	FILE_LINES_CFG,          /* Polycom <mac>-lines.cfg, the per-phone file of ours */
	FILE_PHONE_CFG,          /* Polycom <mac>-phone.cfg: overrides made on the phone */
	FILE_WEB_CFG,            /* Polycom <mac>-web.cfg: overrides made in its web page */
	FILE_DIRECTORY_XML,      /* Polycom <mac>-directory.xml */
	FILE_ZERO_DIRECTORY_XML, /* Polycom 000000000000-directory.xml */
	FILE_CALLS_XML,          /* Polycom <mac>-calls.xml */
	FILE_LICENSE_CFG,        /* Polycom <mac>-license.cfg and 000000000000-license.cfg */
	FILE_LOG,                /* <mac>-app.log, -boot.log, -sys.log */
	FILE_CORE,               /* Polycom crash dumps <mac>-…core… */
	FILE_GS_XML,             /* Grandstream cfg<mac>.xml */
	FILE_GS_BINARY,          /* Grandstream cfg<mac> and cfg<mac>.bin */
	FILE_GS_MODEL_XML,       /* Grandstream cfggxp2170.xml */
	FILE_GS_COMMON_XML,      /* Grandstream cfg.xml */
	FILE_PHONEBOOK,          /* Yealink and Grandstream phonebook.xml: the people of the domain as they are now */
	FILE_SOFTPHONE,          /* softphones: the body behind their durable address */
	FILE_LATER_CFG,          /* Yealink <mac>-later.cfg: what V81 and later read another way than before it */
	FILE_KIND_COUNT
};

/* Does a delivered copy prove that the phone has the new state? */
enum file_evidence {
	EVIDENCE_NONE,
	EVIDENCE_ALWAYS, /* needed for `fetched` */
	EVIDENCE_IF_USED /* needed when this phone ever asked for it or sent it */
};

/* How a GET is answered once the caller is who it says. */
enum file_answer {
	ANSWER_RENDER,    /* 200 with vendor_render */
	ANSWER_NOT_FOUND, /* 404 is what the vendor's boot order expects */
	ANSWER_UPLOADED   /* 200 with what the phone sent and the server kept; if nothing is kept, vendor_render */
};

/* What a PUT or POST of that name is for. */
enum file_upload { UPLOAD_REFUSED, UPLOAD_REPLACE, UPLOAD_APPEND /* logs */, UPLOAD_DISCARD /* 200, thrown away */ };

struct vendor_file {
	enum file_kind kind;
	const char *name; /* pattern for people and file names: "<mac>-lines.cfg" */
	const char *tmpl; /* below templates/, or NULL when nothing is rendered */
	enum file_evidence evidence;
	enum file_answer answer;
	enum file_upload upload;
	bool per_phone;   /* carries (or may carry) something of one phone: asks for proof of identity */
	bool personal;    /* an upload of this kind can hold something of a person: dropped at a reset */
	const char *mime; /* Content-Type of the answer */
};

struct vendor {
	enum vendor_id id;
	const char *name; /* "Yealink" */
	/* Value of the Event header that makes it fetch, without a restart where it can; NULL: it cannot be told. */
	const char *notify_event;
	const struct vendor_file *files;
	size_t nfiles;
};

/* Can phones be told this time zone? An IANA name, also one of the old ones (US/Pacific). */
bool vendor_zone_known(const char *name);

/* NULL for VENDOR_NONE and out of range. */
const struct vendor *vendor_get(enum vendor_id id);
/* That vendor's row for a kind of file, or NULL when it never asks for it. */
const struct vendor_file *vendor_file(enum vendor_id id, enum file_kind kind);

struct file_request {
	enum file_kind kind;
	enum vendor_id vendor; /* VENDOR_NONE for <mac>.cfg, which two vendors ask for */
	bool has_mac;
	struct mac mac;
	char common[32]; /* y-file and cfg<model>.xml: the name in lower case, for catalog_by_common_file; else "" */
};

/* Reads one path segment, any case; the MAC bare or with ':', '-' or '.'. False when it is no file of any vendor (no
 * slash, no "..", nothing but the known forms passes). */
bool vendor_parse_file(struct slice name, struct file_request *out);

enum { VENDOR_FILE_NAME_MAX = 64 };
/* The name that this vendor's phone asks for. False when the vendor has no such file. */
bool vendor_file_name(
	const struct profile *pf, const struct mac *mac, enum file_kind kind, char out[VENDOR_FILE_NAME_MAX]);

struct ua_info {
	enum vendor_id vendor;
	char model[32];    /* token as sent: "SIP-T46U", "VVX_450", "GRP2614" */
	char firmware[40]; /* "" when it says none */
	bool has_mac;
	struct mac mac;
	bool updater; /* Polycom: sent by the updater, firmware is then the updater's */
};

/* A User-Agent is a hint, never a proof. False when it is none of the vendors' forms. */
bool vendor_parse_ua(struct slice ua, struct ua_info *out);

/* The firmware that such a User-Agent names, where it fits what is known of this very model (its token, the form of a
 * version, the hardware's own number, not older than what we write for); else NULL, and the phone is written for all
 * that it may run. */
const char *vendor_running(const struct catalog *cat, const struct profile *pf, const struct ua_info *ua);

/* Vendor rules on top of phone_check: lengths, alphabets, values that the vendor's language gives another meaning
 * ("%NULL%"). ERR_INPUT names the field. Also for an API that wants to refuse before it stores. */
enum err_code vendor_check(const struct profile *pf, const struct phone *ph, struct err *err);

/* May that key be of that type? Grandstream's multi-purpose keys and modules hold no lines (public template set). */
bool vendor_key_fits(const struct profile *pf, unsigned module, unsigned index, enum key_type type);

/* How many accounts a file for that firmware can carry: fewer than the model has where Grandstream's are by number. */
unsigned vendor_accounts(const struct profile *pf, const char *firmware);

struct renderer;

/* Compiles every template of every vendor, strict: a name that the data does not have is an error with
 * file:line:column. The catalog must outlive the renderer. After this the renderer is only read: threads may share it.
 */
enum err_code renderer_open(
	const char *templates_dir, const struct catalog *cat, struct renderer **out, struct err *err);
void renderer_close(struct renderer *r);

/* The other vendor whose parameter that is, when this vendor's phones know none of the name: their files leave it out
 * (a Polycom would warn on its screen). VENDOR_NONE when it is known here, or to nobody. */
enum vendor_id renderer_foreign(const struct renderer *r, enum vendor_id vendor, const char *name);

struct param_book;
/* What is known of that vendor's parameters (book.h), as long as the renderer lives; NULL when nothing is. */
const struct param_book *renderer_book(const struct renderer *r, enum vendor_id vendor);

/* ERR_INPUT when an override names a parameter that Rekey states itself (accounts, keys, what keeps local changes from
 * winning): templates/<vendor>/protected. vendor_render leaves such overrides out; vendor_check_override refuses them.
 */
enum err_code renderer_check_overrides(
	const struct renderer *r, const struct profile *pf, const struct phone *ph, struct err *err);

/* The bytes of one file. The same phone gives the same bytes; another generation gives other bytes in per-phone files.
 * Encrypted where the phone has a file key and the vendor encrypts files of that kind (crypt.h).
 * For files that belong to no phone (per_phone false) ph may be NULL. ERR_NOT_FOUND when the vendor has no such file,
 * answers it with 404, or this phone needs none (Yealink's <mac>-later.cfg). */
enum { VENDOR_RENDER_MAX = 1024 * 1024 }; /* no file is larger; for the maximum of *out */
enum err_code vendor_render(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct err *err);

/* What a file had to do without. */
struct vendor_left {
	size_t n;
	char first[ERR_TEXT_MAX]; /* the first one as a sentence: field or parameter and limit, never the value */
};

/* As vendor_render, for a phone that waits at the door. What is stored was checked when it was stored; if it cannot be
 * written all the same (rows from another version, a limit learnt since), the file is made without it: fields, accounts
 * and keys that no file can carry are as if they were not there, a value that its parameter's row refuses is replaced
 * by the vendor's blank. The old person never stays because a value of the next one was too long. What is left out is
 * counted; a caller tells somebody. ERR_INPUT only where nothing safe is left to write (a file key that is none). */
enum err_code vendor_serve(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct vendor_left *left, struct err *err);

#endif
