/* Links and mails: one link per person, once; no mail to somebody who has gone; all or nothing. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/share.h"
#include "provisioning/mail/mail.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/letters.h"
#include "provisioning/reset/password.h"
#include "provisioning/reset/post.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/session.h"
#include "provisioning/store/alert.h"

/* A mail server at a port where nobody listens, unless host is "". */
static void with_mail(struct office *o, const char *host)
{
	static char dir[600];
	struct mail_conf conf = { .host = host,
		.port = 1,
		.from = "phones@example.test",
		.letters = dir,
		.portal_url = "https://portal.example.test",
		.timeout_ms = 2000,
		.retry_ms = 1000,
		.retry_most_ms = 4000,
		.domain_servers = DOMAIN_SERVERS_ANY };
	struct err err;

	snprintf(dir, sizeof(dir), "%s/mail", share_templates_dir);
	if (mail_open(&conf, &o->rs.mail, &err))
		fail_msg("%s", err.text);
}

/* The real one takes valgrind half a minute. */
static const struct scrypt_cost cheap = { 4, 8, 1 };

static int open_office(void **state)
{
	office_open(state);
	with_mail(*state, "127.0.0.1");
	((struct office *)*state)->rs.conf.password_cost = &cheap;
	return 0;
}

static int close_office(void **state)
{
	struct office *o = *state;

	mail_close(o->rs.mail);
	return office_close(state);
}

/* ---- orders ---- */

struct
try {
	struct office *o;
	const char *ext;
	bool force, by_link, keep;
	enum letter_kind letter;
	unsigned long fail;
	int64_t user_id; /* of ext, once it was looked up */
	struct welcome_result result;
};

static enum err_code try_fn(struct txn *t, void *arg, struct err *err)
{
	struct try *k = arg;
	struct welcome w = { .rs = &k->o->rs,
		.db = t->db,
		.arena = &k->o->store.a,
		.letter = k->letter,
		.by_link = k->by_link,
		.who = "admin" };
	struct user_row user;
	enum err_code code = user_by_id(t->db, k->user_id, &k->o->store.a, &user, err);

	if (code)
		return code;
	if (k->fail)
		mem_fail_from(k->fail);
	code = k->force ? password_force(&w, &user, k->keep, &k->result, err)
			: welcome_order(&w, &user, k->keep, &k->result, err);
	if (k->fail)
		mem_fail_from(0);
	return code;
}

static enum err_code try(struct try *k, struct err *err)
{
	k->user_id = k->user_id ? k->user_id : office_user(k->o, k->ext).id;
	return store_write(k->o->store.st, try_fn, k, err);
}

static void order(struct office *o, const char *ext, struct try *k)
{
	struct err err;

	k->o = o;
	k->ext = ext;
	k->user_id = 0;
	if (try(k, &err))
		fail_msg("%s", err.text);
}

/* The newest mail of a user. */
static struct mail_row newest(struct office *o, const char *ext)
{
	struct snap s = must_snap(&o->store);
	const struct mail_filter f = { .user_id = office_user(o, ext).id };
	struct mail_row *rows;
	size_t n;

	assert_int_equal(mail_list(s.db, &f, (struct page){ 0, 0 }, &o->store.a, &rows, &n, NULL), ERR_OK);
	snap_end(&s);
	assert_true(n > 0);
	return rows[0];
}

