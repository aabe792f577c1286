/* The rules that the sources leave open, by name; and a profile as the handset sees it. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/handset/internal.h"
#include "phonecfg/profile/profile.h"

#define RULE(name, kind)                                                                                               \
	{                                                                                                              \
#name, offsetof(struct handset_rules, name), kind, false                                               \
	}
#define RULE_FROM_BIRTH(name, kind)                                                                                    \
	{                                                                                                              \
#name, offsetof(struct handset_rules, name), kind, true                                                \
	}

static const struct handset_rule_name names[] = {
	RULE(protect_late, HANDSET_KINDS),
	RULE(yealink_local_dormant, HANDSET_YEALINK),
	RULE(yealink_long_refused, HANDSET_YEALINK),
	RULE(yealink_old_firmware, HANDSET_YEALINK),
	RULE(yealink_both_spellings, HANDSET_YEALINK),
	RULE(yealink_other_list, HANDSET_YEALINK),
	RULE(polycom_omission_keeps, HANDSET_POLYCOM),
	RULE(polycom_missing_drops, HANDSET_POLYCOM),
	RULE(polycom_override_404, HANDSET_POLYCOM),
	RULE(polycom_web_wins, HANDSET_POLYCOM),
	RULE(polycom_lines_first, HANDSET_POLYCOM),
	RULE_FROM_BIRTH(gs_numbers_only, HANDSET_GRANDSTREAM),
	RULE(gs_mandatory_free, HANDSET_GRANDSTREAM),
	RULE(gs_ascii_only, HANDSET_GRANDSTREAM),
	RULE(gs_truncates_always, HANDSET_GRANDSTREAM),
	RULE(gs_check_sync_reboots, HANDSET_GRANDSTREAM),
	RULE(gs_last_wins, HANDSET_GRANDSTREAM),
	RULE(gs_trims, HANDSET_GRANDSTREAM),
	RULE(gs_binary_last, HANDSET_GRANDSTREAM),
	RULE(gs_plain_taken, HANDSET_GRANDSTREAM),
	RULE(linphone_prunes_auth, HANDSET_LINPHONE),
	RULE(acrobits_omission_keeps, HANDSET_ACROBITS),
	RULE(acrobits_empty_keeps, HANDSET_ACROBITS),
	RULE(zoiper_omission_keeps, HANDSET_ZOIPER),
	RULE(zoiper_empty_keeps, HANDSET_ZOIPER),
	RULE(zoiper_others_stay, HANDSET_ZOIPER),
	{ NULL, 0, HANDSET_KINDS, false },
};

const struct handset_rule_name *handset_rule_names(void)
{
	return names;
}

static const struct {
	enum vendor_id vendor;
	enum handset_kind kind;
	const char *block; /* the key block that the vendor's rules speak of */
} vendors[] = {
	{ VENDOR_YEALINK, HANDSET_YEALINK, "line" },
	{ VENDOR_POLYCOM, HANDSET_POLYCOM, "line" },
	{ VENDOR_GRANDSTREAM, HANDSET_GRANDSTREAM, "vpk" },
	{ VENDOR_LINPHONE, HANDSET_LINPHONE, "" },
	{ VENDOR_ACROBITS, HANDSET_ACROBITS, "" },
	{ VENDOR_ZOIPER, HANDSET_ZOIPER, "" },
};

/* "SIP-T46U" is T46U in boot files, "VVX_450" is VVX450 in master files, "GXP2170" is gxp2170 in file names. */
static void token_of(const char *ua, enum handset_kind kind, char *out, size_t size)
{
	size_t n = 0;

	if (strncmp(ua, "SIP-", 4) == 0)
		ua += 4;
	for (; *ua && n + 1 < size; ua++) {
		if (*ua == '_' && kind == HANDSET_POLYCOM)
			continue;
		out[n++] = kind == HANDSET_GRANDSTREAM && *ua >= 'A' && *ua <= 'Z' ? (char)(*ua - 'A' + 'a') : *ua;
	}
	out[n] = '\0';
}

void handset_model_runs(struct handset_model *m, const struct profile *pf, const char *firmware)
{
	bool gs = m->kind == HANDSET_GRANDSTREAM;
	bool old = profile_speaks(pf, firmware, gs ? "grandstream-p" : "yealink-old");
	bool now = profile_speaks(pf, firmware, gs ? "grandstream" : "yealink");

	snprintf(m->firmware, sizeof(m->firmware), "%s", firmware ? firmware : "");
	m->old_names = !gs && old && !now;
	m->numbers_only = gs && !now;
	m->either = old && now;
}

bool handset_model_of(const struct profile *pf, struct handset_model *out)
{
	size_t i, k;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < sizeof(vendors) / sizeof(vendors[0]) && vendors[i].vendor != pf->vendor; i++)
		;
	if (i == sizeof(vendors) / sizeof(vendors[0]))
		return false;
	out->kind = vendors[i].kind;
	out->id = pf->id;
	out->common = pf->common_file;
	out->part = pf->part;
	out->accounts = pf->accounts;
	out->modules = pf->modules;
	out->module_keys = pf->keys_per_module;
	out->lines_first = out->kind == HANDSET_POLYCOM && !profile_speaks(pf, NULL, "polycom-4");
	if (pf->nua_tokens)
		token_of(pf->ua_tokens[0], out->kind, out->token, sizeof(out->token));
	out->ata = out->kind == HANDSET_GRANDSTREAM && strncmp(out->token, "ht", 2) == 0;
	for (k = 0; k < pf->nblocks; k++) {
		if (strcmp(pf->blocks[k].name, vendors[i].block) != 0)
			continue;
		out->keys = pf->blocks[k].max;
		out->fixed_keys = pf->blocks[k].fixed;
	}
	handset_model_runs(out, pf, NULL);
	return true;
}
