/* Interrupts of the own CPU. */
#ifndef _LINUX_IRQFLAGS_H
#define _LINUX_IRQFLAGS_H

void local_irq_disable(void);
void local_irq_enable(void);
unsigned long __local_irq_save(void);
void local_irq_restore(unsigned long flags);
int irqs_disabled(void);

#define local_irq_save(flags) ((flags) = __local_irq_save())

#endif