static size_t mails(struct office *o, const char *ext)
{
	struct snap s = must_snap(&o->store);
	const struct mail_filter f = { .user_id = office_user(o, ext).id };
	struct mail_row *rows;
	size_t n;

	assert_int_equal(mail_list(s.db, &f, (struct page){ 0, 0 }, &o->store.a, &rows, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static enum err_code look(struct office *o, struct slice secret, struct link_holder *who)
{
	struct snap s = must_snap(&o->store);
	enum err_code code = link_look(&o->rs, s.db, secret, &o->store.a, who, NULL);

	snap_end(&s);
	return code;
}

static void test_an_order_is_a_sealed_link_and_work(void **state)
{
	struct office *o = *state;
	struct try k = { .keep = true };
	struct link_holder who;
	struct mail_row m;

	order(o, "1001", &k);
	assert_true(k.result.by_mail);
	assert_false(secret_set(&k.result.link));
	m = newest(o, "1001");
	assert_int_equal(m.state, MAIL_WAITING);
	assert_int_equal(m.lane, 0);
	assert_int_equal(office_due(o, "mail", "mail/0") >= 0, 1);
	assert_int_equal(look(o, secret_reveal(&m.link), &who), ERR_OK);
	assert_string_equal(who.login, "1001@" DOMAIN);
	assert_string_equal(who.user.ext, "1001");
	store_checkpoint(o->store.st, 1000, NULL);
	assert_int_equal(files_with(&o->store, m.link.bytes), 0);
	assert_int_equal(strlen(letters_url(&o->rs, &o->store.a, secret_reveal(&m.link))),
		strlen("https://portal.example.test/set-password/") + 43);
}

static void test_only_the_newest_link_works(void **state)
{
	struct office *o = *state;
	struct try k = { .keep = true };
	struct link_holder who;
	struct mail_row first, second;

	order(o, "1001", &k);
	first = newest(o, "1001");
	order(o, "1001", &k);
	second = newest(o, "1001");
	assert_int_not_equal(first.id, second.id);
	assert_int_equal(look(o, secret_reveal(&first.link), &who), ERR_NOT_FOUND);
	assert_int_equal(look(o, secret_reveal(&second.link), &who), ERR_OK);
	assert_int_equal(mails(o, "1001"), 2);
	/* The newest 20 stay. */
	for (int i = 0; i < 30; i++)
		order(o, "1001", &k);
	assert_int_equal(mails(o, "1001"), 20);
}

struct edit {
	struct user_row row;
};

static enum err_code edit_fn(struct txn *t, void *arg, struct err *err)
{
	struct edit *e = arg;
	struct user_row row = e->row;

	return user_save(t->db, &row, err);
}

static void set_email(struct office *o, const char *ext, const char *email)
{
	struct edit e = { .row = office_user(o, ext) };

	e.row.email = email;
	must_write(&o->store, edit_fn, &e);
}

static void set_scope(struct office *o, const char *ext, const char *scope)
{
	struct edit e = { .row = office_user(o, ext) };

	e.row.scope = scope;
	must_write(&o->store, edit_fn, &e);
}

/* No address, one that is none, no server, or asked for: the link is given, in the answer or sealed until it is taken.
 */
static void test_links_without_a_mail(void **state)
{
	struct office *o = *state;
	struct try by_link = { .by_link = true }, plain = { .keep = false };
	struct link_holder who;

	order(o, "1001", &by_link);
	assert_false(by_link.result.by_mail);
	assert_true(secret_set(&by_link.result.link));
	assert_int_equal(newest(o, "1001").state, MAIL_SHOWN);
	assert_null(newest(o, "1001").link.bytes);
	assert_int_equal(look(o, secret_reveal(&by_link.result.link), &who), ERR_OK);
	set_email(o, "1002", "");
	order(o, "1002", &plain);
	assert_false(plain.result.by_mail);
	set_email(o, "1002", "ben @example.test");
	order(o, "1002", &plain);
	assert_false(plain.result.by_mail);
	mail_close(o->rs.mail);
	with_mail(o, "");
	order(o, "1003", &plain);
	assert_false(plain.result.by_mail);
	assert_int_equal(office_due(o, "mail", "mail/0"), -1);
}

struct taking {
	struct office *o;
	const char *ext;
	struct waiting_link *links;
	size_t n;
};

static enum err_code take_fn(struct txn *t, void *arg, struct err *err)
{
	struct taking *k = arg;
	struct user_row u = office_user(k->o, k->ext);

	return welcome_take(t->db, u.domain_id, u.id, 0, &k->o->store.a, &k->links, &k->n, err);
}

static void test_a_kept_link_is_given_once(void **state)
{
	struct office *o = *state;
	struct try k = { .by_link = true, .keep = true };
	struct taking take = { o, "1001", NULL, 0 };
	struct link_holder who;

	order(o, "1001", &k);
	assert_int_equal(newest(o, "1001").state, MAIL_LINK);
	must_write(&o->store, take_fn, &take);
	assert_int_equal(take.n, 1);
	assert_int_equal(look(o, secret_reveal(&take.links[0].link), &who), ERR_OK);
	assert_int_equal(newest(o, "1001").state, MAIL_SHOWN);
	assert_null(newest(o, "1001").link.bytes);
	must_write(&o->store, take_fn, &take);
	assert_int_equal(take.n, 0);
}

static void test_who_gets_none(void **state)
{
	struct office *o = *state;
	struct try k = { .o = o, .ext = "1001" };
	struct err err;

	set_scope(o, "1001", "No Portal");
	assert_int_equal(try(&k, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "No Portal"));
	set_scope(o, "1001", "Basic User");
	office_reset(o, "1001", false);
	assert_int_equal(try(&k, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "Setup Required"));
	k.force = true;
	assert_int_equal(try(&k, &err), ERR_CONFLICT);
	assert_int_equal(office_user(o, "1001").status, USER_RESET);
}

/* ---- force ---- */

struct login {
	int64_t user_id;
	struct arena *a;
	struct secret token;
};

static enum err_code login_fn(struct txn *t, void *arg, struct err *err)
{
	struct login *l = arg;
	struct session_row s = { .user_id = l->user_id, .address = "", .expires_ms = store_clock_ms() + 600000 };

	return session_add(t->db, &s, l->a, &l->token, err);
}

static bool logged_in(struct office *o, const struct login *l)
{
	struct snap s = must_snap(&o->store);
	struct session_row row;
	enum err_code code = session_by_token(s.db, secret_reveal(&l->token), &o->store.a, &row, NULL);

	snap_end(&s);
	return code == ERR_OK;
}

static void test_force_ends_sessions_and_the_password(void **state)
{
	struct office *o = *state;
	struct login l = { office_user(o, "1001").id, &o->store.a, { 0 } };
	struct edit e = { .row = office_user(o, "1001") };
	struct try k = { .force = true, .letter = LETTER_PASSWORD_RESET };

	e.row.password_hash = "$scrypt$x";
	must_write(&o->store, edit_fn, &e);
	must_write(&o->store, login_fn, &l);
	assert_true(logged_in(o, &l));
	order(o, "1001", &k);
	assert_false(logged_in(o, &l));
	assert_string_equal(office_user(o, "1001").password_hash, "");
	assert_int_equal(office_user(o, "1001").status, USER_PWD_RESET);
	assert_string_equal(newest(o, "1001").letter, "password-reset");
	assert_string_equal(office_user(o, "1001").first_name, "Anna");
}

/* ---- setting a password ---- */

static struct password_choice choice(const char *password, const char *pin)
{
	return (struct password_choice){
		.password = { password, strlen(password) }, .pin = { pin, pin ? strlen(pin) : 0 }, .from = "192.0.2.1"
	};
}

static void test_a_link_works_once(void **state)
{
	struct office *o = *state;
	struct try k = { .by_link = true };
	struct password_choice first = choice("Zebra77x", "8264"), second = choice("Otter88y", NULL);
	struct login l = { office_user(o, "1001").id, &o->store.a, { 0 } };
	struct user_row u;
	struct err err;

	order(o, "1001", &k);
	must_write(&o->store, login_fn, &l);
	if (password_by_link(&o->rs, secret_reveal(&k.result.link), &first, &o->store.a, &err))
		fail_msg("%s", err.text);
	u = office_user(o, "1001");
	assert_int_equal(u.status, USER_STANDARD);
	assert_int_equal(scrypt_verify(&first.password, u.password_hash, &err), ERR_OK);
	assert_true(secret_eq(&u.voicemail_pin, &first.pin));
	assert_false(logged_in(o, &l));
	assert_int_equal(
		password_by_link(&o->rs, secret_reveal(&k.result.link), &second, &o->store.a, &err), ERR_NOT_FOUND);
	assert_string_equal(office_user(o, "1001").password_hash, u.password_hash);
}

/* The reset comes while the password is being hashed: as if the link had never been. */
static void test_a_reset_kills_links_and_mails(void **state)
{
	struct office *o = *state;
	struct try k = { .keep = true };
	struct password_choice c = choice("Zebra77x", NULL);
	struct mail_row m;
	struct link_holder who;
	struct err err;

	order(o, "1001", &k);
	m = newest(o, "1001");
	office_reset(o, "1001", true);
	assert_int_equal(mails(o, "1001"), 0);
	assert_int_equal(look(o, secret_reveal(&m.link), &who), ERR_NOT_FOUND);
	assert_int_equal(password_by_link(&o->rs, secret_reveal(&m.link), &c, &o->store.a, &err), ERR_NOT_FOUND);
	assert_int_equal(office_user(o, "1001").status, USER_RESET);
	assert_string_equal(office_user(o, "1001").password_hash, "");
}

static void test_a_password_cancels_the_mail(void **state)
{
	struct office *o = *state;
	struct try k = { .keep = true };
	struct password_choice c = choice("Zebra77x", NULL);
	struct mail_row m;
	struct err err;

	order(o, "1001", &k);
	m = newest(o, "1001");
	assert_int_equal(password_by_link(&o->rs, secret_reveal(&m.link), &c, &o->store.a, &err), ERR_OK);
	m = newest(o, "1001");
	assert_int_equal(m.state, MAIL_CANCELLED);
	assert_false(secret_set(&m.link));
}

static int64_t far_ahead_ms(void)
{
	return store_clock_ms() + 49 * 3600 * 1000;
}

static void test_a_link_expires(void **state)
{
	struct office *o = *state;
	struct try k = { .by_link = true };
	struct link_holder who;

	o->rs.conf.link_ms = 1;
	order(o, "1001", &k);
	while (store_clock_ms() < k.result.expires_ms + 1)
		;
	assert_int_equal(look(o, secret_reveal(&k.result.link), &who), ERR_NOT_FOUND);
}

/* ---- a row that is older than what it is written over ---- */

struct stale {
	struct office *o;
	struct user_row row;
};

static enum err_code stale_fn(struct txn *t, void *arg, struct err *err)
{
	struct stale *s = arg;
	struct inventory in = { &s->o->rs, t->db, &s->o->store.a, "admin", "", "edit" };
	struct user_row row = s->row;
	struct domain_row domain;
	enum err_code code = domain_load(t->db, row.domain_id, &s->o->store.a, &domain, err);

	return code ? code : inventory_user_save(&in, &domain, &row, err);
}

/* Without this an edit brings back whom a reset has cleared, or undoes a password that was set meanwhile. */
static void test_a_stale_row_is_refused(void **state)
{
	struct office *o = *state;
	struct stale s = { o, office_user(o, "1001") };
	struct err err;

	s.row.department = "Sales";
	assert_int_equal(store_write(o->store.st, stale_fn, &s, &err), ERR_OK);
	while (store_clock_ms() <= office_user(o, "1001").modified_ms)
		;
	s.row = office_user(o, "1001");
	office_reset(o, "1001", false);
	assert_int_equal(store_write(o->store.st, stale_fn, &s, &err), ERR_CONFLICT);
	assert_string_equal(office_user(o, "1001").first_name, "");
	assert_int_equal(office_user(o, "1001").status, USER_RESET);
}

/* ---- the run ---- */

static enum outbox_result run(struct office *o, const char *key, struct outbox_job *job)
{
	struct err err = { 0 };

	*job = (struct outbox_job){ .kind = "mail", .key = key, .payload = "{}", .attempt = 1 };
	return post_deliver(job, &o->rs, &err);
}

static bool alerted(struct office *o, const char *kind)
{
	struct snap s = must_snap(&o->store);
	const struct alert_filter f = { .kind = kind, .open_only = true };
	int64_t n;

	assert_int_equal(alert_row_count(s.db, &f, &n, NULL), ERR_OK);
	snap_end(&s);
	return n > 0;
}

/* A dead server: the mail waits, says why, and the lane is left alone whatever is ordered. */
static void test_a_dead_server_blocks_its_lane_alone(void **state)
{
	struct office *o = *state;
	struct outbox_job job;
	struct try k = { .keep = true };
	struct mail_counts counts;
	struct mail_row m;
	int64_t until;

	assert_int_equal(run(o, "mail/0", &job), OUTBOX_DONE); /* nothing waits */
	order(o, "1001", &k);
	order(o, "1002", &k);
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_AGAIN);
	until = job.again_ms;
	assert_true(until > store_clock_ms());
	m = newest(o, "1001");
	assert_int_equal(m.state, MAIL_WAITING);
	assert_int_equal(m.attempts, 1);
	assert_non_null(strstr(m.error, "127.0.0.1:1"));
	assert_int_equal(newest(o, "1002").attempts, 0);
	assert_string_equal(newest(o, "1002").error, m.error); /* why this one waits is shown too */
	assert_true(alerted(o, "mail-server"));
	order(o, "1003", &k);
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_AGAIN);
	assert_int_equal(job.again_ms, until);
	assert_int_equal(newest(o, "1003").attempts, 0);
	assert_int_equal(run(o, "mail/77", &job), OUTBOX_DONE); /* another lane */
	mail_counts(o->rs.mail, &counts);
	assert_int_equal(counts.server_faults, 1);
	assert_int_equal(counts.sent + counts.failed, 0);
	assert_int_equal(run(o, "nonsense", &job), OUTBOX_DONE);
}

static void test_an_address_that_went_fails_at_once(void **state)
{
	struct office *o = *state;
	struct outbox_job job;
	struct try k = { .keep = true };
	struct link_holder who;
	struct mail_row m;

	order(o, "1001", &k);
	m = newest(o, "1001");
	set_email(o, "1001", "");
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_DONE);
	assert_int_equal(newest(o, "1001").state, MAIL_FAILED);
	assert_non_null(strstr(newest(o, "1001").error, "no email-address"));
	assert_int_equal(look(o, secret_reveal(&m.link), &who), ERR_NOT_FOUND);
	assert_true(alerted(o, "mail-failed"));
}

