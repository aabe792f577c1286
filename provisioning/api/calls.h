/* Every call of the table. */
#ifndef PROVISIONING_API_CALLS_H
#define PROVISIONING_API_CALLS_H

#include "provisioning/api/local.h"

call_fn login_fn, logout_fn, session_get, tokens_add;
call_fn domains_list, domains_count, domains_add, domains_get, domains_set, domains_delete;
call_fn sites_list, sites_count, sites_add, sites_get, sites_set, sites_delete;
call_fn users_list, users_count, users_add, users_get, users_set, users_delete, users_recycle;
call_fn devices_list, devices_count, devices_add, devices_get, devices_set, devices_delete, devices_enrol;
call_fn phones_list_all, phones_list, phones_count, phones_add, phones_get, phones_set, phones_delete, phones_models;
call_fn numbers_list, numbers_count, numbers_post, numbers_get, numbers_set, numbers_remove;
call_fn phones_handovers, phones_events;
call_fn phones_timeline, phones_config, phones_files, phones_face, phones_resync, phones_token, phones_pair,
	phones_login;
call_fn phones_rehome, phones_swap, phones_retire, transfers_list, transfers_accept, transfers_decline,
	transfers_withdraw;
call_fn voicemails_folders, voicemails_list, voicemails_count, voicemails_get, voicemails_sound, voicemails_delete;
call_fn voicemails_save, voicemails_forward;
call_fn greetings_list, greetings_count, greetings_add, greetings_get, greetings_sound, greetings_set, greetings_delete;
call_fn keys_list, keys_count, keys_add, keys_get, keys_set, keys_delete;
call_fn rules_list, rules_count, rules_add, rules_get, rules_set, rules_delete, rules_reorder;
call_fn timeframes_list, timeframes_count, timeframes_add, timeframes_get, timeframes_set, timeframes_delete;
call_fn contacts_list, contacts_count, contacts_add, contacts_get, contacts_set, contacts_delete;
call_fn resets_add, recycles_add, bulk_add;
call_fn resets_list, resets_count, resets_get, resets_users, resets_handovers, resets_options, resets_events;
call_fn resets_cancel, resets_cancel_user, resets_report;
call_fn recycles_list, recycles_count, recycles_get, recycles_set, recycles_delete;
call_fn handovers_list, handovers_count, handovers_get, handovers_write_off, unassignments_list, unassignments_count;
call_fn users_welcome, users_email, users_force_reset, users_link, users_mails, mails_list, resets_links;
call_fn letters_list, letters_get, letters_set, letters_delete, letters_preview;
call_fn set_password_look, set_password_fn, password_fn;
call_fn overrides_get, overrides_set, server_get;
call_fn apikeys_list, apikeys_add, apikeys_revoke, audit_get, audit_total, unclaimed_get, unclaimed_claim, import_fn;
call_fn alerts_list, alerts_count, alerts_get, alerts_acknowledge, alerts_clear, alerts_events;
call_fn webhooks_list, webhooks_get, webhooks_add, webhooks_set, webhooks_delete, webhooks_test, webhooks_secret;

#endif
