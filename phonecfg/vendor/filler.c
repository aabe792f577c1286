#include "phonecfg/vendor/filler.h"

#include <string.h>

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void sip_rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[0] = rotl(v[0], 32);
		v[2] += v[3];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[2] = rotl(v[2], 32);
	}
}

static uint64_t load(const unsigned char *p, size_t n)
{
	uint64_t x = 0;

	for (size_t i = 0; i < n; i++)
		x |= (uint64_t)p[i] << (8 * i);
	return x;
}

static uint64_t siphash(const unsigned char key[16], const void *data, size_t n)
{
	const unsigned char *p = data;
	uint64_t k0 = load(key, 8), k1 = load(key + 8, 8), last = (uint64_t)n << 56;
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
		k1 ^ 0x7465646279746573ULL };

	for (; n >= 8; n -= 8, p += 8) {
		uint64_t m = load(p, 8);
		v[3] ^= m;
		sip_rounds(v, 2);
		v[0] ^= m;
	}
	last |= load(p, n);
	v[3] ^= last;
	sip_rounds(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* A key of any length becomes 16 bytes: two hashes of it under fixed keys. */
static void fold(const struct secret *key, unsigned char out[16])
{
	static const unsigned char fixed[16] = "rekey filler key";
	struct slice s = secret_reveal(key);
	unsigned char other[16];
	uint64_t a, b;

	memcpy(other, fixed, sizeof(other));
	other[0] ^= 0xff;
	a = siphash(fixed, s.p ? s.p : "", s.n);
	b = siphash(other, s.p ? s.p : "", s.n);
	memcpy(out, &a, 8);
	memcpy(out + 8, &b, 8);
}

void filler_make(const struct secret *key, const struct mac *mac, const char *purpose, uint64_t round, bool digits,
	char *out, size_t n)
{
	static const char letters[] = "0123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
	size_t base = digits ? 10 : sizeof(letters) - 1;
	unsigned char k[16], block[6 + 8 + 8 + 32] = { 0 };
	uint64_t bits = 0, left = 0;

	fold(key, k);
	memcpy(block, mac->b, 6);
	for (size_t i = 0; i < 8; i++)
		block[6 + i] = (unsigned char)(round >> (8 * i));
	memcpy(block + 22, purpose, strnlen(purpose, 31));
	for (size_t i = 0; i < n; i++) {
		if (left < base) {
			block[14]++;
			bits = siphash(k, block, sizeof(block));
			left = UINT64_MAX;
		}
		out[i] = letters[bits % base];
		bits /= base;
		left /= base;
	}
	out[n] = 0;
}
