#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/demo/phone.h"

void phone_say(json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

	if (text)
		printf("%s\n", text);
	fflush(stdout);
	free(text);
	json_decref(line);
}

void phone_say_text(const char *is, ...)
{
	json_t *line = json_pack("{s:s}", "is", is);
	const char *name;
	va_list ap;

	va_start(ap, is);
	while ((name = va_arg(ap, const char *)) != NULL)
		json_object_set_new(line, name, json_string(va_arg(ap, const char *)));
	va_end(ap);
	phone_say(line);
}

enum err_code phone_setup_read(const json_t *line, struct arena *a, struct phone_setup *out, struct err *err)
{
	const char *model, *mac, *url, *ca, *address, *share, *flash;
	int refuses = 0;

	if (json_unpack((json_t *)line, "{s:s s:s s:s s:s s:s s:s s:s s?b}", "model", &model, "mac", &mac, "url", &url,
		    "ca", &ca, "address", &address, "share", &share, "flash", &flash, "refuses", &refuses))
		return err_set(
			err, ERR_INPUT, "the setup of a simulated phone lacks a field; see provisioning/demo/phone.h");
	if (!mac_parse(slice_str(mac), &out->mac))
		return err_set(err, ERR_INPUT, "'%s' is no MAC; write 12 hexadecimal digits", mac);
	out->model = arena_strdup(a, model);
	out->url = arena_strdup(a, url);
	out->ca = arena_strdup(a, ca);
	out->address = arena_strdup(a, address);
	out->share = arena_strdup(a, share);
	out->flash = arena_strdup(a, flash);
	out->refuses = refuses;
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "out of memory in a simulated phone") : ERR_OK;
}
