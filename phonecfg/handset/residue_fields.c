/* The fields that carry a person, and the places that they belong to. Names from the vendors' parameter lists (Yealink
 * templates V70 to V87, Polycom schema 4.0.15 and later templates, Grandstream templates GXP and GRP, liblinphone).
 *
 * A pattern that is too wide costs a false alarm; one that is too narrow costs a ghost, so they are wide. */
#include "phonecfg/handset/internal.h"
#include "phonecfg/handset/residue_fields.h"

static const char *const yealink[] = { "account.#.label", "account.#.display_name", "account.#.auth_name",
	"account.#.user_name", "account.#.password", "account.#.*_fwd.target", "account.#.auto_dial_num",
	"account.#.bla_number", "account.#.blf.blf_list_uri", "account.#.conf_uri", "account.#.music_server_uri",
	"account.#.hoteling.*", "account.#.flexible_seating.*", "account.#.idle_screen_url", "account.#.acd.*_url",
	"voice_mail.number.#", "linekey.#.label", "linekey.#.shortlabel", "linekey.#.value", "linekey.#.extension",
	"linekey.#.pickup_value", "expansion_module.*.label", "expansion_module.*.value",
	"expansion_module.*.extension", "expansion_module.*.pickup_value", "edk.edklist.#.*", "edk.edkprompt.#.*",
	"forward.*.target", "features.hotline_number", "features.key.#.speeddial_*", "features.station_name.value",
	"features.action_uri_limit_ip", "features.recording_upload.server.*", "action_url.*", "push_xml.*",
	"remote_phonebook.data.#.*", "remote_phonebook.display_name", "xml_phonebook.data.*", "bw_call_log.data.*",
	"bw.virtual_user.*", "ldap.user", "ldap.password", "ldap.display_name", "hoteling.*", "shortcutkey.#.*",
	"multicast.*.label", "ptt_group.*name", "dialnow.item.#", "local_contact.*url", "phone_setting.browser.url",
	"phone_setting.login_note_text", "super_search.url", "directory_setting.url", "wallpaper_upload.url",
	"lcd_logo.url", "pstn.account.#.label", "handset.#.name", "alarm.number", "memorykey.#.*", "programablekey.#.*",
	"*.xml_phonebook", "bw_phonebook.*", "softkey.#.*", "xsi.*", "account.#.xsi.*",
	"account.#.dialplan.digitmap.string", "dialplan.*", "dialplan_*url", "dialing_shortcut.url", "blacklist.url",
	"features.uc_*", "features.xml_browser.*", "features.*number", "features.pab.*", "features.upload_server",
	"ldap.base", "ldap.customize_label", "phone_setting.lcd_logo.text", "phone_setting.phone_lock.unlock_pin",
	"screen_saver.*", "screensaver.*", "shared_contact_list.url", "static.directory_setting.url", NULL };

static const char *const polycom[] = { "reg.#.address", "reg.#.label", "reg.#.displayName", "reg.#.thirdPartyName",
	"reg.#.auth.*", "reg.#.extension", "reg.#.lineAddress", "reg.#.pin", "reg.#.fwd.*.contact",
	"reg.#.musicOnHold.uri", "divert.#.contact", "divert.*.contact", "divert.fwd.*", "msg.mwi.#.*", "attendant.uri",
	"attendant.resourceList.#.*", "key.#.function.prim", "key.#.subPoint.prim", "efk.efklist.#.*",
	"efk.efkprompt.#.*", "softkey.#.label", "softkey.#.action", "call.autoOffHook.#.contact", "call.donotdisturb.*",
	"dir.corp.user", "dir.corp.password", "dir.corp.bindName", "device.logincred.*", "device.hostname",
	"prov.login.default*", "prov.login.localPassword", "apps.push.*", "apps.telNotification.*",
	"apps.statePolling.*", "apps.ucdesktop.*", "apps.#.label", "apps.#.url", "mb.*", "exchange.*",
	"up.idleDisplay*", "homeScreen.*", "presence.*", "directory.*", "calls.*", "acd.#.*", "dialplan.*emergency*",
	"dir.corp.alt.*", "dir.corp.domain", "messaging.quicknotes.#", "oai.userId", "phoneLock.authorized.*",
	"pnet.hdx.ext", "pstn.extension", "ptt.*label", "ptt.*displayName", "reg.#.outboundProxy.address",
	"reg.#.server.#.address", "reg.#.serverFeatureControl.subscribeToUri", "up.pictureFrame.folder",
	"voIpProt.SIP.alertInfo.#.value", "voIpProt.SIP.conference.address", "voIpProt.SIP.musicOnHold.uri",
	"voIpProt.local.name", NULL };

