/* Pages for people that need no script: HTML by Mustache from templates/page, under a policy that lets nothing run. */
#ifndef PROVISIONING_API_PAGE_H
#define PROVISIONING_API_PAGE_H

#include "phonecfg/template/tval.h"
#include "provisioning/http/http.h"

enum page_kind { PAGE_SET_PASSWORD, PAGE_DEAD_LINK, PAGE_WAIT, PAGE_COUNT };

struct pages;

/* dir: the folder of templates. Each is compiled and held against the names that it may use. */
enum err_code pages_open(const char *dir, struct pages **out, struct err *err);
void pages_close(struct pages *p); /* NULL is allowed */

/* Answers with that page. Returns HANDLED. */
enum handled page_answer(
	const struct pages *p, struct response *rs, enum page_kind page, unsigned status, const struct tval *data);
enum handled page_style(const struct pages *p, struct response *rs);

#endif
