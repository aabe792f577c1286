/* What the numbers of version 1 are called in version 2. The store keeps a value under its name, whichever way it came.
 *
 * Sources: numbers of accounts 1 to 6, of keys and of the system stand in the vendor's templates for GRP26xx and
 * GXP21xx, the pairs of number and name in its template for GRP261x to GRP267x 1.0.9.103; those of an ATA's second port
 * were observed on HT802 firmware. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/handset/grandstream_store.h"

enum { ACCOUNTS = 6 };

static const struct {
	const char *name;
	unsigned p[ACCOUNTS]; /* 0 = none is known */
} accounts[] = {
	{ "enable", { 271, 401, 501, 601, 1701, 1801 } },
	{ "name", { 270, 417, 517, 617, 1717, 1817 } },
	{ "sip.server.1.address", { 47, 402, 502, 602, 1702, 1802 } },
	{ "sip.server.2.address", { 2312, 2412, 2512, 2612, 2712, 2812 } },
	{ "sip.outboundProxy.1.address", { 48, 403, 503, 603, 1703, 1803 } },
	{ "sip.outboundProxy.2.address", { 2333, 2433, 2533, 2633, 2733, 2833 } },
	{ "sip.blf.server", { 2375, 2475, 2575, 2675, 2775, 0 } },
	{ "sip.userid", { 35, 404, 504, 604, 1704, 1804 } },
	{ "sip.subscriber.userid", { 36, 405, 505, 605, 1705, 1805 } },
	{ "sip.subscriber.password", { 34, 406, 506, 606, 1706, 1806 } },
	{ "sip.subscriber.name", { 3, 407, 507, 607, 1707, 1807 } },
	{ "sip.voicemail.number", { 33, 426, 526, 626, 1726, 1826 } },
	{ "network.dnsMode", { 103, 408, 508, 608, 1708, 1808 } },
	{ "network.natTraversal", { 52, 414, 514, 614, 1714, 1814 } },
	{ "sip.registration", { 31, 410, 510, 610, 1710, 1810 } },
	{ "sip.unregisterOnReboot", { 81, 411, 511, 611, 1711, 1811 } },
	{ "sip.registerExpiration", { 32, 412, 512, 612, 1712, 1812 } },
	{ "sip.localPort", { 40, 413, 513, 613, 1713, 1813 } },
	{ "sip.transport", { 130, 448, 548, 648, 1748, 1848 } },
	{ "audio.srtpMode", { 183, 443, 543, 643, 1743, 1843 } },
	{ "sip.subscribe.forMwi", { 99, 415, 515, 615, 1715, 1815 } },
	{ "call.dialplanPrefix", { 66, 419, 519, 619, 1719, 1819 } },
	{ "call.dialplan", { 290, 459, 559, 659, 1759, 1859 } },
	{ "sip.allowSipReset", { 26015, 26115, 26215, 26315, 26415, 26515 } },
	{ "sip.blf.callPickup.prefix", { 1347, 481, 581, 681, 1781, 1881 } },
	{ "sip.blf.eventlist.uri", { 134, 444, 544, 644, 1744, 1844 } },
};

/* These go up by a hundred for each further account. */
static const struct {
	unsigned p;
	const char *name;
} steps[] = {
	{ 2301, "dtmf.sendInAudio" },
	{ 2302, "dtmf.sendInRtp" },
	{ 2303, "dtmf.sendInSip" },
	{ 2308, "network.primaryIp" },
	{ 2309, "network.backupIp.1" },
	{ 2310, "network.backupIp.2" },
	{ 2318, "sip.conferenceUri" },
	{ 2336, "sip.CallParkRetrieveFeatureCode" },
	{ 2344, "featureCodes.dndOn" },
	{ 2345, "featureCodes.dndOff" },
	{ 2350, "sip.musicOnHoldUri" },
	{ 2356, "intercom.customCallInfoForAutoAnswer" },
	{ 2389, "sip.blf.eventlist.autoProvision" },
	{ 26009, "featureCodes.callForwardBusyOn" },
	{ 26010, "featureCodes.callForwardBusyOff" },
	{ 26011, "featureCodes.callForwardDelayedOn" },
	{ 26012, "featureCodes.callForwardDelayedOff" },
	{ 26013, "featureCodes.callForwardUnconditionallyOn" },
	{ 26014, "featureCodes.callForwardUnconditionallyOff" },
	{ 26046, "sip.callPickupBargeinCode" },
	{ 26049, "call.hidePassword.prefix" },
	{ 26064, "ring.match.7.callerId" },
	{ 26066, "ring.match.8.callerId" },
	{ 26068, "ring.match.9.callerId" },
	{ 26084, "sip.blf.presence.uri" },
	{ 26093, "audio.report.collector.name" },
	{ 26094, "audio.report.collector.address" },
	{ 26096, "ring.match.10.callerId" },
};

