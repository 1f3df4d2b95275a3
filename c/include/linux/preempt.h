/* What keeps a task on its CPU. */
#ifndef _LINUX_PREEMPT_H
#define _LINUX_PREEMPT_H

#include <linux/types.h>

void preempt_disable(void);
void preempt_enable(void);
int preempt_count(void);
void migrate_disable(void);
void migrate_enable(void);
int in_atomic(void);
int in_interrupt(void);
int preemptible(void);

#define preempt_enable_no_resched() preempt_enable()

#endif
