/* Work items: a WORK(name) of linux/scatterlist-explore.h runs in a thread of its own. */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	unsigned int pending;
	const char *actor;
	void (*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
};

typedef void (*work_func_t)(struct work_struct *work);

bool __queue_work(struct work_struct *work, const char *actor);

__header bool schedule_work(struct work_struct *work) { return __queue_work(work, work->actor); }

#define queue_work(queue, work) schedule_work(work)
#define to_delayed_work(pointer) container_of(pointer, struct delayed_work, work)

#endif
