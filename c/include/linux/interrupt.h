/* Handlers of interrupts and tasklets. */
#ifndef _LINUX_INTERRUPT_H
#define _LINUX_INTERRUPT_H

#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/types.h>

typedef enum { IRQ_NONE, IRQ_HANDLED, IRQ_WAKE_THREAD } irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int, void *);

void local_bh_disable(void);
void local_bh_enable(void);

#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)
#define in_irq() in_interrupt()
#define in_softirq() in_interrupt()

#endif
