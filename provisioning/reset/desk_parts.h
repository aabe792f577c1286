/* What desk phones and softphones have in common. */
#ifndef PROVISIONING_RESET_DESK_PARTS_H
#define PROVISIONING_RESET_DESK_PARTS_H

#include "phonecfg/model/model.h"

struct domain_row;

/* "" becomes NULL, as struct phone wants it. */
const char *desk_text(const char *s);
/* Where the domain's lines register: server, transport, proxy, voicemail. transport "" or NULL = the domain's. */
void desk_fill_server(const struct domain_row *dom, const char *transport, struct arena *a, struct account *acc);

#endif
