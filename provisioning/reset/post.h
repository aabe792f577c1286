/* The outbox's kind "mail": one row per lane while mails wait in it. Its run writes each mail that is due, sends it and
 * notes what came of it, each in a transaction of its own; then it comes again when the next one is due. So a lane
 * takes one worker at most, keeps its connection from mail to mail, and ten thousand mails to a dead server are one row
 * that waits. */
#ifndef PROVISIONING_RESET_POST_H
#define PROVISIONING_RESET_POST_H

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/reset.h"

outbox_deliver_fn post_deliver;

#endif
