/* Where the program's own files lie: templates and firmware profiles. A program from the build finds the source tree,
 * an installed one PREFIX/share/rekey; the makefile compiles share.c for both and links one of them. */
#ifndef PHONECFG_BASE_SHARE_H
#define PHONECFG_BASE_SHARE_H

extern const char share_dir[];
extern const char share_templates_dir[];
extern const char share_profiles_dir[];

#endif
