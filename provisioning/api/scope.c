#include "provisioning/api/scope.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	unsigned bit; /* 0 = no login */
	int rank;
} scopes[] = {
	{ "Super User", SCOPE_SUPER, 60 },
	{ "Reseller", SCOPE_RESELLER, 50 },
	{ "Office Manager", SCOPE_OFFICE, 40 },
	{ "Site Manager", SCOPE_SITE, 30 },
	{ "Call Center Supervisor", SCOPE_BASIC, 15 },
	{ "Field Technician", SCOPE_FIELD, 20 },
	{ "Call Center Agent", SCOPE_BASIC, 10 },
	{ "Advanced User", SCOPE_BASIC, 10 },
	{ "Basic User", SCOPE_BASIC, 10 },
	{ "Simple User", SCOPE_BASIC, 10 },
	{ "No Portal", 0, 5 },
	{ "NDP", 0, 5 },
};
enum { SCOPES = sizeof(scopes) / sizeof(scopes[0]) };

static size_t find(const char *word)
{
	size_t i = 0;

	while (i < SCOPES && strcmp(scopes[i].word, word) != 0)
		i++;
	return i;
}

bool scope_read(const char *word, unsigned *bit, int *rank)
{
	size_t i = find(word);

	if (i == SCOPES || scopes[i].bit == 0)
		return false;
	*bit = scopes[i].bit;
	*rank = scopes[i].rank;
	return true;
}

bool scope_known(const char *word)
{
	return find(word) < SCOPES;
}

int scope_rank(const char *word)
{
	size_t i = find(word);

	return i < SCOPES ? scopes[i].rank : 0;
}

bool principal_sited(const struct principal *p)
{
	return p->scope & (SCOPE_SITE | SCOPE_FIELD);
}

int64_t principal_own_site(const struct principal *p)
{
	if (!principal_sited(p))
		return 0;
	return p->nsites ? p->sites[0] : -1;
}

bool principal_site(const struct principal *p, int64_t site_id)
{
	size_t i;

	if (!principal_sited(p))
		return true;
	for (i = 0; i < p->nsites; i++)
		if (site_id && p->sites[i] == site_id)
			return true;
	return false;
}

bool principal_bound(const struct principal *p)
{
	return p->key_id && p->domain_id;
}

const char *principal_id(const struct principal *p, char out[32])
{
	if (p->key_id)
		snprintf(out, 32, "key:%lld", (long long)p->key_id);
	else
		snprintf(out, 32, "user:%lld", (long long)p->user_id);
	return out;
}

const char *scope_refusal(const struct principal *p, int64_t user_id, const char *user_scope)
{
	if (p->user_id && p->user_id == user_id)
		return "You cannot do this to your own user; ask another administrator.";
	if (scope_rank(user_scope) > p->rank)
		return "This user has a higher scope than yours; ask an administrator of that scope.";
	return NULL;
}
