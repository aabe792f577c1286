/* The fleet: one process per simulated phone, and what each of them said. */
#ifndef PROVISIONING_DEMO_FLEET_H
#define PROVISIONING_DEMO_FLEET_H

#include <jansson.h>
#include <stdbool.h>

#include "phonecfg/base/buf.h"
#include "provisioning/demo/gateway.h"
#include "provisioning/demo/proc.h"
#include "provisioning/demo/stage.h"

enum { FLEET_MAX = 16, FLEET_SLOTS = 64 };

/* What the demo decides about a phone. */
struct fleet_order {
	const char *name;  /* for people: "Yealink T46U, Ann's desk" */
	const char *model; /* profile */
	const char *mac;   /* 12 digits; a softphone has one too, for its flash file */
	bool behind_nat;   /* in a network of its own, TCP only */
	bool refuses;      /* answers every NOTIFY 481 */
};

struct fleet_phone {
	struct fleet_order order;
	const char *url; /* where it asks first */
	struct proc proc;
	int log;
	struct buf said;             /* the line that is not yet whole */
	json_t *face;                /* as last shown, or NULL */
	int status[FLEET_SLOTS + 1]; /* of the last REGISTER per slot; 0 = none */
	unsigned boots, pulls, told; /* since the demo began */
	int told_status;             /* of the last NOTIFY */
	bool proved;                 /* … which carried the right digest */
	char broken[256];            /* the last complaint, or "" */
};

struct fleet {
	struct stage *stage;
	struct gateway *gateway;
	struct fleet_phone phones[FLEET_MAX];
	size_t n;
	bool no_namespace; /* the machine gave none: the phone behind NAT is an ordinary one by TCP */
};

enum err_code fleet_open(struct fleet *f, struct stage *stage, struct err *err);
/* Adds a phone, switched off. */
struct fleet_phone *fleet_add(struct fleet *f, const struct fleet_order *order, const char *url);
enum err_code fleet_on(struct fleet *f, struct fleet_phone *p, struct err *err);
void fleet_power_cut(struct fleet_phone *p);
/* Its own interval has come: it asks for all its files again, the phone book among them. */
void fleet_poll(struct fleet_phone *p);
/* The app is closed: it takes its leave. */
void fleet_quit(struct fleet_phone *p);
bool fleet_is_on(struct fleet_phone *p);
/* Reads what all phones have said, waiting up to ms for something. */
void fleet_listen(struct fleet *f, unsigned ms);
/* The label or name that the slot shows now; "" when it shows no line. */
const char *fleet_line(const struct fleet_phone *p, unsigned slot);
/* The SIP user that the slot registers now; "" when none. */
const char *fleet_user(const struct fleet_phone *p, unsigned slot);
struct fleet_phone *fleet_find(struct fleet *f, const char *mac);
/* Does the phone's memory, all of it, hold this text? The one thing the demo may look at that no server could. */
enum err_code fleet_holds(const struct fleet *f, const struct fleet_phone *p, const char *text, char where[256],
	bool *out, struct err *err);
/* Keeps each phone's memory as it is now beside it, as phones/<mac>.before, for who wants to compare. */
enum err_code fleet_keep(const struct fleet *f, struct err *err);
void fleet_close(struct fleet *f);

#endif