static void test_no_more_lanes_than_there_is_room_for(void **state)
{
	struct office *o = *state;
	struct outbox_job job;
	struct try k = { .keep = true };

	order(o, "1001", &k);
	assert_true(mail_lane_enter(o->rs.mail));
	assert_true(mail_lane_enter(o->rs.mail));
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_AGAIN);
	assert_true(job.again_ms <= store_clock_ms() + 1000);
	assert_int_equal(newest(o, "1001").attempts, 0);
	mail_lane_leave(o->rs.mail);
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_AGAIN);
	assert_int_equal(newest(o, "1001").attempts, 1);
	/* And none when it is to end. */
	mail_stop(o->rs.mail);
	mail_lane_works(o->rs.mail, 0);
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_AGAIN);
	assert_int_equal(newest(o, "1001").attempts, 1);
}

struct own_server {
	int64_t domain;
	const char *host, *from;
	struct arena *a;
	struct reset *rs;
};

static enum err_code own_server_fn(struct txn *t, void *arg, struct err *err)
{
	const struct own_server *s = arg;
	const struct domain_mail_row row = {
		.domain_id = s->domain, .from_address = s->from, .host = s->host, .port = 1, .login = ""
	};
	struct way_out way;
	enum err_code code = domain_mail_put(t->db, &row, err);

