/* The fields, resource by resource: names, types and words of NetSapiens' API v2. */
#include "provisioning/api/extra.h"

#define COUNT_MAX 1000000000
#define TEXT(name, max)                                                                                                \
	{                                                                                                              \
		name, EXTRA_TEXT, max                                                                                  \
	}
#define TEXT_ALWAYS(name, max)                                                                                         \
	{                                                                                                              \
		name, EXTRA_TEXT, max, NULL, ""                                                                        \
	}
#define YES(name)                                                                                                      \
	{                                                                                                              \
		name, EXTRA_YES                                                                                        \
	}
#define INT(name, max)                                                                                                 \
	{                                                                                                              \
		name, EXTRA_INT, max                                                                                   \
	}
#define WORD(name, words)                                                                                              \
	{                                                                                                              \
		name, EXTRA_WORD, 0, words                                                                             \
	}
#define PASSED(name)                                                                                                   \
	{                                                                                                              \
		name, EXTRA_PASSED                                                                                     \
	}
#define TABLE(rows)                                                                                                    \
	{                                                                                                              \
		rows, sizeof(rows) / sizeof((rows)[0])                                                                 \
	}

#define RECORDING "|yes|yes-with-transcription|yes-with-transcription-and-sentiment|no|"
/* One description of the interface writes these words with a capital, another without. */
#define TRANSCRIPTION "|no|Deepgram|Google|Mutare|Voicebase|deepgram|google|mutare|voicebase|"

static const struct extra_field domain_fields[] = {
	YES("music-on-hold-enabled"),
	YES("music-on-ring-enabled"),
	YES("music-on-hold-randomized-enabled"),
	WORD("domain-type", "|Standard|Residential|Hospitality|"),
	TEXT("dial-plan", 64),
	TEXT("dial-policy", 64),
	YES("single-sign-on-enabled"),
	{ "area-code", EXTRA_NUMBER, 999999 },
	{ "caller-id-number-emergency", EXTRA_SCALAR, 32 },
	INT("limits-max-subcriber-resources-total", COUNT_MAX),
	INT("limits-max-active-calls-total", COUNT_MAX),
	INT("limits-max-active-calls-offnet", COUNT_MAX),
	INT("limits-max-call-queues", COUNT_MAX),
	INT("limits-max-auto-attendants", COUNT_MAX),
	INT("limits-max-conferences", COUNT_MAX),
	INT("limits-max-departments", COUNT_MAX),
	INT("limits-max-users", COUNT_MAX),
	INT("limits-max-sites", COUNT_MAX),
	INT("limits-max-fax-accounts", COUNT_MAX),
	TEXT("emergency-address-id", 128),
	YES("voicemail-enabled"),
	WORD("recording-configuration", RECORDING),
	WORD("voicemail-transcription-enabled", TRANSCRIPTION),
	YES("is-domain-locked"),
	YES("is-stir-enabled"),
	YES("is-ivr-forward-change-blocked"),
	PASSED("active-calls-total-current"),
	PASSED("active-calls-against-license-count"),
	PASSED("active-calls-offnet-current"),
	PASSED("count-subcriber-resources-total"),
};
const struct extra_table extra_domain = TABLE(domain_fields);

static const struct extra_field user_fields[] = {
	YES("privacy"),
	YES("voicemail-user-control-enabled"),
	INT("ring-no-answer-timeout-seconds", 3600),
	INT("limits-max-data-storage-kilobytes", COUNT_MAX),
	INT("limits-max-active-calls-total", COUNT_MAX),
	YES("directory-announce-in-dial-by-name-enabled"),
	YES("voicemail-receive-broadcast-enabled"),
	INT("area-code", 999999),
	TEXT("service-code", 64),
	WORD("voicemail-transcription-enabled", TRANSCRIPTION),
	YES("call-recordings-hide-from-others-enabled"),
	YES("music-on-hold-randomized-enabled"),
	INT("music-on-hold-comfort-message-repeat-interval-seconds", 86400),
	WORD("recording-configuration", RECORDING),
	PASSED("active-calls-total-current"),
};
const struct extra_table extra_user = TABLE(user_fields);

