/* Memory of the user. user_memory(n) of linux/scatterlist-explore.h gives the user n bytes. */
#ifndef _LINUX_UACCESS_H
#define _LINUX_UACCESS_H

#include <linux/errno.h>
#include <linux/types.h>

void pagefault_disable(void);
void pagefault_enable(void);
bool pagefault_disabled(void);
void might_fault(void);

bool access_ok(const void __user *address, unsigned long size);
unsigned long copy_from_user(void *to, const void __user *from, unsigned long size);
unsigned long copy_to_user(void __user *to, const void *from, unsigned long size);
unsigned long __copy_from_user_inatomic(void *to, const void __user *from, unsigned long size);
unsigned long __copy_to_user_inatomic(void __user *to, const void *from, unsigned long size);
long copy_from_user_nofault(void *to, const void __user *from, size_t size);
long copy_to_user_nofault(void __user *to, const void *from, size_t size);
int __get_user_bytes(void *to, const void __user *from, unsigned long size);
int __put_user_bytes(void __user *to, const void *from, unsigned long size);

#define __copy_from_user(to, from, size) copy_from_user(to, from, size)
#define __copy_to_user(to, from, size) copy_to_user(to, from, size)
#define get_user(x, from) \
	({ \
		__typeof__(*(from)) __got; \
		int __error = __get_user_bytes(&__got, from, sizeof(__got)); \
		(x) = __got; \
		__error; \
	})
#define put_user(x, to) \
	({ \
		__typeof__(*(to)) __put = (x); \
		__put_user_bytes(to, &__put, sizeof(__put)); \
	})
#define __get_user(x, from) get_user(x, from)
#define __put_user(x, to) put_user(x, to)

#endif
