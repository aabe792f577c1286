/* One simulated phone: a process of its own that knows what a phone out of its box knows (model, MAC, where to ask
 * first, which CA to trust) and from then on only what it was served. It pulls over HTTPS by libcurl, registers and
 * answers NOTIFY by libre, and keeps in its flash file what the hardware keeps over a power cut.
 *
 * It is told what its surroundings do by lines of JSON on standard input, and says what it does on standard output:
 *   in:  {"do":"setup", …} first; {"do":"face"}; {"do":"local","name":…,"value":…,"web":false}; {"do":"pull"}
 *   out: {"is":"pulled","why":…,"files":[{"file","status","what","why"}…]}, {"is":"line","slot","user","status"},
 *        {"is":"told","event","status","challenged","action"}, {"is":"face","lines":[…],"keys":[…]},
 * {"is":"broken","why"} End of input and SIGTERM: it takes its leave of the registrar and ends. SIGKILL is a power cut.
 */
#ifndef PROVISIONING_DEMO_PHONE_H
#define PROVISIONING_DEMO_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/handset/handset.h"
#include "phonecfg/profile/profile.h"

enum { PHONE_URL_MAX = 2048, PHONE_TEXT_MAX = 256 };

struct phone_setup {
	const char *model; /* profile: "yealink-t46u" */
	struct mac mac;
	const char *url;     /* where it asks first: DHCP option 66, or a softphone's address */
	const char *ca;      /* PEM file */
	const char *address; /* its own address */
	const char *share;   /* folder with firmware-profiles/ */
	const char *flash;   /* file that survives a power cut */
	bool refuses;        /* answers every NOTIFY 481, as softphones that know none do */
};

/* `rekeyd demo-phone`: the whole process. Returns its exit code. */
int demo_phone_main(void);

/* ---- talk.c: the lines to the outside ---- */

struct json_t;
void phone_say(struct json_t *line); /* takes the reference; one line on standard output */
/* "is" alone plus pairs of name and text, ended by NULL. */
void phone_say_text(const char *is, ...) __attribute__((sentinel));
enum err_code phone_setup_read(const struct json_t *line, struct arena *a, struct phone_setup *out, struct err *err);

/* ---- phone_pull.c: HTTPS as this model does it ---- */

struct phone_pull;

enum err_code phone_pull_new(
	const struct phone_setup *setup, const struct profile *profile, struct phone_pull **out, struct err *err);
void phone_pull_free(struct phone_pull *p);
/* Asks for all files and sends what the phone has to send. Blocks. */
enum err_code phone_pull_run(struct phone_pull *p, struct handset *hs, struct err *err);

/* ---- phone_flash.c ---- */

/* A file that is not there is a phone out of its box. */
enum err_code phone_flash_load(const char *path, struct handset *hs, struct err *err);
/* Written aside and renamed: a power cut leaves the old state or the new one. Mode 0600: it holds secrets. */
enum err_code phone_flash_save(const char *path, const struct handset *hs, struct err *err);

/* ---- phone_desk.c: what the person in front of it sees, and how the phone names itself ---- */

void phone_say_face(const struct handset *hs);
void phone_say_broken(const struct err *err);
/* What the last pull did; returns how many files were served. */
unsigned phone_say_pulled(const struct handset *hs, const char *why);
/* The User-Agent of HTTP and of SIP in the vendor's own form. */
void phone_http_agent(char out[PHONE_TEXT_MAX], const struct phone_setup *setup, const struct profile *profile);
void phone_sip_agent(char out[PHONE_TEXT_MAX], const struct profile *profile);

/* ---- phone_lines.c: the registrations are those of the configuration ---- */

struct ua;
/* Lines that are gone take their leave, new and changed ones register. */
enum err_code phone_lines_apply(struct ua *ua, const struct handset *hs, struct err *err);

#endif
