#include "phonecfg/tool/books.h"

enum err_code tool_open_books(const char *profiles, struct param_book *books[VENDOR_COUNT], struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int v = VENDOR_NONE + 1; !rc && v < VENDOR_COUNT; v++) {
		if (param_book_exists(profiles, (enum vendor_id)v))
			rc = param_book_open(profiles, (enum vendor_id)v, &books[v], err);
	}
	return rc;
}

void tool_close_books(struct param_book *books[VENDOR_COUNT])
{
	for (int v = 0; v < VENDOR_COUNT; v++)
		param_book_free(books[v]);
}
