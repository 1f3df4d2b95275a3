/* Semaphores with readers and writers. */
#ifndef _LINUX_RWSEM_H
#define _LINUX_RWSEM_H

struct rw_semaphore {
	unsigned int count;
};

#define DECLARE_RWSEM(name) struct rw_semaphore name = { 0 }

void init_rwsem(struct rw_semaphore *lock);
void down_read(struct rw_semaphore *lock);
int down_read_trylock(struct rw_semaphore *lock);
int down_write_trylock(struct rw_semaphore *lock);
void downgrade_write(struct rw_semaphore *lock);
void up_read(struct rw_semaphore *lock);
void down_write(struct rw_semaphore *lock);
void up_write(struct rw_semaphore *lock);

#endif
