/* Every command of `phonecfg`, in the order of the alphabet; main.c has the table. */
#ifndef PHONECFG_TOOL_COMMANDS_H
#define PHONECFG_TOOL_COMMANDS_H

#include "phonecfg/tool/tool.h"

extern const struct command command_apply;
extern const struct command command_check;
extern const struct command command_diff;
extern const struct command command_explain;
extern const struct command command_face;
extern const struct command command_models;
extern const struct command command_qr;
extern const struct command command_render;
extern const struct command command_residue;
extern const struct command command_template;

#endif