/* An ATA's second port has numbers of its own; it does not know those of a phone's second account. */
static const struct {
	unsigned p;
	const char *name;
} second_port[] = {
	{ 401, "enable" },
	{ 703, "sip.subscriber.name" },
	{ 734, "sip.subscriber.password" },
	{ 735, "sip.userid" },
	{ 736, "sip.subscriber.userid" },
	{ 747, "sip.server.1.address" },
	{ 748, "sip.outboundProxy.1.address" },
};

/* In the order of their numbers. sip.notify.challenge is not here: its number means the opposite. */
static const struct single {
	unsigned p;
	const char *name;
} singles[] = {
	{ 2, "users.admin.password" },
	{ 30, "dateTime.ntp.server.1" },
	{ 64, "dateTime.timezone" },
	{ 71, "call.dial.offhook.autoDial.number" },
	{ 76, "network.stunServer" },
	{ 84, "sip.keepAliveInterval" },
	{ 90, "account.1.call.autoAnswer" },
	{ 101, "sip.userNatIp" },
	{ 145, "provisioning.override.dhcp.allowCommonOptions" },
	{ 146, "network.dhcp.hostName" },
	{ 191, "account.1.featureCodes.callFeatures" },
	{ 192, "provisioning.firmware.serverPath" },
	{ 193, "provisioning.auto.minute" },
	{ 194, "provisioning.auto.mode" },
	{ 196, "users.user.password" },
	{ 197, "account.1.network.proxyRequire" },
	{ 207, "maintain.syslog.server" },
	{ 212, "provisioning.config.protocol" },
	{ 232, "provisioning.firmware.filePrefix" },
	{ 233, "provisioning.firmware.filePostfix" },
	{ 234, "provisioning.config.filePrefix" },
	{ 235, "provisioning.config.filePostfix" },
	{ 237, "provisioning.config.serverPath" },
	{ 238, "provisioning.firmware.checkCondition" },
	{ 240, "provisioning.config.authenticateFile" },
	{ 246, "dateTime.timezone.custom" },
	{ 285, "provisioning.auto.hour" },
	{ 330, "phonebook.download.mode" },
	{ 331, "phonebook.download.server" },
	{ 332, "phonebook.download.interval" },
	{ 333, "phonebook.download.removeEditedEntries" },
	{ 337, "xmlApplication.serverPath" },
	{ 352, "xmlApplication.softkeyLabel" },
	{ 934, "lcd.screensaver.serverPath" },
	{ 1345, "hotdesking.enable" },
	{ 1359, "provisioning.config.filePassword" },
	{ 1360, "provisioning.config.username" },
	{ 1361, "provisioning.config.password" },
	{ 1362, "language.gui" },
	{ 1382, "keys.lock.enable" },
	{ 1383, "keys.lock.password" },
	{ 1409, "tr069.enable" },
	{ 1488, "account.1.ring.match.1.callerId" },
	{ 1490, "account.1.ring.match.2.callerId" },
	{ 1492, "account.1.ring.match.3.callerId" },
	{ 1525, "call.transfer.initDialNumber" },
	{ 1569, "multicast.listening.1.address" },
	{ 1570, "multicast.listening.1.label" },
	{ 1571, "multicast.listening.2.address" },
	{ 1572, "multicast.listening.2.label" },
	{ 1573, "multicast.listening.3.address" },
	{ 1574, "multicast.listening.3.label" },
	{ 1575, "multicast.listening.4.address" },
	{ 1576, "multicast.listening.4.label" },
	{ 1577, "multicast.listening.5.address" },
	{ 1578, "multicast.listening.5.label" },
	{ 1579, "multicast.listening.6.address" },
	{ 1580, "multicast.listening.6.label" },
	{ 1581, "multicast.listening.7.address" },
	{ 1582, "multicast.listening.7.label" },
	{ 1583, "multicast.listening.8.address" },
	{ 1584, "multicast.listening.8.label" },
	{ 1585, "multicast.listening.9.address" },
	{ 1586, "multicast.listening.9.label" },
	{ 1587, "multicast.listening.10.address" },
	{ 1588, "multicast.listening.10.label" },
	{ 1591, "broadsoftXsi.server" },
	{ 1593, "broadsoftXsi.credential.username" },
	{ 1594, "broadsoftXsi.credential.password" },
	{ 2917, "lcd.wallpaper.serverPath" },
	{ 2923, "softkeys.layout.enable" },
	{ 2925, "softkeys.layout.state.inDialing" },
	{ 2926, "softkeys.layout.state.InRinging" },
	{ 2927, "softkeys.layout.state.inCalling" },
	{ 2928, "softkeys.layout.state.inCallConnected" },
	{ 2929, "softkeys.layout.state.inOnhold" },
	{ 2930, "softkeys.layout.state.inCallFailed" },
	{ 2931, "softkeys.layout.state.inTransfer" },
	{ 2932, "softkeys.layout.state.inConference" },
	{ 2933, "softkeys.layout.state.inConferenceConnected" },
	{ 2935, "softkeys.layout.state.inOnhookDialing" },
	{ 2937, "broadsoftXsi.actionsPath" },
	{ 2939, "softkey.idleLayout.enable" },
	{ 2940, "softkey.idleLayout.state.inIdle" },
	{ 2966, "broadsoftIMP.username" },
	{ 2967, "broadsoftIMP.password" },
	{ 2968, "broadsoftIMP.autoLogin" },
	{ 2972, "broadsoftXsi.directory.groupDirectoryName" },
	{ 2974, "broadsoftXsi.directory.enterpriseDirectoryName" },
	{ 2976, "broadsoftXsi.directory.groupCommonName" },
	{ 2978, "broadsoftXsi.directory.enterpriseCommonName" },
	{ 2980, "broadsoftXsi.directory.personalDirectoryName" },
	{ 2982, "broadsoftXsi.directory.missedCallLogName" },
	{ 2984, "broadsoftXsi.directory.placedCallLogName" },
	{ 2986, "broadsoftXsi.directory.receivedCallLogName" },
	{ 2987, "pks.softkey.1.keyMode" },
	{ 2988, "pks.softkey.1.account" },
	{ 2989, "pks.softkey.1.description" },
	{ 2990, "pks.softkey.1.value" },
	{ 2991, "pks.softkey.2.keyMode" },
	{ 2992, "pks.softkey.2.account" },
	{ 2993, "pks.softkey.2.description" },
	{ 2994, "pks.softkey.2.value" },
	{ 2995, "pks.softkey.3.keyMode" },
	{ 2996, "pks.softkey.3.account" },
	{ 2997, "pks.softkey.3.description" },
	{ 2998, "pks.softkey.3.value" },
	{ 4503, "tr069.url" },
	{ 4504, "tr069.username" },
	{ 4505, "tr069.password" },
	{ 4511, "tr069.connectionRequestUsername" },
	{ 4512, "tr069.connectionRequestPassword" },
	{ 6006, "broadsoftIMP.server" },
	{ 6008, "packetCapture.usbFilename" },
	{ 6713, "phonebook.download.username" },
	{ 6714, "phonebook.download.password" },
	{ 6716, "account.1.ring.match.4.callerId" },
	{ 6718, "account.1.ring.match.5.callerId" },
	{ 6720, "account.1.ring.match.6.callerId" },
	{ 6761, "callFeatures.savedLocalCallRecordingLocation" },
	{ 6767, "provisioning.firmware.protocol" },
	{ 6768, "provisioning.firmware.username" },
	{ 6769, "provisioning.firmware.password" },
	{ 6772, "broadsoftXsi.sip.username" },
	{ 6773, "broadsoftXsi.sip.password" },
	{ 8020, "ldap.server" },
	{ 8022, "ldap.base" },
	{ 8023, "ldap.username" },
	{ 8024, "ldap.password" },
	{ 8025, "ldap.ldapNumberFilter" },
	{ 8026, "ldap.ldapNameFilter" },
	{ 8028, "ldap.ldapNameAttributes" },
	{ 8029, "ldap.ldapNumberAttributes" },
	{ 8030, "ldap.ldapDisplayName" },
	{ 8304, "ons.actionUrl.setupCompleted" },
	{ 8305, "ons.actionUrl.registered" },
	{ 8306, "ons.actionUrl.unregistered" },
	{ 8308, "ons.actionUrl.offHook" },
	{ 8309, "ons.actionUrl.onHook" },
	{ 8310, "ons.actionUrl.incomingCall" },
	{ 8311, "ons.actionUrl.outgoingCall" },
	{ 8312, "ons.actionUrl.missedCall" },
	{ 8313, "ons.actionUrl.establishedCall" },
	{ 8314, "ons.actionUrl.terminatedCall" },
	{ 8316, "ons.actionUrl.openDnd" },
	{ 8317, "ons.actionUrl.closedDnd" },
	{ 8318, "ons.actionUrl.openForward" },
	{ 8319, "ons.actionUrl.closedForward" },
	{ 8320, "ons.actionUrl.blindTransfer" },
	{ 8321, "ons.actionUrl.attendedTransfer" },
	{ 8324, "ons.actionUrl.holdCall" },
	{ 8325, "ons.actionUrl.unholdCall" },
	{ 8364, "bluetooth.name" },
	{ 8372, "call.dnd.allowCallList" },
	{ 8444, "pks.lcdSetting.enable" },
	{ 8446, "call.dnd.enable" },
	{ 8450, "hotdesking.server.path" },
	{ 8451, "hotdesking.username" },
	{ 8452, "hotdesking.password" },
	{ 8458, "provisioning.auto.randomTime.enable" },
	{ 8459, "provisioning.auto.endHour" },
	{ 8463, "security.validate.serverCertificate" },
	{ 8467, "provisioning.config.processAll.enable" },
	{ 8470, "hotdesking.username.prefix" },
	{ 8471, "hotdesking.username.suffix" },
	{ 8476, "pks.scSoftkey.1.description" },
	{ 8477, "pks.scSoftkey.1.value" },
	{ 8479, "pks.scSoftkey.2.description" },
	{ 8480, "pks.scSoftkey.2.value" },
	{ 8482, "pks.scSoftkey.3.description" },
	{ 8483, "pks.scSoftkey.3.value" },
	{ 8540, "multicast.paging.1.address" },
	{ 8541, "multicast.paging.1.label" },
	{ 8542, "multicast.paging.2.address" },
	{ 8543, "multicast.paging.2.label" },
	{ 8544, "multicast.paging.3.address" },
	{ 8545, "multicast.paging.3.label" },
	{ 8546, "multicast.paging.4.address" },
	{ 8547, "multicast.paging.4.label" },
	{ 8548, "multicast.paging.5.address" },
	{ 8549, "multicast.paging.5.label" },
	{ 8550, "multicast.paging.6.address" },
	{ 8551, "multicast.paging.6.label" },
	{ 8552, "multicast.paging.7.address" },
	{ 8553, "multicast.paging.7.label" },
	{ 8554, "multicast.paging.8.address" },
	{ 8555, "multicast.paging.8.label" },
	{ 8556, "multicast.paging.9.address" },
	{ 8557, "multicast.paging.9.label" },
	{ 8558, "multicast.paging.10.address" },
	{ 8559, "multicast.paging.10.label" },
	{ 8569, "e911.held.server.1.userId" },
	{ 8570, "e911.held.server.1.password" },
	{ 8572, "e911.held.server.2.userId" },
	{ 8573, "e911.held.server.2.password" },
	{ 8576, "e911.held.nai" },
	{ 8577, "e911.held.identity.1.name" },
	{ 8578, "e911.held.identity.1.value" },
	{ 8579, "e911.held.identity.2.name" },
	{ 8580, "e911.held.identity.2.value" },
	{ 8581, "e911.held.identity.3.name" },
	{ 8582, "e911.held.identity.3.value" },
	{ 8583, "e911.held.identity.4.name" },
	{ 8584, "e911.held.identity.4.value" },
	{ 8585, "e911.held.identity.5.name" },
	{ 8586, "e911.held.identity.5.value" },
	{ 8587, "e911.held.identity.6.name" },
	{ 8588, "e911.held.identity.6.value" },
	{ 8589, "e911.held.identity.7.name" },
	{ 8590, "e911.held.identity.7.value" },
	{ 8591, "e911.held.identity.8.name" },
	{ 8592, "e911.held.identity.8.value" },
	{ 8593, "e911.held.identity.9.name" },
	{ 8594, "e911.held.identity.9.value" },
	{ 8595, "e911.held.identity.10.name" },
	{ 8596, "e911.held.identity.10.value" },
	{ 9908, "sip.blf.pickupSound.list.except" },
	{ 9996, "provisioning.userProtect.enable" },
	{ 22030, "provisioning.validateHostnameInCertificate" },
	{ 22034, "broadsoftXsi.sip.userId" },
	{ 22129, "maintain.syslog.keywordFiltering" },
	{ 22360, "officehour.rules" },
	{ 22375, "security.webAccessControl.list" },
	{ 22427, "remote.phonebook.1.display.name" },
	{ 22428, "remote.phonebook.1.url" },
	{ 22429, "remote.phonebook.1.username" },
	{ 22430, "remote.phonebook.1.password" },
	{ 22431, "remote.phonebook.2.display.name" },
	{ 22432, "remote.phonebook.2.url" },
	{ 22433, "remote.phonebook.2.username" },
	{ 22434, "remote.phonebook.2.password" },
	{ 22435, "remote.phonebook.3.display.name" },
	{ 22436, "remote.phonebook.3.url" },
	{ 22437, "remote.phonebook.3.username" },
	{ 22438, "remote.phonebook.3.password" },
	{ 29064, "account.1.call.autoAnswerNumber" },
	{ 29092, "account.1.featureCodes.callForwardUnconditionallyTarget" },
	{ 29093, "account.1.featureCodes.callForwardBusyTarget" },
	{ 29094, "account.1.featureCodes.callForwardDelayedTarget" },
	{ 32001, "externalService.1.account" },
	{ 32002, "externalService.1.systemId" },
	{ 32003, "externalService.1.systemNumber" },
	{ 32004, "externalService.1.password" },
	{ 32006, "externalService.2.account" },
	{ 32007, "externalService.2.systemId" },
	{ 32008, "externalService.2.systemNumber" },
	{ 32009, "externalService.2.password" },
	{ 32011, "externalService.3.account" },
	{ 32012, "externalService.3.systemId" },
	{ 32013, "externalService.3.systemNumber" },
	{ 32014, "externalService.3.password" },
	{ 32016, "externalService.4.account" },
	{ 32017, "externalService.4.systemId" },
	{ 32018, "externalService.4.systemNumber" },
	{ 32019, "externalService.4.password" },
	{ 32021, "externalService.5.account" },
	{ 32022, "externalService.5.systemId" },
	{ 32023, "externalService.5.systemNumber" },
	{ 32024, "externalService.5.password" },
	{ 32026, "externalService.6.account" },
	{ 32027, "externalService.6.systemId" },
	{ 32028, "externalService.6.systemNumber" },
	{ 32029, "externalService.6.password" },
	{ 32031, "externalService.7.account" },
	{ 32032, "externalService.7.systemId" },
	{ 32033, "externalService.7.systemNumber" },
	{ 32034, "externalService.7.password" },
	{ 32036, "externalService.8.account" },
	{ 32037, "externalService.8.systemId" },
	{ 32038, "externalService.8.systemNumber" },
	{ 32039, "externalService.8.password" },
	{ 32041, "externalService.9.account" },
	{ 32042, "externalService.9.systemId" },
	{ 32043, "externalService.9.systemNumber" },
	{ 32044, "externalService.9.password" },
	{ 32046, "externalService.10.account" },
	{ 32047, "externalService.10.systemId" },
	{ 32048, "externalService.10.systemNumber" },
	{ 32049, "externalService.10.password" },
	{ 32050, "remoteControl.enable" },
	{ 32052, "remoteControl.allowList" },
	{ 60069, "account.1.sip.CallParkFeatureCode" },
	{ 60076, "account.1.sip.voicemail.monitoredNumber" },
	{ 60082, "account.1.sip.validate.trustedDomains" },
};

