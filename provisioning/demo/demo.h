/* The whole story on simulated phones: `rekeyd demo`. */
#ifndef PROVISIONING_DEMO_DEMO_H
#define PROVISIONING_DEMO_DEMO_H

/* rekeyd demo [--once] [--no-story] [--dir DIR] [--share DIR]. With --once: exit code 0 only if every record ended as
 * it should and no residue was found. Otherwise it keeps serving until Ctrl-C. With --no-story the phones are on and
 * nobody leaves. */
int cmd_demo(int argc, char **argv);
/* rekeyd handset: one simulated phone, see phone.h. Started by the demo. */
int cmd_handset(int argc, char **argv);

#endif
