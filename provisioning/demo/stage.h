/* The stage of the demo: its folder, the settings, rekeyd and Kamailio as processes of their own. */
#ifndef PROVISIONING_DEMO_STAGE_H
#define PROVISIONING_DEMO_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "provisioning/cli/init.h"
#include "provisioning/conf/settings.h"
#include "provisioning/demo/client.h"
#include "provisioning/demo/proc.h"

#define STAGE_DOMAIN "harbor.test"

struct stage {
	struct arena arena;
	const char *dir; /* absolute */
	const char *exe; /* this program */
	const char *ca;  /* PEM file that everybody here trusts */
	uint16_t phones_port, admin_port, sip_port, rpc_port, events_port;
	struct settings settings;
	struct init_result init;
	struct proc rekeyd, kamailio;
	struct client *client; /* logged in as the admin */
	int lock;              /* of the folder */
};

struct stage_order {
	const char *dir;
	const char *share; /* templates/ and firmware-profiles/; NULL = the program's own */
	bool usual_ports;  /* 8443, 9443, 5060 where they are free; else any */
};

/* Empties the folder of an earlier demo (and of nothing else), takes ports, makes settings, database and certificates,
 * starts rekeyd and Kamailio and logs in. On failure stage_close() is still to be called. */
enum err_code stage_open(struct stage *s, const struct stage_order *order, struct err *err);
/* Do both still run? */
enum err_code stage_check(struct stage *s, struct err *err);
void stage_close(struct stage *s);
/* A path in the folder. */
const char *stage_path(struct stage *s, const char *name);

#endif
