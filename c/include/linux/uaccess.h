/* Page faults of the running task. */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H

#include <linux/types.h>

void pagefault_disable(void);
void pagefault_enable(void);

#endif
