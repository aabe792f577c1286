/* Users, devices, phones, lines and keys come, change and go outside of a reset: the rows, and all that follows from
 * them (devices, idle lines, generations, records, the registrar's wishes, who is told).
 *
 * Every function works inside the caller's write transaction and leaves it to be rolled back on any error. Values that
 * the phones of the three vendors cannot be given as they are, are refused here, before they are stored. */
#ifndef PROVISIONING_RESET_INVENTORY_H
#define PROVISIONING_RESET_INVENTORY_H

#include "phonecfg/model/model.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/user.h"

/* One change. */
struct inventory {
	struct reset *rs;
	struct db *db; /* of the transaction */
	struct arena *arena;
	const char *who, *from; /* login and address, for records */
	const char *why;        /* word for records and timeline: "edit" */
};

/* Can every vendor's file carry this person's name as it is? ERR_INPUT says which part cannot. Pure. */
enum err_code inventory_name_check(const struct reset *rs, const char *first, const char *last, struct err *err);

/* Can every vendor's file carry where this domain's lines register? ERR_INPUT says what cannot: a phone that gets no
 * file keeps the old person's. Pure. */
enum err_code inventory_domain_check(const struct reset *rs, const struct domain_row *dom, struct err *err);

/* The user and the primary device, with a secret that the registrar learns at once. row->ext names both. */
enum err_code inventory_user_add(struct inventory *in, struct user_row *row, struct err *err);
/* Saves *row over what stands there, which must be what *row was loaded from: ERR_CONFLICT when it was changed since.
 * Another name renews every phone that shows it; a name on a user that is reset is a recycle (names and email go that
 * way, with records), also if the rest changes too. */
enum err_code inventory_user_save(
	struct inventory *in, const struct domain_row *dom, struct user_row *row, struct err *err);
/* A reset by every option, then the primary device and the row go; the records stay. ERR_CONFLICT names the job that
 * holds the user. */
enum err_code inventory_user_delete(
	struct inventory *in, const struct domain_row *dom, struct user_row *row, struct err *err);

/* row->name: the extension and one letter or more; row->password none = random. */
enum err_code inventory_device_add(
	struct inventory *in, const struct user_row *user, struct device_row *row, struct err *err);
/* Not the primary one. Its lines leave their phones, with records; its softphone addresses turn into blanks. */
enum err_code inventory_device_delete(struct inventory *in, struct device_row *row, struct err *err);

/* A line as it is wanted. */
struct inventory_line {
	int64_t slot;
	const char *device; /* SIP user, "1001" */
	bool shared;
	const char *label; /* NULL = made from the name */
};

/* New passwords for the phone's own menus and web page, in the row. */
enum err_code inventory_phone_passwords(struct phone_row *row, struct arena *a, struct err *err);
/* The phone alone, with its passwords: no line, no file yet. row->model must be a profile's id. ERR_CONFLICT: the MAC
 * is taken, or retired and never given out again. */
enum err_code inventory_phone_new(struct inventory *in, struct phone_row *row, struct err *err);
/* The phone with its passwords; row->model must be a profile's id. Without lines it is vacant, with an idle line where
 * those are on. */
enum err_code inventory_phone_add(
	struct inventory *in, struct phone_row *row, const struct inventory_line *lines, size_t n, struct err *err);
/* From now on exactly these lines. One that goes gives every line of the phone a new secret, and records. */
enum err_code inventory_phone_lines(
	struct inventory *in, struct phone_row *row, const struct inventory_line *lines, size_t n, struct err *err);
/* Something else on the phone changed (keys, site, transport, overrides): checks that its file can still be made, gives
 * a new generation and has it told. */
enum err_code inventory_phone_changed(struct inventory *in, const struct mac *mac, struct err *err);
/* Something that every phone of the domain is told changed: one new generation for all, each is told. */
enum err_code inventory_domain_changed(struct inventory *in, int64_t domain_id, struct err *err);
/* The same for what every phone of a brand or model (name) or of a domain, site or phone (id) is told. */
enum err_code inventory_layer_changed(
	struct inventory *in, enum override_layer layer, int64_t id, const char *name, struct err *err);

#endif
