/* The tables: per vendor the files that a phone asks for, and what each one counts for. */
#include "phonecfg/vendor/vendor.h"

#define XML "application/xml"
#define TXT "text/plain"
#define HTML "text/html; charset=utf-8"

/* kind, name, template, evidence, answer, upload, per phone, personal, type */

/* With a boot file only what it includes is fetched. <mac>-local.cfg holds what was changed on the phone; an empty one
 * takes it back. */
static const struct vendor_file yealink_files[] = {
	{ FILE_MAC_BOOT, "<mac>.boot", "yealink/boot", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true, false, TXT },
	{ FILE_ZERO_BOOT, "y000000000000.boot", "yealink/boot-zero", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED,
		false, false, TXT },
	{ FILE_YEALINK_COMMON, "y0000000000NN.cfg", "yealink/common", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED,
		false, false, TXT },
	{ FILE_MAC_CFG, "<mac>.cfg", "yealink/mac.cfg", EVIDENCE_ALWAYS, ANSWER_RENDER, UPLOAD_REFUSED, true, false,
		TXT },
	{ FILE_LATER_CFG, "<mac>-later.cfg", "yealink/later", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true, false,
		TXT },
	{ FILE_LOCAL_CFG, "<mac>-local.cfg", "yealink/local", EVIDENCE_IF_USED, ANSWER_RENDER, UPLOAD_DISCARD, true,
		true, TXT },
	{ FILE_CONTACT_XML, "<mac>-contact.xml", "yealink/contact", EVIDENCE_NONE, ANSWER_UPLOADED, UPLOAD_REPLACE,
		true, true, XML },
	{ FILE_CALLLOG_XML, "<mac>-calllog.xml", "yealink/calllog", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_DISCARD, true,
		true, XML },
	{ FILE_PHONEBOOK, "phonebook.xml", "yealink/phonebook", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true,
		false, XML },
	{ FILE_LOG, "<mac>-sys.log", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_APPEND, true, true, TXT },
};

/* The master file only points on; the per-phone file is what counts, and each of the four that the phone itself writes,
 * as far as this phone knows them. */
static const struct vendor_file polycom_files[] = {
	{ FILE_MAC_CFG, "<mac>.cfg", "polycom/master", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true, false, XML },
	{ FILE_ZERO_CFG, "000000000000.cfg", "polycom/master-zero", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, false,
		false, XML },
	{ FILE_LINES_CFG, "<mac>-lines.cfg", "polycom/lines", EVIDENCE_ALWAYS, ANSWER_RENDER, UPLOAD_REFUSED, true,
		false, XML },
	{ FILE_PHONE_CFG, "<mac>-phone.cfg", "polycom/override", EVIDENCE_IF_USED, ANSWER_UPLOADED, UPLOAD_REPLACE,
		true, true, XML },
	{ FILE_WEB_CFG, "<mac>-web.cfg", "polycom/override", EVIDENCE_IF_USED, ANSWER_UPLOADED, UPLOAD_REPLACE, true,
		true, XML },
	{ FILE_DIRECTORY_XML, "<mac>-directory.xml", "polycom/directory", EVIDENCE_IF_USED, ANSWER_UPLOADED,
		UPLOAD_REPLACE, true, true, XML },
	{ FILE_ZERO_DIRECTORY_XML, "000000000000-directory.xml", "polycom/directory-zero", EVIDENCE_NONE, ANSWER_RENDER,
		UPLOAD_REFUSED, false, false, XML },
	{ FILE_CALLS_XML, "<mac>-calls.xml", "polycom/calls", EVIDENCE_IF_USED, ANSWER_UPLOADED, UPLOAD_REPLACE, true,
		true, XML },
	{ FILE_LICENSE_CFG, "<mac>-license.cfg", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_REFUSED, true, false,
		XML },
	{ FILE_LOG, "<mac>-app.log", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_APPEND, true, true, TXT },
	{ FILE_CORE, "<mac>-core", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_DISCARD, true, true, TXT },
};

