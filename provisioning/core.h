/* What the daemon and the commands share: settings, store, models, templates, and the reset that works on them. */
#ifndef PROVISIONING_CORE_H
#define PROVISIONING_CORE_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/profile/profile.h"
#include "phonecfg/vendor/vendor.h"
#include "provisioning/conf/settings.h"
#include "provisioning/mail/mail.h"
#include "provisioning/reset/desk.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/store.h"

struct core {
	const struct settings *settings;
	struct arena arena;
	struct store *store;
	struct catalog *catalog;
	struct renderer *renderer;
	struct mail *mail;
	struct voicemail *voicemail; /* NULL: this server has none */
	struct desk_conf desk;
	const char *templates; /* folder */
	struct reset reset;    /* registrar, sipd and wake are the daemon's to fill */
};

/* Opens everything that needs no network. *settings must outlive the core. On failure nothing is left open. */
enum err_code core_open(struct core *c, const struct settings *settings, struct err *err);
void core_close(struct core *c);

/* Is there one by the settings? Without, the best proof of a phone is that it fetched its file. */
bool core_has_registrar(const struct settings *s);
/* The word by which rekeyd and the registrar know each other, from the file of [registrar] key; it lives in *a. ERR_IO
 * when the file cannot be read, ERR_INPUT when it holds something else. */
enum err_code core_registrar_key(const struct settings *s, struct arena *a, struct secret *out, struct err *err);

#endif
