/* Errors in the place of pointers. */
#ifndef _LINUX_ERR_H
#define _LINUX_ERR_H

#include <linux/errno.h>
#include <linux/types.h>

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) ((unsigned long)(x) >= (unsigned long)-MAX_ERRNO)

__header void *ERR_PTR(long error) { return (void *)error; }
__header long PTR_ERR(const void *p) { return (long)p; }
__header bool IS_ERR(const void *p) { return IS_ERR_VALUE(p); }
__header bool IS_ERR_OR_NULL(const void *p) { return !p || IS_ERR_VALUE(p); }
__header void *ERR_CAST(const void *p) { return (void *)p; }
__header int PTR_ERR_OR_ZERO(const void *p) { return IS_ERR(p) ? (int)PTR_ERR(p) : 0; }

#endif
