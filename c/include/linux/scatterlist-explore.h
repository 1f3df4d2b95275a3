/*
 * Who runs, declared beside the code that is run. Options follow the name: SECTION(task, writer, cpu = 1).
 *
 *   SECTION(task, name)   a task; also SECTION(irq, name), SECTION(softirq, name), SECTION(work, name)
 *   IRQ(name)             an interrupt, which arrives once: IRQ(name, times = 2), IRQ(name, maybe = 1), IRQ(name, raised)
 *   SOFTIRQ(name)         a softirq
 *   WORK(name)            the function of the work item `name`, which schedule_work(&name) queues
 *   SETUP(name)           runs before all others, in the order of the file
 *   CHECK(name)           runs at the end, and returns whether all is well
 *   MACHINE(...)          options of the machine: MACHINE(cpus = 1, highmemPages = 4)
 *   PROGRAM(...)          options of the program: PROGRAM(migrate, allow = unmap-order)
 */
#ifndef _LINUX_SCATTERLIST_EXPLORE_H
#define _LINUX_SCATTERLIST_EXPLORE_H

#include <linux/interrupt.h>
#include <linux/kernel.h>
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
#define MACHINE(options...) __SECTION_EXPORT("scatterlist:machine:machine:" #options) void __scatterlist_machine(void) { }
#define PROGRAM(options...) __SECTION_EXPORT("scatterlist:program:program:" #options) void __scatterlist_program(void) { }

void __scatterlist_raise(const char *name);
int __scatterlist_choose(int count);
void __scatterlist_note(const char *text);

/* Makes an interrupt pending that is declared with `raised`. */
#define raise_interrupt(name) __scatterlist_raise(#name)
/* A number below `count`; each is explored. */
#define choose(count) __scatterlist_choose(count)
/* A line of the timeline. */
#define note(text) __scatterlist_note(text)

#endif
