/* What the parts of one run over mails share: post.c (sends) and post_note.c (what came of it). */
#ifndef PROVISIONING_RESET_POST_PARTS_H
#define PROVISIONING_RESET_POST_PARTS_H

#include "provisioning/mail/mail.h"
#include "provisioning/reset/post.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/domain.h"

enum { SERVER_TEXT = 300 };

/* One run over the mails of a lane. */
struct post_run {
	struct reset *rs;
	int64_t lane;
	struct smtp *smtp; /* opened at the first mail */
	struct smtp_conf conf;
	struct arena arena; /* of the run: conf's texts */
	char server[SERVER_TEXT];
	bool works; /* a mail of this run was taken over */
};

/* One mail in hand. */
struct post_turn {
	struct post_run *run;
	struct arena arena;
	struct mail_row row;
	struct user_row user;
	struct domain_row domain;
	struct way_out way;
	struct letter_text letter;
	const char *from, *to; /* addresses as they go over the wire */
	struct smtp_report report;
	enum verdict verdict;
	const char *error;
	bool given_up;
};

/* Notes what came of a turn (arg), in a transaction: nothing where the mail is gone or has ended meanwhile. */
txn_fn post_note_fn;

#endif
