/* Waiting for a condition. */
#ifndef _LINUX_WAIT_H
#define _LINUX_WAIT_H

#include <linux/spinlock.h>

/* One bit for each context that has begun to wait and was not woken since. */
typedef struct wait_queue_head {
	unsigned int waiting;
} wait_queue_head_t;

#define __WAIT_QUEUE_HEAD_INITIALIZER(name) { 0 }
#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = { 0 }
#define DECLARE_WAIT_QUEUE_HEAD_ONSTACK(name) wait_queue_head_t name = { 0 }

void init_waitqueue_head(wait_queue_head_t *queue);
void __wait_prepare(wait_queue_head_t *queue);
void __wait_sleep(wait_queue_head_t *queue);
bool __wait_sleep_timeout(wait_queue_head_t *queue);
void __wait_disarm(void);
void __wait_finish(wait_queue_head_t *queue);
void wake_up(wait_queue_head_t *queue);
int waitqueue_active(wait_queue_head_t *queue);

#define wake_up_all(queue) wake_up(queue)
#define wake_up_interruptible(queue) wake_up(queue)
#define wake_up_interruptible_all(queue) wake_up(queue)

#define wait_event(queue, condition) \
	do { \
		for (;;) { \
			__wait_prepare(&(queue)); \
			if (condition) \
				break; \
			__wait_sleep(&(queue)); \
		} \
		__wait_finish(&(queue)); \
	} while (0)
#define wait_event_interruptible(queue, condition) ({ wait_event(queue, condition); 0; })
#define wait_event_killable(queue, condition) ({ wait_event(queue, condition); 0; })
#define wait_event_timeout(queue, condition, timeout) \
	({ \
		long __left = (timeout) != 0; \
		for (;;) { \
			__wait_prepare(&(queue)); \
			if (condition) { \
				__left = 1; \
				break; \
			} \
			if (!__left) \
				break; \
			__left = !__wait_sleep_timeout(&(queue)); \
		} \
		__wait_finish(&(queue)); \
		__wait_disarm(); \
		__left; \
	})
#define wait_event_interruptible_timeout(queue, condition, timeout) wait_event_timeout(queue, condition, timeout)
#define wait_event_killable_timeout(queue, condition, timeout) wait_event_timeout(queue, condition, timeout)

#endif
