/* Every call of the table. */
#ifndef PROVISIONING_API_CALLS_H
#define PROVISIONING_API_CALLS_H

#include "provisioning/api/local.h"

call_fn login_fn, logout_fn, session_get;
call_fn domains_list, domains_count, domains_add, domains_get, domains_set, domains_delete;
call_fn sites_list, sites_add, sites_set, sites_delete;
call_fn users_list, users_count, users_add, users_get, users_set, users_delete, users_recycle;
call_fn devices_list, devices_count, devices_add, devices_get, devices_set, devices_delete, devices_enrol;
call_fn phones_list_all, phones_list, phones_count, phones_add, phones_get, phones_set, phones_delete, phones_models;
call_fn phones_timeline, phones_config, phones_face, phones_resync, phones_token;
call_fn numbers_list, numbers_count, numbers_post, numbers_get, numbers_set, numbers_remove;
call_fn keys_list, keys_count, keys_add, keys_get, keys_set, keys_delete;
call_fn resets_add, recycles_add, bulk_add;
call_fn resets_list, resets_count, resets_get, resets_users, resets_handovers, resets_options, resets_events;
call_fn resets_cancel, resets_cancel_user;
call_fn recycles_list, recycles_count, recycles_get, recycles_set, recycles_delete;
call_fn handovers_list, handovers_count, handovers_get, handovers_write_off, unassignments_list, unassignments_count;
call_fn overrides_get, overrides_set;
call_fn apikeys_list, apikeys_add, apikeys_revoke, audit_get, unclaimed_get, unclaimed_claim, import_fn;
call_fn alerts_list;
/* 501 with a sentence: the thing is in the plan of the interface and not in this version. */
call_fn later_pair, later_move, later_swap, later_retire, later_voicemail;

#endif
