#include "provisioning/mail/message.h"

#include <time.h>

#include "provisioning/mail/address.h"
#include "provisioning/mail/body.h"
#include "provisioning/mail/header.h"

/* RFC 5322 §3.3, in English whatever the locale. */
static void add_date(struct buf *out, int64_t date_ms)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
		"Nov", "Dec" };
	time_t t = (time_t)(date_ms / 1000);
	struct tm tm;

	if (gmtime_r(&t, &tm))
		buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
			months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void add_head(const struct message *m, struct buf *out)
{
	add_date(out, m->date_ms);
	header_mailbox(out, "From", m->from_name, m->from);
	header_mailbox(out, "To", m->to_name, m->to);
	if (*m->reply_to)
		header_mailbox(out, "Reply-To", NULL, m->reply_to);
	header_text(out, "Subject", slice_str(m->subject));
	buf_printf(out, "Message-ID: <%s@%s>\r\n", m->id, address_domain(m->from));
	header_plain(out, "Auto-Submitted", "auto-generated"); /* RFC 3834 §5: nobody's absence note answers it */
	header_plain(out, "MIME-Version", "1.0");
}

/* "=_" stands in no quoted-printable line, so the boundary cannot either. */
static void add_part(struct buf *out, const char *id, const char *type, const char *text)
{
	buf_printf(out, "--=_%s\r\n", id);
	buf_printf(out, "Content-Type: %s; charset=utf-8\r\n", type);
	header_plain(out, "Content-Transfer-Encoding", "quoted-printable");
	buf_str(out, "\r\n");
	body_quoted(out, slice_str(text));
}

enum err_code message_build(const struct message *m, struct buf *out, struct err *err)
{
	add_head(m, out);
	buf_printf(out, "Content-Type: multipart/alternative;\r\n boundary=\"=_%s\"\r\n\r\n", m->id);
	add_part(out, m->id, "text/plain", m->text);
	add_part(out, m->id, "text/html", m->html);
	buf_printf(out, "--=_%s--\r\n", m->id);
	return buf_check(out, "the mail", err);
}