	if (code == ERR_OK)
		code = way_out_of(s->rs, t->db, s->domain, s->a, &way, err);
	return code ? code : way_out_take(t->db, s->domain, way.lane, s->a, err);
}

/* A domain gets a server of its own: what waits takes that way, and its failure is nobody else's. */
static void test_a_domain_with_a_server_of_its_own(void **state)
{
	struct office *o = *state;
	int64_t domain = office_user(o, "1001").domain_id;
	struct own_server own = { domain, "localhost", "phones@own.test", &o->store.a, &o->rs };
	struct outbox_job job;
	struct try k = { .keep = true };
	char key[40];

	order(o, "1001", &k);
	must_write(&o->store, own_server_fn, &own);
	assert_int_equal(newest(o, "1001").lane, domain);
	snprintf(key, sizeof(key), "mail/%lld", (long long)domain);
	assert_true(office_due(o, "mail", key) >= 0);
	assert_int_equal(run(o, "mail/0", &job), OUTBOX_DONE);
	assert_int_equal(run(o, key, &job), OUTBOX_AGAIN);
	assert_non_null(strstr(newest(o, "1001").error, "localhost:1"));
	assert_int_equal(mail_lane_until(o->rs.mail, 0), 0);
	assert_true(mail_lane_until(o->rs.mail, domain) > 0);
	/* The operator takes such servers back: what waits goes by the common one. */
	mail_close(o->rs.mail);
	with_mail(o, "127.0.0.1");
	((struct mail_conf *)(uintptr_t)mail_conf(o->rs.mail))->domain_servers = DOMAIN_SERVERS_NONE;
	o->rs.now_ms = far_ahead_ms; /* its pause is over */
	assert_int_equal(run(o, key, &job), OUTBOX_DONE);
	o->rs.now_ms = store_clock_ms;
	assert_int_equal(newest(o, "1001").lane, 0);
	assert_true(office_due(o, "mail", "mail/0") >= 0);
}

