/* The answers of Kamailio's JSON-RPC to ul.lookup and ul.rm_contact. Pure. */
#ifndef PROVISIONING_REGISTRAR_UL_ANSWER_H
#define PROVISIONING_REGISTRAR_UL_ANSWER_H

#include "phonecfg/base/slice.h"
#include "provisioning/registrar/registrar.h"

/* "Not registered" comes as an error in two wordings, and both give n = 0. ERR_IO: not an answer of this kind. */
enum err_code ul_lookup_answer(struct slice body, struct arena *a, struct binding_list *out, struct err *err);
/* A contact or address of record that is not there is ERR_OK. */
enum err_code ul_rm_answer(struct slice body, struct err *err);

#endif
