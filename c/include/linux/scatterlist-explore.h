/*
 * Who runs, declared beside the code that is run. Options follow the name: SECTION(task, writer, cpu = 1).
 *
 *   SECTION(task, name)   a task; also SECTION(irq, name), SECTION(softirq, name), SECTION(work, name)
 *   IRQ(name)             an interrupt, which arrives once: IRQ(name, times = 2), IRQ(name, maybe = 1), IRQ(name, raised)
 *   SOFTIRQ(name)         a softirq
 *   WORK(name)            the function of the work item `name`, which schedule_work(&name) queues
 *   WORKER()              a thread that runs the items of INIT_WORK
 *   TIMER(name)           the function of the timer `name`, which mod_timer(&name, ...) starts
 *   SETUP(name)           runs before all others, in the order of the file
 *   CHECK(name)           runs at the end, and returns whether all is well
 *   EXPLORED(type, name, (parameters), values...)  a function that returns one of the values: each is explored.
 *                         EXPLORED_VOID(name, (parameters)) returns nothing; both do not sleep, but
 *                         EXPLORED_SLEEPS(...) and EXPLORED_VOID_SLEEPS(...) may
 *   explored_at(&x, values...)   the variable holds one of the values: each is explored where it is read
 *   MACHINE(...)          options of the machine: MACHINE(cpus = 1, highmemPages = 4)
 *   PROGRAM(...)          options of the program: PROGRAM(migrate, allow = unmap-order)
 */
#ifndef _LINUX_SCATTERLIST_EXPLORE_H
#define _LINUX_SCATTERLIST_EXPLORE_H

#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/timer.h>
#include <linux/workqueue.h>

#define __SECTION_EXPORT(text) __attribute__((export_name(text)))
#define __SECTION(kind, name, type, options) \
	__SECTION_EXPORT("scatterlist:" kind ":" #name ":" options) type __section_##name(void); \
	type __section_##name(void)

#define SECTION(kind, name, options...) __SECTION(#kind, name, void, #options)
#define IRQ(name, options...) __SECTION("irq", name, void, #options)
#define SOFTIRQ(name, options...) __SECTION("softirq", name, void, #options)
#define SETUP(name, options...) __SECTION("setup", name, void, #options)
#define CHECK(name, options...) __SECTION("check", name, int, #options)
#define WORK(name, options...) \
	void __work_##name(struct work_struct *work); \
	struct work_struct name = { 0, #name, __work_##name }; \
	__SECTION("work", name##_work, void, #options) \
	{ \
		name.pending = 0; \
		name.func(&name); \
	} \
	void __work_##name(struct work_struct *work)
#define WORKER(options...) \
	__SECTION("work", worker_work, void, #options) \
	{ \
		struct work_struct *item = __next_item(&__scatterlist_items); \
\
		if (item) \
			item->func(item); \
	}
#define TIMER(name, options...) \
	void __timer_##name(struct timer_list *timer); \
	struct timer_list name = { 0, #name, __timer_##name }; \
	__SECTION("softirq", name, void, "raised, " #options) \
	{ \
		if (timer_delete(&name)) \
			name.function(&name); \
	} \
	void __timer_##name(struct timer_list *timer)
#define MACHINE(options...) __SECTION_EXPORT("scatterlist:machine:machine:" #options) void __scatterlist_machine(void) { }
#define PROGRAM(options...) __SECTION_EXPORT("scatterlist:program:program:" #options) void __scatterlist_program(void) { }

struct device;
struct page;

#define __EXPLORED(type, name, parameters, sleeps, texts, values...) \
	type name parameters \
	{ \
		return ((type[]){ values })[__scatterlist_explored(#name, texts, sizeof((type[]){ values }) / sizeof(type), \
								   sleeps)]; \
	}
#define EXPLORED(type, name, parameters, values...) __EXPLORED(type, name, parameters, 0, #values, values)
#define EXPLORED_SLEEPS(type, name, parameters, values...) __EXPLORED(type, name, parameters, 1, #values, values)
#define EXPLORED_VOID(name, parameters) void name parameters { __scatterlist_explored(#name, "", 1, 0); }
#define EXPLORED_VOID_SLEEPS(name, parameters) void name parameters { __scatterlist_explored(#name, "", 1, 1); }

int __scatterlist_explored(const char *name, const char *values, int count, bool sleeps);
void __scatterlist_raise(const char *name);
int __scatterlist_choose(int count);
void __scatterlist_explored_at(const void *at, unsigned long bytes, unsigned long width, const char *name,
			       const long long *values, int count);
void __scatterlist_explored_page(struct page *page, const char *name, const long long *values, int count);
void __scatterlist_note(const char *text);

/* Makes an interrupt pending that is declared with `raised`. */
#define raise_interrupt(name) __scatterlist_raise(#name)
/* A number below `count`; each is explored. */
#define choose(count) __scatterlist_choose(count)
/* A variable holds one of the values; which, is chosen when it is first read, and each is explored. */
#define explored_at(at, values...) __EXPLORED_AT(at, sizeof(*(at)), sizeof(*(at)), #at, values)
/* The same of bytes: each read of bytes that were not written chooses what it reads. */
#define explored_bytes(at, bytes, values...) __EXPLORED_AT(at, bytes, 0, #at, values)
/* The same of the bytes of a page, through each mapping of it. */
#define explored_page(page, values...) \
	__scatterlist_explored_page(page, #page, (long long[]){ values }, sizeof((long long[]){ values }) / sizeof(long long))
#define __EXPLORED_AT(at, bytes, width, name, values...) \
	__scatterlist_explored_at((const void *)(at), bytes, width, name, (long long[]){ values }, \
				  sizeof((long long[]){ values }) / sizeof(long long))
/* A line of the timeline. */
#define note(text) __scatterlist_note(text)


phys_addr_t __scatterlist_io_region(unsigned int pages);
void *__scatterlist_user_memory(unsigned long bytes);
void __scatterlist_user_reclaim(void *address, unsigned long bytes);
void __scatterlist_device_read(struct device *dev, dma_addr_t address, void *to, size_t bytes);
void __scatterlist_device_write(struct device *dev, dma_addr_t address, const void *from, size_t bytes);

/* Adds memory of a device to the machine; returns the physical address for ioremap. */
#define io_region(pages) __scatterlist_io_region(pages)
/* Memory of the user; the next access of the kernel to a part that was reclaimed is a page fault. */
#define user_memory(bytes) __scatterlist_user_memory(bytes)
#define user_reclaim(address, bytes) __scatterlist_user_reclaim(address, bytes)
/* What a device reads and writes by the bus addresses that dma_map_*() returned. */
#define device_read(dev, address, to, bytes) __scatterlist_device_read(dev, address, to, bytes)
#define device_write(dev, address, from, bytes) __scatterlist_device_write(dev, address, from, bytes)

#endif