/* What the person set for himself, or what is made from his name: a reset takes it away. */
static const struct extra_field person_fields[] = {
	TEXT("status-message", 255),
	TEXT("user-presence-status", 64),
	INT("directory-name-number-dtmf-mapping", 999999999999999),
	INT("directory-override-order-duplicate-dtmf-mapping", 999999999999999),
	INT("voicemail-greeting-index", COUNT_MAX),
	YES("phone-numbers-to-allow-enabled"),
	YES("phone-numbers-to-reject-enabled"),
	YES("call-screening-enabled"),
	YES("reject-anonymous-calls-enabled"),
	YES("voicemail-playback-announce-datetime-received"),
	YES("voicemail-playback-announce-caller-id"),
	YES("voicemail-playback-sort-newest-to-oldest"),
	YES("email-send-alert-new-voicemail-enabled"),
	YES("email-send-alert-new-missed-call-enabled"),
	YES("email-send-alert-data-storage-limit-reached-enabled"),
};
const struct extra_table extra_person = TABLE(person_fields);

static const struct extra_field device_fields[] = {
	TEXT("caller-id-number-emergency", 32),
	YES("device-force-notify-new-voicemails-enabled"),
	YES("device-level-call-recording-enabled"),
	YES("device-sip-registration-ignore-for-presence-calculation"),
	YES("device-sip-registration-ignore-report-enabled"),
	YES("device-sip-no-to-tag-in-cancel"),
	WORD("device-srtp-enabled", "|yes|no|opportunistic|"),
	YES("auto-answer-enabled"),
	WORD("device-sip-nat-traversal-enabled", "|automatic|none|never|fixed|"),
	TEXT("emergency-address-id", 128),
	WORD("recording-configuration", RECORDING),
	{ "device-provisioning-overrides", EXTRA_LINES, 4000 },
	PASSED("device-sip-registration-uri"),
	PASSED("device-sip-registration-state"),
	PASSED("device-sip-registration-contact"),
	PASSED("device-sip-registration-core-server"),
	PASSED("device-sip-registration-datetime"),
	PASSED("device-sip-registration-expires-datetime"),
	PASSED("device-sip-registration-expiry-seconds"),
	PASSED("device-sip-registration-ip-address"),
	PASSED("device-sip-registration-user-agent"),
	PASSED("device-sip-registration-password-revision"),
	PASSED("device-sip-latency-seconds-current"),
	PASSED("device-sip-latency-seconds-average"),
	PASSED("error-reading-from-endpoint-module"),
	PASSED("login-username"),
	PASSED("name-full-name"),
	PASSED("device-models-model"),
	PASSED("device-provisioning-mac-address"),
	PASSED("device-provisioning-line"),
	PASSED("device-provisioning-username"),
	PASSED("device-provisioning-registration-core-server"),
	PASSED("device-provisioning-sip-transport-protocol"),
	PASSED("lines"),
	PASSED("created-datetime"),
	PASSED("last-modified-datetime"),
};
const struct extra_table extra_device = TABLE(device_fields);

static const struct extra_field phone_fields[] = {
	TEXT("device-provisioning-registration-core-server", 253),
	{ "device-models-overrides-blob", EXTRA_LINES, 4000, NULL, "" },
	TEXT_ALWAYS("device-provisioning-directory", 64),
	TEXT_ALWAYS("device-provisioning-ndp-hostname", 253),
	TEXT_ALWAYS("device-provisioning-presence", 64),
	TEXT_ALWAYS("global-one-time-pass", 64),
	TEXT_ALWAYS("redundency", 64),
	TEXT("device-provisioning-line-1-extensions", 255),
	TEXT("device-provisioning-line-2-extensions", 255),
	PASSED("reseller"),
	PASSED("device-provisioning-username"),
	PASSED("device-models-count-buttons"),
	PASSED("device-models-fxs-support-enabled"),
	PASSED("device-models-resync-support-enabled"),
	PASSED("device-models-shared-line-support-enabled"),
	PASSED("device-models-sidecar-support-enabled"),
	PASSED("device-provisioning-directory-support"),
	PASSED("device-provisioning-last-retrieved-datetime"),
	PASSED("device-sip-registration-contact"),
	PASSED("device-sip-registration-datetime"),
	PASSED("device-sip-registration-expires-datetime"),
	PASSED("device-sip-registration-state"),
	PASSED("device-sip-registration-user-agent"),
	PASSED("created-datetime"),
	PASSED("last-modified-datetime"),
};
const struct extra_table extra_phone = TABLE(phone_fields);