/* The first XML that succeeds ends the search: the binary form, the model's and the common file are 404, so that
 * nothing stands before or behind cfg<mac>.xml. */
static const struct vendor_file grandstream_files[] = {
	{ FILE_GS_XML, "cfg<mac>.xml", "grandstream/cfg-mac", EVIDENCE_ALWAYS, ANSWER_RENDER, UPLOAD_REFUSED, true,
		false, XML },
	{ FILE_GS_BINARY, "cfg<mac>", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_REFUSED, true, false, XML },
	{ FILE_GS_MODEL_XML, "cfg<model>.xml", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_REFUSED, false, false,
		XML },
	{ FILE_GS_COMMON_XML, "cfg.xml", NULL, EVIDENCE_NONE, ANSWER_NOT_FOUND, UPLOAD_REFUSED, false, false, XML },
	{ FILE_PHONEBOOK, "phonebook.xml", "grandstream/phonebook", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true,
		false, XML },
};

static const struct vendor_file linphone_files[] = {
	{ FILE_SOFTPHONE, NULL, "linphone/account", EVIDENCE_ALWAYS, ANSWER_RENDER, UPLOAD_REFUSED, true, false, XML },
};

/* That these took their blanks nobody has seen: which reply makes the app drop an account is not published, and the
 * registrar is the only witness (public integration guides). So a delivered file proves nothing. */
static const struct vendor_file acrobits_files[] = {
	{ FILE_SOFTPHONE, NULL, "acrobits/account", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true, false, XML },
};
static const struct vendor_file zoiper_files[] = {
	{ FILE_SOFTPHONE, NULL, "zoiper/account", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true, false, XML },
};
/* A person reads it; what the person's program holds no page can know. */
static const struct vendor_file sheet_files[] = {
	{ FILE_SOFTPHONE, NULL, "sheet/account", EVIDENCE_NONE, ANSWER_RENDER, UPLOAD_REFUSED, true, false, HTML },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Event values: Yealink and Grandstream as the vendors' support and public switch scripts send them; Polycom's
 * check-sync has no parameters. Linphone answers every NOTIFY with 200 and does nothing, so it is told nothing; nor are
 * the other softphones, which handle none that is documented. */
static const struct vendor vendors[VENDOR_COUNT] = {
	[VENDOR_YEALINK] = { VENDOR_YEALINK, "Yealink", "check-sync;reboot=false", yealink_files,
		COUNT(yealink_files) },
	[VENDOR_POLYCOM] = { VENDOR_POLYCOM, "Polycom", "check-sync", polycom_files, COUNT(polycom_files) },
	[VENDOR_GRANDSTREAM] = { VENDOR_GRANDSTREAM, "Grandstream", "resync", grandstream_files,
		COUNT(grandstream_files) },
	[VENDOR_LINPHONE] = { VENDOR_LINPHONE, "Linphone", NULL, linphone_files, COUNT(linphone_files) },
	[VENDOR_ACROBITS] = { VENDOR_ACROBITS, "Acrobits", NULL, acrobits_files, COUNT(acrobits_files) },
	[VENDOR_ZOIPER] = { VENDOR_ZOIPER, "Zoiper", NULL, zoiper_files, COUNT(zoiper_files) },
	[VENDOR_SHEET] = { VENDOR_SHEET, "Any other client", NULL, sheet_files, COUNT(sheet_files) },
};

const struct vendor *vendor_get(enum vendor_id id)
{
	return (unsigned)id < VENDOR_COUNT && vendors[id].name ? &vendors[id] : NULL;
}

const struct vendor_file *vendor_file(enum vendor_id id, enum file_kind kind)
{
	const struct vendor *v = vendor_get(id);

	for (size_t i = 0; v && i < v->nfiles; i++) {
		if (v->files[i].kind == kind)
			return &v->files[i];
	}
	return NULL;
}
