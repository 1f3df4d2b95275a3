/* Timers: a TIMER(name) of linux/scatterlist-explore.h runs as a softirq, any time after mod_timer(&name). */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <linux/jiffies.h>
#include <linux/kernel.h>

struct timer_list {
	unsigned int pending;
	const char *actor;
	void (*function)(struct timer_list *timer);
	unsigned long expires;
};

bool __mod_timer(struct timer_list *timer, const char *actor);
bool timer_delete(struct timer_list *timer);

__header int mod_timer(struct timer_list *timer, unsigned long expires)
{
	timer->expires = expires;
	return __mod_timer(timer, timer->actor);
}

#define add_timer(timer) ((void)__mod_timer(timer, (timer)->actor))
#define del_timer(timer) timer_delete(timer)
#define timer_pending(timer) ((timer)->pending != 0)
#define from_timer(var, timer, member) container_of(timer, __typeof__(*var), member)

#endif
