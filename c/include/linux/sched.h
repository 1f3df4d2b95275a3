/* Tasks. */
#ifndef _LINUX_SCHED_H
#define _LINUX_SCHED_H

#include <linux/preempt.h>
#include <linux/smp.h>

struct task_struct;

void schedule(void);
void cpu_relax(void);

#define cond_resched() might_sleep()
#define schedule_timeout(timeout) ({ schedule(); 0L; })

#endif
