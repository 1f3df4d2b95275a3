#ifndef _LINUX_PAGE_FLAGS_H
#define _LINUX_PAGE_FLAGS_H
#include <linux/mm.h>

#define SetPageUptodate(page) ((void)((page)->flags |= 8))
#define ClearPageUptodate(page) ((void)((page)->flags &= ~8UL))
#define PageUptodate(page) (!!((page)->flags & 8))
#define SetPageDirty(page) ((void)((page)->flags |= 16))
#define PageDirty(page) (!!((page)->flags & 16))

#endif