static const char *const grandstream[] = { "account.#.name", "account.#.sip.userid", "account.#.sip.subscriber.*",
	"account.#.sip.voicemail.*", "account.#.call.*", "account.#.broadsoft.*", "pks.*.description", "pks.*.value",
	"pks.*.extendValue", "phonebook.*user*", "phonebook.*pass*", "phonebook.*server*", "ldap.*", "e911.*",
	"provisioning.cust.*", "account.#.featureCodes.*Target", "account.#.ring.match.#.callerId",
	"account.#.sip.blf.*uri", "account.#.sip.blf.server", "account.#.sip.conferenceUri",
	"account.#.sip.musicOnHoldUri", "account.#.sip.server.#.address", "account.#.sip.outboundProxy.#.address",
	"account.#.ucmapi.*", "accountSharing.*", "bluetooth.*ame", "broadsoft*", "call.dial.offhook.autoDial.number",
	"call.dnd.overrideNumbers", "call.transfer.initDialNumber", "call.virtualgroup.*", "externalService.*",
	"hotdesking.*", "hotel.*", "lcd.customized.*", "lcd.*serverPath", "multicast.*label", "onlineContacts.*",
	"ons.actionUrl.*", "phone.label", "ptt.*label", "remote.phonebook.*", "xmlApplication.*", "contacts.*", NULL };

static const char *const linphone[] = { "proxy_#/reg_identity", "proxy_#/reg_proxy", "proxy_#/reg_route",
	"auth_info_#/username", "auth_info_#/userid", "auth_info_#/passwd", "auth_info_#/ha1", "friend_#/*",
	"app/*user*", "sip/contact", "misc/contacts-vcard-list", NULL };

static const char *const acrobits[] = { "account/title", "account/username", "account/password", "account/authUsername",
	"account/userDisplayName", "account/userCallerId", "account/cloud_*", "account/host", "account/proxy",
	"account/voiceMailNumber", NULL };

static const char *const zoiper[] = { "accounts/*/name", "accounts/*/username", "accounts/*/password",
	"accounts/*/authentication_username", "accounts/*/SIP_auth_username", "accounts/*/SIP_callerId",
	"accounts/*/SIP_callerNumber", "accounts/*/SIP_domain", "accounts/*/SIP_outbound_proxy",
	"accounts/*/voicemail_*", "accounts/*/XMPP_*", "accounts/*/token", NULL };

static const char *const *const fields[HANDSET_KINDS] = {
	[HANDSET_YEALINK] = yealink,
	[HANDSET_POLYCOM] = polycom,
	[HANDSET_GRANDSTREAM] = grandstream,
	[HANDSET_LINPHONE] = linphone,
	[HANDSET_ACROBITS] = acrobits,
	[HANDSET_ZOIPER] = zoiper,
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
 * how the keys of struct key are counted here: ANY_KEY where a number is no position, BEHIND_VPK behind the last VPK or
 * line key. */
static const struct {
	enum handset_kind kind;
	const char *pattern;
	bool key, module;
	unsigned from;
} places[] = {
	{ HANDSET_YEALINK, "account.#.*", false, false, 1 },
	{ HANDSET_YEALINK, "voice_mail.number.#", false, false, 1 },
	{ HANDSET_YEALINK, "linekey.#.*", true, false, 1 },
	{ HANDSET_YEALINK, "memorykey.#.*", true, false, BEHIND_VPK },
	{ HANDSET_YEALINK, "expansion_module.key.#.*", true, false, ANY_KEY },
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
	{ HANDSET_ACROBITS, "account/*", false, false, 0 },
	{ HANDSET_ZOIPER, "accounts/rekey-#/*", false, false, 1 },
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
