/* One context waits until another has done something. */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <linux/wait.h>

struct completion {
	unsigned int done;
};

#define DECLARE_COMPLETION(name) struct completion name = { 0 }
#define DECLARE_COMPLETION_ONSTACK(name) struct completion name; init_completion(&name)

void init_completion(struct completion *completion);
void reinit_completion(struct completion *completion);
void wait_for_completion(struct completion *completion);
unsigned long wait_for_completion_timeout(struct completion *completion, unsigned long timeout);
bool try_wait_for_completion(struct completion *completion);
void complete(struct completion *completion);
void complete_all(struct completion *completion);

#define wait_for_completion_interruptible(completion) (wait_for_completion(completion), 0)
#define wait_for_completion_interruptible_timeout(completion, timeout) \
	((long)wait_for_completion_timeout(completion, timeout))
#define wait_for_completion_killable_timeout(completion, timeout) \
	((long)wait_for_completion_timeout(completion, timeout))

#endif