/* ---- letters ---- */

struct letter_put {
	struct letter_row row;
};

static enum err_code letter_fn(struct txn *t, void *arg, struct err *err)
{
	struct letter_put *p = arg;

	return letter_row_put(t->db, &p->row, err);
}

static const char *subject_of(struct office *o)
{
	struct snap s = must_snap(&o->store);
	struct user_row u = office_user(o, "1001");
	struct domain_row d;
	struct letter_text text;
	struct err err;

	assert_int_equal(domain_load(s.db, u.domain_id, &o->store.a, &d, NULL), ERR_OK);
	d.reseller = "north";
	if (letters_write(&o->rs, s.db, &d, &u, LETTER_WELCOME, SLICE_LIT("SECRET"), &o->store.a, &text, &err))
		fail_msg("%s", err.text);
	snap_end(&s);
	assert_non_null(strstr(text.text, "https://portal.example.test/set-password/SECRET"));
	return text.subject;
}

static void test_whose_letter_it_is(void **state)
{
	struct office *o = *state;
	struct letter_put p = { { .reseller = "north",
		.name = "welcome",
		.subject = "North greets {{first_name}}",
		.body_text = "{{link}}",
		.body_html = "{{link}}",
		.who = "r" } };

	assert_non_null(strstr(subject_of(o), "Your telephone extension 1001"));
	must_write(&o->store, letter_fn, &p);
	assert_string_equal(subject_of(o), "North greets Anna");
	p.row.reseller = "south";
	p.row.subject = "South";
	must_write(&o->store, letter_fn, &p);
	assert_string_equal(subject_of(o), "North greets Anna");
	p.row.reseller = "";
	p.row.domain_id = office_user(o, "1001").domain_id;
	p.row.subject = "Ours for {{login}}";
	must_write(&o->store, letter_fn, &p);
	assert_string_equal(subject_of(o), "Ours for 1001@" DOMAIN);
	/* One that an older version took and this one does not: the program's own is better than none. */
	p.row.subject = "{{no_such_name}}";
	must_write(&o->store, letter_fn, &p);
	assert_non_null(strstr(subject_of(o), "Your telephone extension 1001"));
}

