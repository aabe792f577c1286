#include "provisioning/voicemail/voicemail.h"

#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/voicemail/tree.h"

enum err_code voicemail_open(const struct voicemail_conf *conf, struct voicemail **out, struct err *err)
{
	struct voicemail *vm = mem_zalloc(sizeof(*vm));
	enum err_code code;

	if (vm == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	vm->lock = conf->lock;
	vm->messages_max = conf->messages_max;
	vm->root = mem_strdup(conf->root);
	vm->syncs = sync_group_new();
	code = vm->root && vm->syncs ? names_open(conf->contexts, conf->mailboxes, &vm->names, err)
				     : err_set(err, ERR_NOMEM, "out of memory");
	if (code) {
		voicemail_close(vm);
		return code;
	}
	*out = vm;
	return ERR_OK;
}

void voicemail_close(struct voicemail *vm)
{
	if (vm == NULL)
		return;
	names_close(vm->names);
	sync_group_free(vm->syncs);
	mem_free(vm->root);
	mem_free(vm);
}

static enum err_code open_both(
	const struct voicemail *vm, const struct mailbox *box, bool make, struct mailbox_dir *d, struct err *err)
{
	enum err_code code;

	*d = (struct mailbox_dir){ -1, -1, -1 };
	if ((code = tree_root(vm->root, &d->root, err)))
		return code;
	code = make ? tree_make_dir(d->root, box->context, &d->context, err)
		    : tree_dir(d->root, box->context, &d->context, err);
	if (code == ERR_OK)
		code = make ? tree_make_dir(d->context, box->name, &d->box, err)
			    : tree_dir(d->context, box->name, &d->box, err);
	if (code)
		mailbox_close(d);
	return code;
}

enum err_code mailbox_open(
	const struct voicemail *vm, const struct mailbox *box, struct mailbox_dir *out, struct err *err)
{
	return open_both(vm, box, false, out, err);
}

enum err_code mailbox_make(
	const struct voicemail *vm, const struct mailbox *box, struct mailbox_dir *out, struct err *err)
{
	return open_both(vm, box, true, out, err);
}

void mailbox_close(struct mailbox_dir *d)
{
	tree_close(&d->box);
	tree_close(&d->context);
	tree_close(&d->root);
}
