/* What a list is asked for beside its own filters: a range of time, a page, and in which form. */
#ifndef PROVISIONING_API_ASK_H
#define PROVISIONING_API_ASK_H

#include "provisioning/api/local.h"

/* datetime-start and datetime-end (ISO 8601 in UTC), or from-ms and to-ms. 0 = no bound. */
enum err_code ask_range(struct call *c, int64_t *from_ms, int64_t *to_ms, struct err *err);
/* One of words, which are parted by blanks; words[0] when not asked for. ERR_INPUT lists them. */
enum err_code ask_word(
	struct call *c, const char *name, const char *const *words, size_t n, size_t *out, struct err *err);
/* Who asks may see what is about this phone or this user: everybody but those kept to other sites. 0 = neither. */
bool ask_sees(struct call *c, struct db *db, int64_t phone_id, int64_t user_id);
/* The domain of the path, if there is one: at the root c->domain stays empty. */
enum err_code ask_domain(struct call *c, struct err *err);

enum form { FORM_JSON, FORM_CSV, FORM_HTML };
/* ?format=csv, or what Accept prefers; JSON when neither says. html: FORM_HTML is there, and wins over JSON. */
enum err_code ask_form(struct call *c, bool html, enum form *out, struct err *err);

#endif
