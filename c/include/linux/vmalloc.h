#ifndef _LINUX_VMALLOC_H
#define _LINUX_VMALLOC_H
#include <linux/mm.h>
#endif