/* ---- in a job ---- */

static void test_a_recycle_with_the_welcome_mail(void **state)
{
	struct office *o = *state;
	const char *const users[] = { "1001", "1002" };
	const struct recycle_form forms[] = { { "Nina", "New", "nina@example.test", NULL, true },
		{ "Otto", "Old", "", NULL, false } };
	struct job_order job = { .domain = DOMAIN,
		.users = users,
		.nusers = 2,
		.recycle_users = users,
		.recycles = forms,
		.nrecycles = 2,
		.who = "admin" };
	char id[JOB_ID_TEXT];
	struct err err;

	if (job_create(&o->rs, &job, id, &err) || job_run(&o->rs, id, &err))
		fail_msg("%s", err.text);
	assert_int_equal(newest(o, "1001").state, MAIL_WAITING);
	assert_int_equal(newest(o, "1001").job_id, strtoll(id, NULL, 10));
	assert_int_equal(office_user(o, "1001").status, USER_NEW);
	assert_int_equal(mails(o, "1002"), 0); /* that form did not ask */
	office_reset(o, "1002", false);
	job.users = NULL;
	job.nusers = 0;
	job.recycle_users = users + 1;
	job.recycles = forms + 1;
	job.nrecycles = 1;
	job.send_welcome_email = true;
	if (job_create(&o->rs, &job, id, &err) || job_run(&o->rs, id, &err))
		fail_msg("%s", err.text);
	assert_int_equal(newest(o, "1002").state, MAIL_LINK); /* no address: for the administrator */
}

/* ---- all or nothing ---- */

