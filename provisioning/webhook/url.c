#include "provisioning/webhook/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/base/slice.h"
#include "phonecfg/base/text.h"
#include "provisioning/webhook/address.h"

/* A part of the URL; "" when it has none. */
static const char *part(CURLU *u, CURLUPart which, char out[URL_MAX + 1])
{
	char *text = NULL;

	out[0] = '\0';
	if (curl_url_get(u, which, &text, 0) == CURLUE_OK && text)
		snprintf(out, URL_MAX + 1, "%s", text);
	curl_free(text);
	return out;
}

static enum err_code look(CURLU *u, bool plain, bool private, struct err *err)
{
	char text[URL_MAX + 1];
	const char *refused;
	bool http = strcmp(part(u, CURLUPART_SCHEME, text), "http") == 0;

	if (strcmp(text, "https") != 0 && !(http && plain))
		return err_set(err, ERR_INPUT, "url must begin with https://%s",
			http ? "; plain HTTP is for those who set [alerts] webhook-http" : "");
	if (*part(u, CURLUPART_USER, text) || *part(u, CURLUPART_PASSWORD, text))
		return err_set(err, ERR_INPUT, "url must not hold a user or a password: the calls are signed");
	if (*part(u, CURLUPART_FRAGMENT, text))
		return err_set(err, ERR_INPUT, "url must not hold a fragment (#): it never reaches the receiver");
	if (*part(u, CURLUPART_HOST, text) == '\0')
		return err_set(err, ERR_INPUT, "url must name a host");
	refused = strcasecmp(text, "localhost") == 0 ? "loopback" : address_refused_text(text);
	if (refused && !private)
		return err_set(err, ERR_INPUT,
			"url leads to a %s address, which [alerts] webhook-private does not allow", refused);
	return ERR_OK;
}

enum err_code url_check(const char *url, bool plain, bool private, struct err *err)
{
	CURLU *u;
	enum err_code e = text_check("url", slice_str(url), URL_MAX, err);

	if (e)
		return e;
	if (strpbrk(url, " \"<>\\^`{|}"))
		return err_set(err, ERR_INPUT, "url holds a character that a URL does not have; percent-encode it");
	u = curl_url();
	if (u == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory to look at the url");
	/* curl forgives a third slash and would take the path for the host. */
	if (strstr(url, ":///") || curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		e = err_set(err, ERR_INPUT, "url is no URL; give one like https://hooks.example.com/rekey");
	else
		e = look(u, plain, private, err);
	curl_url_cleanup(u);
	return e;
}

const char *url_masked(const char *url, struct arena *a)
{
	const char *host = strstr(url, "://"), *end;

	if (host == NULL)
		return arena_strdup(a, "***");
	end = host + 3 + strcspn(host + 3, "/?#");
	return arena_printf(a, "%.*s%s", (int)(end - url), url, *end && strcmp(end, "/") != 0 ? "/***" : end);
}
