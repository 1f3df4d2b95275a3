/*
 * A segment of more than one page that is mapped as if it had one.
 *
 * A segment names its first page, an offset and a length, and the length may go beyond the page: neighbouring pages are
 * merged into one segment. kmap_local_page() maps one page. Where the page is in lowmem the map is its linear address,
 * and the next page follows, so this went well on every machine without highmem.
 *
 * Fixed: the segment is copied page by page.
 *
 * Try it: scatterlist explore examples/c/segment-one-page.c
 */
#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>

struct segment {
	struct page *page;
	unsigned int offset, length;
};

static struct segment segment;

static void read_segment(unsigned char *to, const struct segment *from)
{
#ifdef FIXED
	struct page *page = from->page;
	unsigned int offset = from->offset, left = from->length;

	while (left > 0) {
		unsigned int part = min_t(unsigned int, left, PAGE_SIZE - offset);
		unsigned char *at = kmap_local_page(page);

		memcpy(to, at + offset, part);
		kunmap_local(at);
		to += part;
		left -= part;
		offset = 0;
		page++;
	}
#else
	unsigned char *at = kmap_local_page(from->page);

	memcpy(to, at + from->offset, from->length);
	kunmap_local(at);
#endif
}

SETUP(segments)
{
	segment.page = alloc_pages(GFP_HIGHUSER | __GFP_ZERO, 1);
	segment.offset = 4000;
	segment.length = 200;
}

SECTION(task, reader)
{
	unsigned char *buffer = kmalloc(200, GFP_KERNEL);

	if (!buffer)
		return;
	read_segment(buffer, &segment);
	kfree(buffer);
}
