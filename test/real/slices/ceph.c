/* A list that one task fills and another releases, as a message is built by its sender and freed by the messenger. */
#include <linux/completion.h>

static struct ceph_pagelist *message;
static const char text[3000] = { 'c' };
static DECLARE_COMPLETION(built);

SECTION(task, sender)
{
	message = ceph_pagelist_alloc(GFP_KERNEL);
	ceph_pagelist_append(message, text, sizeof(text));
	ceph_pagelist_append(message, text, sizeof(text));
	complete(&built);
}

SECTION(task, messenger)
{
	wait_for_completion(&built);
	ceph_pagelist_release(message);
}
