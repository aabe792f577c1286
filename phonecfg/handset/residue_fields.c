/* The fields that carry a person, and the places that they belong to. Names from the vendors' parameter lists (Yealink
 * templates V70 to V87, Polycom schema 4.0.15 and later templates, Grandstream templates GXP and GRP, liblinphone).
 *
 * A pattern that is too wide costs a false alarm; one that is too narrow costs a ghost, so they are wide. */
#include "phonecfg/handset/internal.h"
#include "phonecfg/handset/residue_fields.h"

static const char *const yealink[] = { "account.#.label", "account.#.display_name", "account.#.auth_name",
	"account.#.user_name", "account.#.password", "account.#.*_fwd.target", "account.#.auto_dial_num",
	"account.#.bla_number", "account.#.blf.blf_list_uri", "account.#.conf_uri", "account.#.music_server_uri",
	"account.#.hoteling.*", "account.#.flexible_seating.*", "account.#.xsi.user", "account.#.xsi.password",
	"account.#.idle_screen_url", "account.#.acd.*_url", "voice_mail.number.#", "linekey.#.label",
	"linekey.#.shortlabel", "linekey.#.value", "linekey.#.extension", "linekey.#.pickup_value",
	"linekey.#.xml_phonebook", "memorykey.#.label", "memorykey.#.value", "memorykey.#.extension",
	"memorykey.#.pickup_value", "programablekey.#.label", "programablekey.#.value", "programablekey.#.extension",
	"programablekey.#.pickup_value", "expansion_module.*.label", "expansion_module.*.value",
	"expansion_module.*.extension", "expansion_module.*.pickup_value", "softkey.#.label", "edk.edklist.#.*",
	"edk.edkprompt.#.*", "forward.*.target", "features.*forward*number", "features.hotline_number",
	"features.key.#.speeddial_*", "features.station_name.value", "features.uc_username", "features.uc_password",
	"features.xml_browser.user_name", "features.action_uri_limit_ip", "features.recording_upload.server.*",
	"action_url.*", "push_xml.*", "remote_phonebook.data.#.*", "remote_phonebook.display_name",
	"xml_phonebook.data.*", "bw_phonebook.data.*", "bw_call_log.data.*", "bw.virtual_user.*", "ldap.user",
	"ldap.password", "ldap.display_name", "xsi.user", "xsi.password", "hoteling.*", "shortcutkey.#.*",
	"multicast.*.label", "ptt_group.*name", "dialplan.replace.*", "dialplan.dialnow.*", "dialplan.item.#",
	"dialnow.item.#", "local_contact.*url", "phone_setting.browser.url", "phone_setting.login_note_text",
	"super_search.url", "directory_setting.url", "wallpaper_upload.url", "lcd_logo.url", "pstn.account.#.label",
	"handset.#.name", "alarm.number", NULL };

static const char *const polycom[] = { "reg.#.address", "reg.#.label", "reg.#.displayName", "reg.#.thirdPartyName",
	"reg.#.auth.*", "reg.#.extension", "reg.#.lineAddress", "reg.#.pin", "reg.#.fwd.*.contact",
	"reg.#.musicOnHold.uri", "divert.#.contact", "divert.*.contact", "divert.fwd.*", "msg.mwi.#.*", "attendant.uri",
	"attendant.resourceList.#.*", "key.#.function.prim", "key.#.subPoint.prim", "efk.efklist.#.*",
	"efk.efkprompt.#.*", "softkey.#.label", "softkey.#.action", "call.autoOffHook.#.contact", "call.donotdisturb.*",
	"call.callsPerLineKey", "dir.corp.user", "dir.corp.password", "dir.corp.bindName", "device.logincred.*",
	"device.hostname", "prov.login.default*", "prov.login.localPassword", "apps.push.*", "apps.telNotification.*",
	"apps.statePolling.*", "apps.ucdesktop.*", "apps.#.label", "apps.#.url", "mb.*", "bg.*", "exchange.*", "qbc.*",
	"roaming_*", "sec.TLS.*user*", "nat.ip", "up.idleDisplay*", "homeScreen.*", "presence.*", "directory.*",
	"calls.*", NULL };

