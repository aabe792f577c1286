/* THE table of the admin plane: what there is, and who may. A test walks it. */
#include "provisioning/api/calls.h"
#include "provisioning/conf/metric.h"

#define D "/domains/{domain}"
#define U D "/users/{user}"
#define V U "/voicemails/{folder}"
#define P D "/phones/{mac}"

enum {
	GREETING_MAX = 6 * 1024 * 1024,
	IMPORT_MAX = 8 * 1024 * 1024,
	BULK_MAX = 4 * 1024 * 1024,
	LETTERS_MAX = 512 * 1024,
	FORM_MAX = 8192,
	SCRAPES_MAX = 2
};

static const struct api_route routes[] = {
	{ HTTP_POST, "/login", login_fn, SCOPE_OPEN, 4096, "log in; sets the cookie, gives the token against forgery" },
	{ HTTP_POST, "/tokens", tokens_add, SCOPE_OPEN, 4096, "a token for a program, by its key and a password" },
	{ HTTP_POST, "/logout", logout_fn, SCOPE_ALL, 0, "end this session" },
	{ HTTP_GET, "/session", session_get, SCOPE_OPEN | SCOPE_ALL, 0, "who am I; {} for nobody" },
	{ HTTP_POST, "/password", password_fn, SCOPE_ALL, 4096, "change one's own password; ends every other session" },
	{ HTTP_GET, "/set-password/{link}", set_password_look, SCOPE_OPEN, 0, "whom a link is for; uses nothing up" },
	{ HTTP_POST, "/set-password", set_password_fn, SCOPE_OPEN, 4096, "choose a password by a link" },

	{ HTTP_GET, "/domains", domains_list, SCOPE_OFFICES, 0, "domains within reach" },
	{ HTTP_GET, "/domains/count", domains_count, SCOPE_OFFICES, 0, "how many" },
	{ HTTP_POST, "/domains", domains_add, SCOPE_ADMINS, 0, "add a domain" },
	{ HTTP_GET, D, domains_get, SCOPE_PHONES, 0, "one domain" },
	{ HTTP_PUT, D, domains_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_PATCH, D, domains_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_DELETE, D, domains_delete, SCOPE_ADMINS, 0, "delete an empty domain" },

	{ HTTP_GET, D "/sites", sites_list, SCOPE_PHONES, 0, "sites" },
	{ HTTP_POST, D "/sites", sites_add, SCOPE_OFFICES, 0, "add a site" },
	{ HTTP_GET, D "/sites/count", sites_count, SCOPE_PHONES, 0, "how many" },
	{ HTTP_GET, D "/sites/{site}", sites_get, SCOPE_PHONES, 0, "one site" },
	{ HTTP_PATCH, D "/sites/{site}", sites_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_PUT, D "/sites/{site}", sites_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_DELETE, D "/sites/{site}", sites_delete, SCOPE_OFFICES, 0, "delete it" },

	{ HTTP_GET, D "/users", users_list, SCOPE_SITES, 0, "users" },
	{ HTTP_GET, D "/users/count", users_count, SCOPE_SITES, 0, "how many" },
	{ HTTP_POST, D "/users", users_add, SCOPE_SITES, 0, "add a user with its primary device" },
	{ HTTP_GET, U, users_get, SCOPE_SITES | SCOPE_BASIC, 0, "one user" },
	{ HTTP_PUT, U, users_set, SCOPE_SITES, 0, "change it; names on a reset user are a recycle" },
	{ HTTP_PATCH, U, users_set, SCOPE_SITES, 0, "change it" },
	{ HTTP_DELETE, U, users_delete, SCOPE_OFFICES, 0, "reset it, then delete it" },
	{ HTTP_POST, U "/recycle", users_recycle, SCOPE_OFFICES, 0, "the next person" },
	{ HTTP_POST, U "/welcome", users_welcome, SCOPE_OFFICES, 0, "the welcome mail, or a one-time link" },
	{ HTTP_POST, U "/email", users_email, SCOPE_OFFICES, 0, "the same as NetSapiens has it: template, subject" },
	{ HTTP_POST, U "/force-password-reset", users_force_reset, SCOPE_OFFICES, 0,
		"sessions and password go; a link to choose a new one" },
	{ HTTP_POST, U "/link", users_link, SCOPE_OFFICES, 0, "the one-time link that waits; shown once" },
	{ HTTP_GET, U "/mails", users_mails, SCOPE_OFFICES, 0, "what became of this user's mails" },
	{ HTTP_GET, D "/mails", mails_list, SCOPE_OFFICES, 0, "what became of mails; ?state=" },
	{ HTTP_POST, D "/recycles", recycles_add, SCOPE_OFFICES, BULK_MAX, "the next persons" },
	{ HTTP_GET, D "/recycles", recycles_list, SCOPE_OFFICES, 0, "recycle forms that wait to be filled in" },
	{ HTTP_GET, D "/recycles/count", recycles_count, SCOPE_OFFICES, 0, "how many" },
	{ HTTP_GET, D "/recycles/{user}", recycles_get, SCOPE_OFFICES, 0, "one of them" },
	{ HTTP_PUT, D "/recycles/{user}", recycles_set, SCOPE_OFFICES, 0, "what has been typed so far" },
	{ HTTP_DELETE, D "/recycles/{user}", recycles_delete, SCOPE_OFFICES, 0, "nobody is to come" },

	{ HTTP_GET, U "/devices", devices_list, SCOPE_SITES | SCOPE_BASIC, 0, "devices" },
	{ HTTP_GET, U "/devices/count", devices_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, U "/devices", devices_add, SCOPE_SITES, 0, "add a device" },
	{ HTTP_GET, U "/devices/{device}", devices_get, SCOPE_SITES | SCOPE_BASIC, 0, "one device" },
	{ HTTP_PUT, U "/devices/{device}", devices_set, SCOPE_SITES, 0, "change it" },
	{ HTTP_PATCH, U "/devices/{device}", devices_set, SCOPE_SITES, 0, "change it" },
	{ HTTP_DELETE, U "/devices/{device}", devices_delete, SCOPE_SITES, 0, "delete it, and its lines" },
	{ HTTP_POST, U "/devices/{device}/enrol", devices_enrol, SCOPE_SITES, 0, "an address for a softphone" },

	{ HTTP_GET, D "/phonenumbers", numbers_list, SCOPE_SITES, 0, "phone numbers" },
	{ HTTP_GET, D "/phonenumbers/count", numbers_count, SCOPE_SITES, 0, "how many" },
	{ HTTP_POST, D "/phonenumbers", numbers_post, SCOPE_ADMINS, 0, "take a number into the domain's inventory" },
	{ HTTP_PUT, D "/phonenumbers", numbers_set, SCOPE_OFFICES, 0, "change the one that the body names" },
	{ HTTP_GET, D "/phonenumbers/{number}", numbers_get, SCOPE_SITES, 0, "one number" },
	{ HTTP_PUT, D "/phonenumbers/{number}", numbers_set, SCOPE_OFFICES, 0, "lead it elsewhere, or free it" },
	{ HTTP_PATCH, D "/phonenumbers/{number}", numbers_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_DELETE, D "/phonenumbers/{number}", numbers_remove, SCOPE_ADMINS, 0, "take it out of the inventory" },

	{ HTTP_GET, U "/answerrules", rules_list, SCOPE_SITES | SCOPE_BASIC, 0,
		"answering rules, the default one too" },
	{ HTTP_GET, U "/answerrules/count", rules_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, U "/answerrules", rules_add, SCOPE_SITES | SCOPE_BASIC, 0, "add one for a time frame" },
	{ HTTP_PUT, U "/answerrules/reorder", rules_reorder, SCOPE_SITES | SCOPE_BASIC, 0, "put all in this order" },
	{ HTTP_POST, U "/answerrules/reorder", rules_reorder, SCOPE_SITES | SCOPE_BASIC, 0, "the same" },
	{ HTTP_GET, U "/answerrules/{timeframe}", rules_get, SCOPE_SITES | SCOPE_BASIC, 0, "one; * is the default" },
	{ HTTP_PUT, U "/answerrules/{timeframe}", rules_set, SCOPE_SITES | SCOPE_BASIC, 0, "change it" },
	{ HTTP_PATCH, U "/answerrules/{timeframe}", rules_set, SCOPE_SITES | SCOPE_BASIC, 0, "change it" },
	{ HTTP_DELETE, U "/answerrules/{timeframe}", rules_delete, SCOPE_SITES | SCOPE_BASIC, 0, "delete it" },

	{ HTTP_GET, U "/timeframes", timeframes_list, SCOPE_SITES | SCOPE_BASIC, 0, "time frames of a user" },
	{ HTTP_GET, U "/timeframes/count", timeframes_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, U "/timeframes", timeframes_add, SCOPE_SITES | SCOPE_BASIC, 0, "add one" },
	{ HTTP_GET, U "/timeframes/{timeframe}", timeframes_get, SCOPE_SITES | SCOPE_BASIC, 0, "one, by its id" },
	{ HTTP_PUT, U "/timeframes/{timeframe}", timeframes_set, SCOPE_SITES | SCOPE_BASIC, 0, "change it" },
	{ HTTP_PATCH, U "/timeframes/{timeframe}", timeframes_set, SCOPE_SITES | SCOPE_BASIC, 0, "change it" },
	{ HTTP_DELETE, U "/timeframes/{timeframe}", timeframes_delete, SCOPE_SITES | SCOPE_BASIC, 0, "delete it" },
	{ HTTP_GET, D "/timeframes", timeframes_list, SCOPE_SITES | SCOPE_BASIC, 0, "time frames that all share" },
	{ HTTP_GET, D "/timeframes/count", timeframes_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, D "/timeframes", timeframes_add, SCOPE_OFFICES, 0, "add one" },
	{ HTTP_GET, D "/timeframes/{timeframe}", timeframes_get, SCOPE_SITES | SCOPE_BASIC, 0, "one, by its id" },
	{ HTTP_PUT, D "/timeframes/{timeframe}", timeframes_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_PATCH, D "/timeframes/{timeframe}", timeframes_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_DELETE, D "/timeframes/{timeframe}", timeframes_delete, SCOPE_OFFICES, 0, "delete it" },

	{ HTTP_GET, U "/contacts", contacts_list, SCOPE_SITES | SCOPE_BASIC, 0,
		"contacts of a user; ?includeDomain=yes the shared ones too" },
	{ HTTP_GET, U "/contacts/count", contacts_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, U "/contacts", contacts_add, SCOPE_SITES | SCOPE_BASIC, 0, "add one" },
	{ HTTP_GET, U "/contacts/{contact}", contacts_get, SCOPE_SITES | SCOPE_BASIC, 0, "one" },
	{ HTTP_PUT, U "/contacts/{contact}", contacts_set, SCOPE_SITES | SCOPE_BASIC, 0, "change it" },
	{ HTTP_PATCH, U "/contacts/{contact}", contacts_set, SCOPE_SITES | SCOPE_BASIC, 0, "change it" },
	{ HTTP_DELETE, U "/contacts/{contact}", contacts_delete, SCOPE_SITES | SCOPE_BASIC, 0, "delete it" },
	{ HTTP_GET, D "/contacts", contacts_list, SCOPE_SITES | SCOPE_BASIC, 0, "contacts that all share" },
	{ HTTP_GET, D "/contacts/count", contacts_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, D "/contacts", contacts_add, SCOPE_OFFICES, 0, "add one" },
	{ HTTP_GET, D "/contacts/{contact}", contacts_get, SCOPE_SITES | SCOPE_BASIC, 0, "one" },
	{ HTTP_PUT, D "/contacts/{contact}", contacts_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_PATCH, D "/contacts/{contact}", contacts_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_DELETE, D "/contacts/{contact}", contacts_delete, SCOPE_OFFICES, 0, "delete it" },
	{ HTTP_GET, U "/voicemails", voicemails_folders, SCOPE_SITES | SCOPE_BASIC, 0, "how many in each folder" },
	{ HTTP_GET, V, voicemails_list, SCOPE_SITES | SCOPE_BASIC, 0, "messages of a folder: new, saved, trash, …" },
	{ HTTP_GET, V "/count", voicemails_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_GET, V "/{filename}", voicemails_get, SCOPE_SITES | SCOPE_BASIC, 0, "one message" },
	{ HTTP_GET, V "/{filename}/sound", voicemails_sound, SCOPE_SITES | SCOPE_BASIC, 0,
		"its sound; ?format= another one than what plays anywhere" },
	{ HTTP_DELETE, V "/{filename}", voicemails_delete, SCOPE_SITES | SCOPE_BASIC, 0, "delete it for good" },
	{ HTTP_PATCH, V "/{filename}/save", voicemails_save, SCOPE_SITES | SCOPE_BASIC, 0,
		"move it to saved, or to the folder given" },
	{ HTTP_PATCH, V "/{filename}/forward", voicemails_forward, SCOPE_SITES | SCOPE_BASIC, 0,
		"a copy for another user of the domain" },
	{ HTTP_GET, U "/greetings", greetings_list, SCOPE_SITES | SCOPE_BASIC, 0, "greetings" },
	{ HTTP_GET, U "/greetings/count", greetings_count, SCOPE_SITES | SCOPE_BASIC, 0, "how many" },
	{ HTTP_POST, U "/greetings", greetings_add, SCOPE_SITES | SCOPE_BASIC, GREETING_MAX, "add one, as WAV" },
	{ HTTP_GET, U "/greetings/{index}", greetings_get, SCOPE_SITES | SCOPE_BASIC, 0, "one greeting" },
	{ HTTP_GET, U "/greetings/{index}/sound", greetings_sound, SCOPE_SITES | SCOPE_BASIC, 0, "its sound" },
	{ HTTP_PUT, U "/greetings/{index}", greetings_set, SCOPE_SITES | SCOPE_BASIC, GREETING_MAX, "replace it" },
	{ HTTP_DELETE, U "/greetings/{index}", greetings_delete, SCOPE_SITES | SCOPE_BASIC, 0, "delete it" },

	{ HTTP_GET, "/phones", phones_list_all, SCOPE_ADMINS, 0, "phones of every domain within reach" },
	{ HTTP_POST, "/phones", phones_add, SCOPE_ADMINS, 0, "add one to the domain of the body" },
	{ HTTP_PUT, "/phones", phones_set, SCOPE_ADMINS, 0, "change the phone that the body names" },
	{ HTTP_DELETE, "/phones", phones_delete, SCOPE_ADMINS, 0, "delete the phone that the body names" },
	{ HTTP_GET, "/phones/models", phones_models, SCOPE_PHONES, 0, "models that are known" },
	{ HTTP_GET, D "/phones", phones_list, SCOPE_PHONES, 0, "phones" },
	{ HTTP_GET, D "/phones/count", phones_count, SCOPE_PHONES, 0, "how many" },
	{ HTTP_POST, D "/phones", phones_add, SCOPE_PHONES, 0, "add a phone, with lines and a first-access address" },
	{ HTTP_PUT, D "/phones", phones_set, SCOPE_PHONES, 0, "change the phone that the body names" },
	{ HTTP_DELETE, D "/phones", phones_delete, SCOPE_SITES, 0, "delete the phone that the body names" },
	{ HTTP_GET, P, phones_get, SCOPE_PHONES, 0, "one phone" },
	{ HTTP_PUT, P, phones_set, SCOPE_PHONES, 0, "change it, its lines too" },
	{ HTTP_PATCH, P, phones_set, SCOPE_PHONES, 0, "change it" },
	{ HTTP_DELETE, P, phones_delete, SCOPE_SITES, 0, "blank it, and delete it when that is proved; ?dry-run=" },
	{ HTTP_GET, P "/timeline", phones_timeline, SCOPE_PHONES, 0, "what happened to it, newest first" },
	{ HTTP_GET, P "/handovers", phones_handovers, SCOPE_PHONES, 0, "its records with their facts, newest first" },
	{ HTTP_GET, P "/events", phones_events, SCOPE_PHONES, 0, "the phone and its records as server-sent events" },
	{ HTTP_GET, P "/config", phones_files, SCOPE_PHONES, 0, "the files that it gets, and when it got them" },
	{ HTTP_GET, P "/config/{file}", phones_config, SCOPE_PHONES, 0,
		"a file as the phone would get it, secrets masked; ?layers=1: who set each value" },
	{ HTTP_POST, P "/resync", phones_resync, SCOPE_PHONES, 0, "check-sync now" },
	{ HTTP_POST, P "/token", phones_token, SCOPE_PHONES, 0, "a first-access address" },
	{ HTTP_POST, P "/pair", phones_pair, SCOPE_PHONES, 0, "open or close the pairing window" },
	{ HTTP_POST, P "/login", phones_login, SCOPE_OFFICES, 0, "a new login of its own, with its next file" },
	{ HTTP_POST, P "/rehome", phones_rehome, SCOPE_PHONES, 0, "to another user, site or domain" },
	{ HTTP_POST, P "/swap", phones_swap, SCOPE_PHONES, 0, "replace by another MAC" },
	{ HTTP_POST, P "/retire", phones_retire, SCOPE_SITES, 0, "blank for good" },
	{ HTTP_GET, P "/face.svg", phones_face, SCOPE_PHONES, 0, "its keys as a picture; ?after= before and after" },

	{ HTTP_GET, P "/keys", keys_list, SCOPE_PHONES, 0, "programmable keys" },
	{ HTTP_GET, P "/keys/count", keys_count, SCOPE_PHONES, 0, "how many" },
	{ HTTP_POST, P "/keys", keys_add, SCOPE_PHONES, 0, "add one" },
	{ HTTP_GET, P "/keys/{key}", keys_get, SCOPE_PHONES, 0, "one: <module>.<place>" },
	{ HTTP_PUT, P "/keys/{key}", keys_set, SCOPE_PHONES, 0, "change it" },
	{ HTTP_PATCH, P "/keys/{key}", keys_set, SCOPE_PHONES, 0, "change it" },
	{ HTTP_DELETE, P "/keys/{key}", keys_delete, SCOPE_PHONES, 0, "delete it" },

	{ HTTP_POST, D "/resets", resets_add, SCOPE_OFFICES, BULK_MAX, "reset users, dry-run too" },
	{ HTTP_GET, D "/resets", resets_list, SCOPE_OFFICES, 0, "jobs of every kind, newest first" },
	{ HTTP_GET, D "/resets/count", resets_count, SCOPE_OFFICES, 0, "how many" },
	{ HTTP_GET, D "/resets/options", resets_options, SCOPE_OFFICES, 0, "what a reset can clear" },
	{ HTTP_GET, D "/resets/{id}", resets_get, SCOPE_OFFICES, 0, "one job: users, records, facts" },
	{ HTTP_GET, D "/resets/{id}/users", resets_users, SCOPE_OFFICES, 0, "its users, by pages" },
	{ HTTP_GET, D "/resets/{id}/handovers", resets_handovers, SCOPE_OFFICES, 0, "its records, by pages" },
	{ HTTP_DELETE, D "/resets/{id}/users/{user}", resets_cancel_user, SCOPE_OFFICES, 0, "take one user out" },
	{ HTTP_DELETE, D "/resets/{id}", resets_cancel, SCOPE_OFFICES, 0, "cancel what has not begun" },
	{ HTTP_GET, D "/resets/{id}/events", resets_events, SCOPE_OFFICES, 0, "the same as server-sent events" },
	{ HTTP_GET, D "/resets/{id}/report", resets_report, SCOPE_OFFICES, 0,
		"one job for the files: a page, JSON or CSV" },
	{ HTTP_POST, D "/resets/{id}/links", resets_links, SCOPE_OFFICES, 0,
		"the one-time links of this job that wait; shown once" },
	{ HTTP_POST, D "/bulk", bulk_add, SCOPE_OFFICES, BULK_MAX, "another action on many users" },

	{ HTTP_GET, D "/handovers", handovers_list, SCOPE_SITES, 0, "records with their facts" },
	{ HTTP_GET, D "/handovers/count", handovers_count, SCOPE_SITES, 0, "how many" },
	{ HTTP_GET, D "/handovers/{id}", handovers_get, SCOPE_SITES, 0, "one record" },
	{ HTTP_POST, D "/handovers/{id}/write-off", handovers_write_off, SCOPE_OFFICES, 0,
		"a person decides, with a reason" },
	{ HTTP_GET, D "/unassignments", unassignments_list, SCOPE_SITES, 0, "lines taken away" },
	{ HTTP_GET, D "/unassignments/count", unassignments_count, SCOPE_SITES, 0, "how many" },
	{ HTTP_GET, D "/unassignments/{id}", handovers_get, SCOPE_SITES, 0, "one of them" },
	{ HTTP_POST, D "/unassignments/{id}/write-off", handovers_write_off, SCOPE_OFFICES, 0, "a person decides" },
	{ HTTP_GET, D "/alerts", alerts_list, SCOPE_SITES, 0, "what needs a person's eye" },
	{ HTTP_GET, D "/alerts/count", alerts_count, SCOPE_SITES, 0, "how many" },
	{ HTTP_GET, D "/alerts/events", alerts_events, SCOPE_SITES, 0, "what happens to them, as server-sent events" },
	{ HTTP_GET, D "/alerts/{id}", alerts_get, SCOPE_SITES, 0, "one of them" },
	{ HTTP_POST, D "/alerts/{id}/acknowledge", alerts_acknowledge, SCOPE_SITES, 0, "seen, with a reason" },
	{ HTTP_POST, D "/alerts/{id}/clear", alerts_clear, SCOPE_OFFICES, 0, "over, with a reason" },
	{ HTTP_GET, "/alerts", alerts_list, SCOPE_SUPER, 0, "those of every domain and of the server" },
	{ HTTP_GET, "/alerts/count", alerts_count, SCOPE_SUPER, 0, "how many" },
	{ HTTP_GET, "/alerts/events", alerts_events, SCOPE_SUPER, 0, "what happens to them, as server-sent events" },
	{ HTTP_GET, "/alerts/{id}", alerts_get, SCOPE_SUPER, 0, "one of them" },
	{ HTTP_POST, "/alerts/{id}/acknowledge", alerts_acknowledge, SCOPE_SUPER, 0, "seen, with a reason" },
	{ HTTP_POST, "/alerts/{id}/clear", alerts_clear, SCOPE_SUPER, 0, "over, with a reason" },

	{ HTTP_GET, D "/transfers", transfers_list, SCOPE_OFFICES, 0, "phones offered to and by this domain" },
	{ HTTP_POST, D "/transfers/{id}/accept", transfers_accept, SCOPE_OFFICES, 0, "take one" },
	{ HTTP_POST, D "/transfers/{id}/decline", transfers_decline, SCOPE_OFFICES, 0, "do not take it" },
	{ HTTP_DELETE, D "/transfers/{id}", transfers_withdraw, SCOPE_OFFICES, 0, "offer it no longer" },
	{ HTTP_GET, D "/mail-templates", letters_list, SCOPE_OFFICES, 0, "what mails say, and who set it" },
	{ HTTP_GET, D "/mail-templates/{name}", letters_get, SCOPE_OFFICES, 0, "one of them" },
	{ HTTP_PUT, D "/mail-templates/{name}", letters_set, SCOPE_ADMINS, LETTERS_MAX, "set it for this domain" },
	{ HTTP_DELETE, D "/mail-templates/{name}", letters_delete, SCOPE_ADMINS, 0, "back to what stood above it" },
	{ HTTP_POST, D "/mail-templates/{name}/preview", letters_preview, SCOPE_ADMINS, LETTERS_MAX,
		"how it would read" },
	{ HTTP_GET, "/mail-templates", letters_list, SCOPE_ADMINS, 0, "what a reseller's mails say; ?reseller=" },
	{ HTTP_GET, "/mail-templates/{name}", letters_get, SCOPE_ADMINS, 0, "one of them" },
	{ HTTP_PUT, "/mail-templates/{name}", letters_set, SCOPE_ADMINS, LETTERS_MAX, "set it for all his domains" },
	{ HTTP_DELETE, "/mail-templates/{name}", letters_delete, SCOPE_ADMINS, 0,
		"back to what comes with the program" },
	{ HTTP_POST, "/mail-templates/{name}/preview", letters_preview, SCOPE_ADMINS, LETTERS_MAX,
		"how it would read" },
	{ HTTP_GET, D "/webhooks", webhooks_list, SCOPE_OFFICES, 0, "webhooks of this domain" },
	{ HTTP_POST, D "/webhooks", webhooks_add, SCOPE_OFFICES, 0, "add one; its secret is shown once" },
	{ HTTP_GET, D "/webhooks/{id}", webhooks_get, SCOPE_OFFICES, 0, "one, and how its last call ended" },
	{ HTTP_PUT, D "/webhooks/{id}", webhooks_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_PATCH, D "/webhooks/{id}", webhooks_set, SCOPE_OFFICES, 0, "change it" },
	{ HTTP_DELETE, D "/webhooks/{id}", webhooks_delete, SCOPE_OFFICES, 0, "delete it" },
	{ HTTP_POST, D "/webhooks/{id}/test", webhooks_test, SCOPE_OFFICES, 0, "call it now" },
	{ HTTP_POST, D "/webhooks/{id}/secret", webhooks_secret, SCOPE_OFFICES, 0,
		"a new secret; the old one signs too for a day" },
	{ HTTP_GET, "/webhooks", webhooks_list, SCOPE_SUPER, 0, "webhooks of the server: alerts of every domain" },
	{ HTTP_POST, "/webhooks", webhooks_add, SCOPE_SUPER, 0, "add one; its secret is shown once" },
	{ HTTP_GET, "/webhooks/{id}", webhooks_get, SCOPE_SUPER, 0, "one, and how its last call ended" },
	{ HTTP_PUT, "/webhooks/{id}", webhooks_set, SCOPE_SUPER, 0, "change it" },
	{ HTTP_PATCH, "/webhooks/{id}", webhooks_set, SCOPE_SUPER, 0, "change it" },
	{ HTTP_DELETE, "/webhooks/{id}", webhooks_delete, SCOPE_SUPER, 0, "delete it" },
	{ HTTP_POST, "/webhooks/{id}/test", webhooks_test, SCOPE_SUPER, 0, "call it now" },
	{ HTTP_POST, "/webhooks/{id}/secret", webhooks_secret, SCOPE_SUPER, 0,
		"a new secret; the old one signs too for a day" },

	{ HTTP_GET, D "/overrides", overrides_get, SCOPE_OFFICES, 0, "overrides of the domain" },
	{ HTTP_PUT, D "/overrides", overrides_set, SCOPE_OFFICES, 0, "set them" },
	{ HTTP_GET, D "/sites/{site}/overrides", overrides_get, SCOPE_SITES, 0, "overrides of a site" },
	{ HTTP_PUT, D "/sites/{site}/overrides", overrides_set, SCOPE_SITES, 0, "set them" },
	{ HTTP_GET, "/brands/{brand}/overrides", overrides_get, SCOPE_SUPER, 0, "overrides of a brand" },
	{ HTTP_PUT, "/brands/{brand}/overrides", overrides_set, SCOPE_SUPER, 0, "set them" },
	{ HTTP_GET, "/models/{model}/overrides", overrides_get, SCOPE_SUPER, 0, "overrides of a model" },
	{ HTTP_PUT, "/models/{model}/overrides", overrides_set, SCOPE_SUPER, 0, "set them" },
	{ HTTP_GET, P "/overrides", overrides_get, SCOPE_SITES, 0, "overrides of one phone" },
	{ HTTP_PUT, P "/overrides", overrides_set, SCOPE_SITES, 0, "set them" },

	{ HTTP_GET, "/server", server_get, SCOPE_OFFICES, 0,
		"what this server works with: registrar, mail, addresses" },
	{ HTTP_POST, D "/import", import_fn, SCOPE_OFFICES, IMPORT_MAX,
		"CSV of users, devices, phones or phone numbers" },
	{ HTTP_GET, "/unclaimed", unclaimed_get, SCOPE_ADMINS, 0, "phones that knocked and that nobody knows" },
	{ HTTP_POST, "/unclaimed/{mac}/claim", unclaimed_claim, SCOPE_ADMINS, 0, "take one into a domain" },
	{ HTTP_GET, "/auditlog", audit_get, SCOPE_SUPER, 0, "who did what" },
	{ HTTP_GET, "/auditlog/count", audit_total, SCOPE_SUPER, 0, "how many" },
	{ HTTP_GET, D "/auditlog/count", audit_total, SCOPE_OFFICES, 0, "how many" },
	{ HTTP_GET, D "/auditlog", audit_get, SCOPE_OFFICES, 0, "who did what in this domain" },
	{ HTTP_GET, "/apikeys", apikeys_list, SCOPE_SUPER, 0, "keys of programs" },
	{ HTTP_POST, "/apikeys", apikeys_add, SCOPE_SUPER, 0, "make a key; shown once" },
	{ HTTP_DELETE, "/apikeys/{id}", apikeys_revoke, SCOPE_SUPER, 0, "revoke it" },
	{ HTTP_GET, D "/apikeys", apikeys_list, SCOPE_OFFICES, 0, "keys of this domain" },
	{ HTTP_POST, D "/apikeys", apikeys_add, SCOPE_OFFICES, 0, "make a key for this domain" },
	{ HTTP_DELETE, D "/apikeys/{id}", apikeys_revoke, SCOPE_OFFICES, 0, "revoke it" },

};

