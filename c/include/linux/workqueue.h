/*
 * Work items: a WORK(name) of linux/scatterlist-explore.h runs in a thread of its own. Items that INIT_WORK prepares run
 * one after another in the WORKER() of the file.
 */
#ifndef _LINUX_WORKQUEUE_H
#define _LINUX_WORKQUEUE_H

#include <linux/types.h>

struct work_struct {
	unsigned int pending;
	const char *actor;
	void (*func)(struct work_struct *work);
	struct work_struct *next;
};

struct delayed_work {
	struct work_struct work;
};

typedef void (*work_func_t)(struct work_struct *work);

bool __queue_work(struct work_struct *work, const char *actor);

bool __queue_item(struct work_struct *work, struct work_struct **queue);
struct work_struct *__next_item(struct work_struct **queue);

/* The first item that waits for the WORKER. */
__weak struct work_struct *__scatterlist_items;

__header bool schedule_work(struct work_struct *work)
{
	return work->actor ? __queue_work(work, work->actor) : __queue_item(work, &__scatterlist_items);
}

#define INIT_WORK(work, function) \
	do { \
		(work)->pending = 0; \
		(work)->actor = NULL; \
		(work)->func = (function); \
	} while (0)
#define INIT_DELAYED_WORK(delayed, function) INIT_WORK(&(delayed)->work, function)
#define DECLARE_WORK(name, function) struct work_struct name = { .func = (function) }
#define schedule_delayed_work(delayed, delay) schedule_work(&(delayed)->work)
#define queue_delayed_work(queue, delayed, delay) schedule_delayed_work(delayed, delay)
#define mod_delayed_work(queue, delayed, delay) schedule_delayed_work(delayed, delay)
#define queue_work(queue, work) schedule_work(work)
#define to_delayed_work(pointer) container_of(pointer, struct delayed_work, work)

#endif
