#include "phonecfg/base/share.h"

const char share_dir[] = REKEY_SHARE;
const char share_templates_dir[] = REKEY_SHARE "/templates";
const char share_profiles_dir[] = REKEY_SHARE "/firmware-profiles";
