/* How the picture looks: its style sheet, and an icon for each kind of key. */
#ifndef PHONECFG_FACE_LOOK_H
#define PHONECFG_FACE_LOOK_H

#include "phonecfg/face/face.h"

/* CSS, light and dark. */
extern const char face_style[];
/* Path data in a square of 16, to be stroked. */
const char *face_icon(const struct face_key *k);
extern const char face_icon_page[]; /* the key that turns the page */

#endif
