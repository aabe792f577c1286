#include "provisioning/http/accept.h"

#include <string.h>

#include "phonecfg/base/slice.h"

enum { WEIGHT_MAX = 1000 };

/* "q=0.85" -> 850; whatever is malformed counts as not said (RFC 9110 §12.4.2). */
static unsigned weight_of(struct slice parameters)
{
	unsigned value = 0, digit = WEIGHT_MAX;
	size_t i;

	while (parameters.n) {
		struct slice one = slice_trim(slice_cut(&parameters, ';'));

		if (one.n < 3 || (one.p[0] != 'q' && one.p[0] != 'Q') || one.p[1] != '=')
			continue;
		if (one.p[2] != '0' && one.p[2] != '1')
			return WEIGHT_MAX;
		value = one.p[2] == '1' ? WEIGHT_MAX : 0;
		for (i = 4; i < one.n && one.p[i] >= '0' && one.p[i] <= '9'; i++)
			value += (unsigned)(one.p[i] - '0') * (digit /= 10);
		return value < WEIGHT_MAX ? value : WEIGHT_MAX;
	}
	return WEIGHT_MAX;
}

/* How closely a range names the type: 3 the type itself, 2 its family, 1 anything, 0 not at all. */
static unsigned closeness(struct slice range, const char *type)
{
	size_t family = (size_t)(strchr(type, '/') - type) + 1;

	if (slice_ieq_str(range, type))
		return 3;
	if (range.n == family + 1 && range.p[family] == '*' && strncmp(range.p, type, family) == 0)
		return 2;
	return slice_eq_str(range, "*/*") ? 1 : 0;
}

static unsigned type_weight(const char *header, const char *type)
{
	struct slice rest = slice_str(header);
	unsigned best = 0, weight = 0;

	while (rest.n) {
		struct slice parameters = slice_cut(&rest, ','), range = slice_trim(slice_cut(&parameters, ';'));
		unsigned close = closeness(range, type);

		if (close > best) {
			best = close;
			weight = weight_of(parameters);
		}
	}
	return weight;
}

size_t accept_best(const char *header, const char *const *types, size_t n)
{
	unsigned best = 0;
	size_t i, at = 0;

	for (i = 0; header && i < n; i++) {
		unsigned weight = type_weight(header, types[i]);

		if (weight > best) {
			best = weight;
			at = i;
		}
	}
	return at;
}