const struct api_route *api_routes(size_t *n)
{
	*n = sizeof(routes) / sizeof(routes[0]);
	return routes;
}

/* Outside of both prefixes. */
static enum handled healthz(struct request *rq, struct response *rs)
{
	struct api *api = rq->ctx;
	struct snap snap;
	struct err err;

	if (store_snap(api->conf.store, &snap, &err))
		return problem(rs, &err);
	snap_end(&snap);
	buf_str(response_body(rs, "text/plain; charset=utf-8", 16), "ok\n");
	return HANDLED;
}

static enum handled metrics(struct request *rq, struct response *rs)
{
	struct api *api = rq->ctx;
	struct buf *b = response_body(rs, "text/plain; version=0.0.4; charset=utf-8", 512 * 1024);

	metric_one(b, "logins_total", METRIC_COUNTER, "Logins of people.", atomic_load(&api->logins));
	metric_one(b, "admin_refused_total", METRIC_COUNTER, "Requests that the admin plane refused to let in.",
		atomic_load(&api->refused));
	if (api->conf.metrics)
		api->conf.metrics(api->conf.metrics_arg, b);
	return HANDLED;
}

/* Health and counts, in which no name of a domain, user or phone stands; and the pages that need no portal. */
const struct route api_root_routes[] = {
	{ HTTP_GET, "/healthz", healthz, ON_EDGE, SCOPE_OPEN, 0, 0 },
	{ HTTP_GET, "/metrics", metrics, WORKER, SCOPE_OPEN, 0, SCRAPES_MAX },
	{ HTTP_GET, "/page.css", page_css, ON_EDGE, SCOPE_OPEN, 0, 0 },
	{ HTTP_GET, "/set-password/{link}", set_password_page, ON_EDGE, SCOPE_OPEN, 0, 0 },
	{ HTTP_POST, "/set-password/{link}", set_password_post, WORKER, SCOPE_OPEN, FORM_MAX, 0 },
};
const size_t api_root_count = sizeof(api_root_routes) / sizeof(api_root_routes[0]);
