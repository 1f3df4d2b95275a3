/* Counting semaphores. */
#ifndef _LINUX_SEMAPHORE_H
#define _LINUX_SEMAPHORE_H

struct semaphore {
	unsigned int count;
};

#define DEFINE_SEMAPHORE(name, n) struct semaphore name = { n }

void sema_init(struct semaphore *lock, int count);
void down(struct semaphore *lock);
int down_trylock(struct semaphore *lock);
void up(struct semaphore *lock);

#define down_interruptible(lock) (down(lock), 0)

#endif
