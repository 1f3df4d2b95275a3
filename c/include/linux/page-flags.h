/* Flags of pages and folios. */
#ifndef _LINUX_PAGE_FLAGS_H
#define _LINUX_PAGE_FLAGS_H

#include <linux/bitops.h>
#include <linux/mm.h>

enum pageflags { PG_locked, PG_referenced, PG_error, PG_uptodate, PG_dirty, PG_private, PG_writeback, PG_reserved };

#define __PAGE_FLAG(Name, name, bit) \
	__header bool Page##Name(struct page *page) { return test_bit(bit, &page->flags); } \
	__header void SetPage##Name(struct page *page) { set_bit(bit, &page->flags); } \
	__header void ClearPage##Name(struct page *page) { clear_bit(bit, &page->flags); } \
	__header bool folio_test_##name(struct folio *folio) { return test_bit(bit, &folio->flags); } \
	__header void folio_set_##name(struct folio *folio) { set_bit(bit, &folio->flags); } \
	__header void folio_clear_##name(struct folio *folio) { clear_bit(bit, &folio->flags); }

__PAGE_FLAG(Locked, locked, PG_locked)
__PAGE_FLAG(Referenced, referenced, PG_referenced)
__PAGE_FLAG(Error, error, PG_error)
__PAGE_FLAG(Uptodate, uptodate, PG_uptodate)
__PAGE_FLAG(Dirty, dirty, PG_dirty)
__PAGE_FLAG(Private, private, PG_private)
__PAGE_FLAG(Writeback, writeback, PG_writeback)
__PAGE_FLAG(Reserved, reserved, PG_reserved)

#define set_page_dirty(page) (SetPageDirty(page), true)
#define set_page_dirty_lock(page) (might_sleep(), set_page_dirty(page))
#define folio_mark_uptodate(folio) folio_set_uptodate(folio)
#define folio_mark_dirty(folio) (folio_set_dirty(folio), true)
#define unlock_page(page) ClearPageLocked(page)
#define folio_unlock(folio) folio_clear_locked(folio)

#endif
