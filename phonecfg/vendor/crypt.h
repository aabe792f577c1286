/* Files that only the phone itself can read, by a key that it was given in an earlier file. See struct phone, file_key.
 *
 * Yealink: the whole file is AES in ECB mode under the characters of the key, PKCS #7 padding; 16 characters make
 * AES-128, 32 make AES-256 (firmware V84 and later) (vendor guide). Grandstream: as `openssl enc -aes-256-cbc -md md5
 * -k KEY` writes it, with salt (vendor guide, observed on HT802 firmware 1.0.10.6). Polycom and the softphones: none.
 *
 * ECB shows which blocks of a file are equal and neither way detects a changed file: what protects a file is HTTPS and
 * the phone's login; this keeps a copy that lies about from being read. */
#ifndef PHONECFG_VENDOR_CRYPT_H
#define PHONECFG_VENDOR_CRYPT_H

#include "phonecfg/vendor/vendor.h"

enum { VENDOR_FILE_KEY_MAX = 40 };

/* Can a phone of this vendor read encrypted files at all? */
bool vendor_can_encrypt(enum vendor_id vendor);
/* Is a file of that kind encrypted for a phone that has a key? Boot files, model-wide files and contact lists are not.
 */
bool vendor_encrypts(enum vendor_id vendor, enum file_kind kind);

/* A new random key in the arena, of the letters that this vendor's phones take and as long as they use: Grandstream 40
 * characters, Yealink 32, or 16 where the firmware is older than V84 or not known (NULL). ERR_UNSUPPORTED: no phone of
 * this vendor reads encrypted files; ERR_IO: the system gave no random bytes. */
enum err_code vendor_make_file_key(
	const struct profile *pf, const char *firmware, struct arena *a, struct secret *out, struct err *err);
/* ERR_INPUT unless this vendor's phones take it: length and letters. The sentence does not show it. */
enum err_code vendor_check_file_key(enum vendor_id vendor, const struct secret *key, struct err *err);

/* Appends the encrypted form of plain to out. The same key and plain give the same bytes (Grandstream's salt is an HMAC
 * of plain under the key), so that a file of an unchanged generation is recognised. ERR_INPUT: the key is none for this
 * vendor; ERR_UNSUPPORTED: it has no encrypted files. */
enum err_code vendor_encrypt(
	enum vendor_id vendor, const struct secret *key, struct slice plain, struct buf *out, struct err *err);
/* The way back, as a phone does it; Grandstream's also without salt. ERR_INPUT: it is not a whole number of blocks, or
 * the padding is not that of this key. */
enum err_code vendor_decrypt(
	enum vendor_id vendor, const struct secret *key, struct slice sealed, struct buf *out, struct err *err);

#endif
