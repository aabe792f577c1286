/* The report of a job as a page: templates/report, filled a few rows at a time. */
#ifndef PROVISIONING_API_REPORT_PAGE_H
#define PROVISIONING_API_REPORT_PAGE_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "provisioning/store/job.h"
#include "provisioning/store/record.h"

/* The parts of the page; the words are the files' names. */
enum report_part {
	REPORT_HEAD,
	REPORT_OPEN_HEAD,
	REPORT_OPEN,
	REPORT_USERS_HEAD,
	REPORT_USERS,
	REPORT_PHONES_HEAD,
	REPORT_PHONES,
	REPORT_PROOFS_HEAD,
	REPORT_PROOFS,
	REPORT_WRITTEN_HEAD,
	REPORT_WRITTEN,
	REPORT_SECTION_END,
	REPORT_FOOT,
	REPORT_PART_COUNT
};

struct report_page;
/* Compiles <templates>/report, strict: a name that the data does not have is an error with file:line:column. */
enum err_code report_page_open(const char *templates, struct report_page **out, struct err *err);
void report_page_close(struct report_page *p); /* NULL is allowed */

/* What the head says. Times as report_time() writes them, "" = not. */
struct report_head {
	const char *title, *domain, *state, *who, *from, *zone, *viewer;
	const char *now, *ordered, *scheduled, *started, *ended;
	int64_t job, users, users_done, users_failed, users_cancelled, handovers, confirmed, open, written_off;
	const char *const *options;
	size_t noptions;
	bool cut_off;
};
enum err_code report_head(
	const struct report_page *p, const struct report_head *h, struct arena *a, struct buf *out, struct err *err);
/* A part that has no rows: a section's head or end, the foot. n: open ones for OPEN_HEAD, whether there was a table for
 * SECTION_END. */
enum err_code report_frame(const struct report_page *p, enum report_part part, int64_t n, bool registrar,
	struct arena *a, struct buf *out, struct err *err);

struct report_view {
	const char *zone; /* of times */
	bool registrar;
};
/* OPEN, PROOFS or WRITTEN. */
enum err_code report_records(const struct report_page *p, enum report_part part, const struct report_view *v,
	const struct record_row *rows, size_t n, struct arena *a, struct buf *out, struct err *err);
enum err_code report_users(const struct report_page *p, const struct report_view *v, const struct job_user_row *rows,
	size_t n, struct arena *a, struct buf *out, struct err *err);

struct report_phone {
	const char *mac, *model, *site, *reach; /* model "" = it is not here any more; reach "" = nothing */
};
enum err_code report_phones(const struct report_page *p, const struct report_phone *rows, size_t n, struct arena *a,
	struct buf *out, struct err *err);

#endif
