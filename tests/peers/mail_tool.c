/* Mails on demand: reads records of seven NUL-terminated texts (sender's name, recipient's name and address, subject,
 * text, HTML, id) and writes each mail behind its length in decimals and a line end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/mail/message.h"

enum { FIELDS = 7 };

static char *next_text(void)
{
	char *text = NULL;
	size_t cap = 0;

	if (getdelim(&text, &cap, '\0', stdin) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

int main(void)
{
	char *f[FIELDS] = { NULL };
	struct buf b;
	struct err err;
	int i;

	buf_init(&b, MESSAGE_MAX);
	while ((f[0] = next_text()) != NULL) {
		struct message m = { .from = "phones@example.com", .reply_to = "", .date_ms = 1796063065149 };

		for (i = 1; i < FIELDS; i++)
			if ((f[i] = next_text()) == NULL)
				return 2;
		m.from_name = f[0];
		m.to_name = f[1];
		m.to = f[2];
		m.subject = f[3];
		m.text = f[4];
		m.html = f[5];
		m.id = f[6];
		buf_reset(&b);
		if (message_build(&m, &b, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		printf("%zu\n", b.len);
		fwrite(b.data, 1, b.len, stdout);
		for (i = 0; i < FIELDS; i++)
			free(f[i]);
	}
	buf_release(&b);
	return 0;
}