static const char *const grandstream[] = { "account.#.name", "account.#.sip.userid", "account.#.sip.subscriber.*",
	"account.#.sip.voicemail.*", "account.#.call.*", "account.#.sip.blf.eventlist.uri", "account.#.broadsoft.*",
	"account.#.forward.*", "account.#.sip.header.*", "pks.*.description", "pks.*.value", "pks.*.extendValue",
	"phonebook.*user*", "phonebook.*pass*", "phonebook.*server*", "ldap.*", "broadsoftXsi.*", "actionUrl.*",
	"call.forward*", "call.features.*", "e911.*", "hotDesking.*", "provisioning.cust.*", "sip.userProfile.*",
	"xml*", "idleScreen.*", "wallpaper.*", "multicastPaging.*", "speedDial.*", NULL };

static const char *const linphone[] = { "proxy_#/reg_identity", "proxy_#/reg_proxy", "proxy_#/reg_route",
	"auth_info_#/username", "auth_info_#/userid", "auth_info_#/passwd", "auth_info_#/ha1", "friend_#/*",
	"app/*user*", "sip/contact", "misc/contacts-vcard-list", NULL };

static const char *const *const fields[HANDSET_KINDS] = {
	[HANDSET_YEALINK] = yealink,
	[HANDSET_POLYCOM] = polycom,
	[HANDSET_GRANDSTREAM] = grandstream,
	[HANDSET_LINPHONE] = linphone,
};

bool residue_carries_person(enum handset_kind kind, const char *parameter)
{
	const char *const *p;

	for (p = fields[kind]; *p; p++)
		if (hs_glob(*p, parameter, NULL, 0))
			return true;
	return false;
}

enum { ANY_KEY = 98, BEHIND_VPK = 99 };

/* The last '#' counts as the index, one before it as the module; `from` is what the vendor's first one is called, or
 * how the keys of struct key are counted here: ANY_KEY where a number is no position, BEHIND_VPK behind the last VPK.
 */
static const struct {
	enum handset_kind kind;
	const char *pattern;
	bool key, module;
	unsigned from;
} places[] = {
	{ HANDSET_YEALINK, "account.#.*", false, false, 1 },
	{ HANDSET_YEALINK, "voice_mail.number.#", false, false, 1 },
	{ HANDSET_YEALINK, "linekey.#.*", true, false, 1 },
	{ HANDSET_YEALINK, "expansion_module.#.key.#.*", true, true, 1 },
	{ HANDSET_POLYCOM, "reg.#.*", false, false, 1 },
	{ HANDSET_POLYCOM, "msg.mwi.#.*", false, false, 1 },
	{ HANDSET_POLYCOM, "divert.#.*", false, false, 1 },
	{ HANDSET_POLYCOM, "call.autoOffHook.#.*", false, false, 1 },
	{ HANDSET_POLYCOM, "lineKey.#.*", true, false, 1 },
	{ HANDSET_GRANDSTREAM, "account.#.*", false, false, 1 },
	{ HANDSET_POLYCOM, "attendant.resourceList.#.*", true, false, ANY_KEY },
	{ HANDSET_POLYCOM, "directory.#.*", true, false, ANY_KEY },
	{ HANDSET_GRANDSTREAM, "pks.vpk.#.*", true, false, 1 },
	{ HANDSET_GRANDSTREAM, "pks.mpk.#.*", true, false, BEHIND_VPK },
	{ HANDSET_GRANDSTREAM, "pks.ext.#.*", true, false, ANY_KEY },
	{ HANDSET_LINPHONE, "proxy_#/*", false, false, 0 },
	{ HANDSET_LINPHONE, "auth_info_#/*", false, false, 0 },
};

bool residue_place_of(const struct handset_model *model, const char *parameter, struct residue_place *out)
{
	unsigned n[2];
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		n[0] = n[1] = 0;
		if (places[i].kind != model->kind || !hs_glob(places[i].pattern, parameter, n, 2))
			continue;
		out->key = places[i].key;
		out->module = places[i].module ? n[0] : 0;
		out->index = (places[i].module ? n[1] : n[0]) + (places[i].from ? 0 : 1);
		if (places[i].from == BEHIND_VPK)
			out->index += model->keys;
		if (places[i].from == ANY_KEY)
			out->index = 0;
		return true;
	}
	return false;
}
