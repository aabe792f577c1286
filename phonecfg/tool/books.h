/* The parameter lists of all vendors, for the commands that need them. */
#ifndef PHONECFG_TOOL_BOOKS_H
#define PHONECFG_TOOL_BOOKS_H

#include "phonecfg/vendor/book.h"

/* By vendor; NULL where a vendor has none. Close them also after an error. */
enum err_code tool_open_books(const char *profiles, struct param_book *books[VENDOR_COUNT], struct err *err);
void tool_close_books(struct param_book *books[VENDOR_COUNT]);

#endif