static void test_each_failing_store_call(void **state)
{
	struct office *o = *state;
	struct try k = { .o = o, .ext = "1001", .force = true };
	unsigned long n;
	struct err err;
	enum err_code code = ERR_IO;

	k.user_id = office_user(o, "1001").id;
	for (n = 1; n < 400 && code; n++) {
		store_fail_from(n);
		code = try(&k, &err);
		store_fail_from(0);
		if (code) {
			assert_int_equal(office_user(o, "1001").status, USER_STANDARD);
			assert_int_equal(mails(o, "1001"), 0);
			assert_int_equal(office_due(o, "mail", "mail/0"), -1);
		}
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 10);
	assert_int_equal(office_user(o, "1001").status, USER_PWD_RESET);
}

static void test_each_failing_allocation(void **state)
{
	struct office *o = *state;
	struct try k = { .o = o, .ext = "1001", .force = true, .fail = 1 };
	struct err err;
	enum err_code code = ERR_NOMEM;

	for (; k.fail < 1000 && code; k.fail++) {
		code = try(&k, &err);
		if (code)
			assert_int_equal(mails(o, "1001"), 0);
	}
	assert_int_equal(code, ERR_OK);
}

/* Whatever breaks in a run, the mail waits on with a link that works. */
static void run_breaking(struct office *o, unsigned long most, unsigned long step, void (*break_at)(unsigned long n))
{
	struct outbox_job job;
	struct link_holder who;
	struct mail_row m = newest(o, "1001");
	unsigned long n;
	enum outbox_result result;

	for (n = 1; n < most; n += step) {
		mail_lane_works(o->rs.mail, 0);
		o->rs.now_ms = far_ahead_ms; /* it is due, whatever became of the try before */
		break_at(n);
		result = run(o, "mail/0", &job);
		break_at(0);
		o->rs.now_ms = store_clock_ms;
		assert_true(result == OUTBOX_RETRY || result == OUTBOX_AGAIN);
		assert_int_equal(newest(o, "1001").state, MAIL_WAITING);
		assert_int_equal(look(o, secret_reveal(&m.link), &who), ERR_OK);
	}
	assert_true(newest(o, "1001").attempts > 0); /* the last ones broke nothing */
}

static void test_a_run_with_each_failing_store_call(void **state)
{
	struct try k = { .keep = true };

	order(*state, "1001", &k);
	run_breaking(*state, 60, 1, store_fail_from);
}

static void test_a_run_with_each_failing_allocation(void **state)
{
	struct try k = { .keep = true };

	order(*state, "1001", &k);
	run_breaking(*state, 900, 13, mem_fail_from);
}

static void test_a_password_with_each_failing_store_call(void **state)
{
	struct office *o = *state;
	struct try k = { .by_link = true };
	struct password_choice c = choice("Zebra77x", "8264");
	struct link_holder who;
	unsigned long n;
	struct err err;
	enum err_code code = ERR_IO;

	order(o, "1001", &k);
	for (n = 1; n < 200 && code; n++) {
		store_fail_from(n);
		code = password_by_link(&o->rs, secret_reveal(&k.result.link), &c, &o->store.a, &err);
		store_fail_from(0);
		if (code) {
			assert_int_not_equal(code, ERR_NOT_FOUND);
			assert_string_equal(office_user(o, "1001").password_hash, "");
			assert_int_equal(look(o, secret_reveal(&k.result.link), &who), ERR_OK);
		}
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 10);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_office, close_office)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_an_order_is_a_sealed_link_and_work),
		T(test_only_the_newest_link_works),
		T(test_links_without_a_mail),
		T(test_a_kept_link_is_given_once),
		T(test_who_gets_none),
		T(test_force_ends_sessions_and_the_password),
		T(test_a_link_works_once),
		T(test_a_reset_kills_links_and_mails),
		T(test_a_password_cancels_the_mail),
		T(test_a_link_expires),
		T(test_a_stale_row_is_refused),
		T(test_a_dead_server_blocks_its_lane_alone),
		T(test_an_address_that_went_fails_at_once),
		T(test_no_more_lanes_than_there_is_room_for),
		T(test_a_domain_with_a_server_of_its_own),
		T(test_whose_letter_it_is),
		T(test_a_recycle_with_the_welcome_mail),
		T(test_each_failing_store_call),
		T(test_each_failing_allocation),
		T(test_a_run_with_each_failing_store_call),
		T(test_a_run_with_each_failing_allocation),
		T(test_a_password_with_each_failing_store_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