/* Runs of keys: the n-th key's four values are at base + step * (n - first) and behind. */
static const struct {
	const char *block;
	unsigned first, last, mode, mode_step, account, account_step, label, label_step;
} runs[] = {
	{ "vpk", 1, 6, 1363, 2, 1364, 2, 1465, 2 },
	{ "vpk", 7, 48, 23800, 4, 23801, 4, 23802, 4 },
	{ "mpk", 1, 7, 323, 1, 301, 3, 302, 3 },
	{ "mpk", 8, 18, 353, 4, 354, 4, 355, 4 },
	{ "mpk", 19, 24, 1440, 4, 1441, 4, 1442, 4 },
	{ "ext", 1, 160, 23000, 5, 23001, 5, 23002, 5 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The key of a run that p belongs to, or 0. */
static unsigned in_run(unsigned p, unsigned base, unsigned step, unsigned keys)
{
	return p >= base && (p - base) % step == 0 && (p - base) / step < keys ? (p - base) / step + 1 : 0;
}

static bool key_name(unsigned p, char out[HS_NAME_MAX])
{
	for (size_t i = 0; i < COUNT(runs); i++) {
		unsigned keys = runs[i].last - runs[i].first + 1, n;
		const char *field = "keyMode";

		n = in_run(p, runs[i].mode, runs[i].mode_step, keys);
		if (!n && (n = in_run(p, runs[i].account, runs[i].account_step, keys)))
			field = "account";
		if (!n && (n = in_run(p, runs[i].label, runs[i].label_step, keys)))
			field = "description";
		if (!n && (n = in_run(p, runs[i].label + 1, runs[i].label_step, keys)))
			field = "value";
		if (!n)
			continue;
		snprintf(out, HS_NAME_MAX, "pks.%s.%u.%s", runs[i].block, n + runs[i].first - 1, field);
		return true;
	}
	return false;
}

static bool account_name(unsigned p, unsigned last, char out[HS_NAME_MAX])
{
	for (size_t i = 0; i < COUNT(accounts); i++) {
		for (unsigned n = 0; n < last; n++) {
			if (accounts[i].p[n] != p)
				continue;
			snprintf(out, HS_NAME_MAX, "account.%u.%s", n + 1, accounts[i].name);
			return true;
		}
	}
	for (size_t i = 0; i < COUNT(steps); i++) {
		unsigned n = in_run(p, steps[i].p, 100, last);
		if (!n)
			continue;
		snprintf(out, HS_NAME_MAX, "account.%u.%s", n, steps[i].name);
		return true;
	}
	return false;
}

static int by_number(const void *p, const void *single)
{
	unsigned a = *(const unsigned *)p, b = ((const struct single *)single)->p;

	return a < b ? -1 : a > b;
}

const char *gs_canonical(const struct handset_model *model, const char *name, char out[HS_NAME_MAX])
{
	const struct single *single;
	unsigned p;
	size_t i;

	out[strnlen(name, HS_NAME_MAX - 1)] = '\0';
	memcpy(out, name, strnlen(name, HS_NAME_MAX - 1));
	if (!hs_glob("P#", name, &p, 1) || name[1] == '0')
		return out;
	for (i = 0; model->ata && i < COUNT(second_port); i++) {
		if (second_port[i].p != p)
			continue;
		snprintf(out, HS_NAME_MAX, "account.2.%s", second_port[i].name);
		return out;
	}
	if (account_name(p, model->ata ? 1 : ACCOUNTS, out))
		return out;
	single = bsearch(&p, singles, COUNT(singles), sizeof(singles[0]), by_number);
	if (single)
		snprintf(out, HS_NAME_MAX, "%s", single->name);
	else if (!model->ata)
		key_name(p, out);
	return out;
}
