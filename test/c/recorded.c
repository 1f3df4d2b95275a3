/* Calls the functions of lists for recorded.ts. With LINUX_SCATTERLIST_C they are Linux's own, else the library's. */
#ifdef LINUX_SCATTERLIST_C
#include LINUX_SCATTERLIST_C
#endif
#include <linux/scatterlist.h>
#include <linux/uaccess.h>

#define EXPORTED(name) __attribute__((export_name(#name)))

static struct scatterlist entries[400];
static unsigned char buffer[384 * 1024];
static struct sg_mapping_iter miter;

EXPORTED(entry) struct scatterlist *entry(unsigned int slot) { return &entries[slot]; }
EXPORTED(bytes) unsigned char *bytes(void) { return buffer; }
EXPORTED(field) unsigned long field(unsigned int number)
{
	switch (number) {
	case 0:
		return (unsigned long)miter.page;
	case 1:
		return (unsigned long)miter.addr;
	case 2:
		return miter.length;
	default:
		return miter.consumed;
	}
}

EXPORTED(put) void put(unsigned int slot, unsigned long page_link, unsigned int offset, unsigned int length)
{
	entries[slot].page_link = page_link;
	entries[slot].offset = offset;
	entries[slot].length = length;
}

EXPORTED(start) void start(struct scatterlist *sgl, unsigned int nents, unsigned int flags)
{
	sg_miter_start(&miter, sgl, nents, flags);
}
EXPORTED(next) int next(void) { return sg_miter_next(&miter); }
EXPORTED(skip) int skip(long n) { return sg_miter_skip(&miter, n); }
EXPORTED(stop) void stop(void) { sg_miter_stop(&miter); }
EXPORTED(consume) void consume(unsigned long n) { miter.consumed = n; }
EXPORTED(pagefault_off) void pagefault_off(void) { pagefault_disable(); }
EXPORTED(pagefault_on) void pagefault_on(void) { pagefault_enable(); }

EXPORTED(sg_copy_to_buffer) unsigned long copy_to(struct scatterlist *sgl, unsigned int nents, unsigned long n, long from)
{
	return sg_copy_to_buffer(sgl, nents, buffer, n);
}
EXPORTED(sg_copy_from_buffer) unsigned long copy_from(struct scatterlist *sgl, unsigned int nents, unsigned long n, long from)
{
	return sg_copy_from_buffer(sgl, nents, buffer, n);
}
EXPORTED(sg_pcopy_to_buffer) unsigned long pcopy_to(struct scatterlist *sgl, unsigned int nents, unsigned long n, long from)
{
	return sg_pcopy_to_buffer(sgl, nents, buffer, n, from);
}
EXPORTED(sg_pcopy_from_buffer) unsigned long pcopy_from(struct scatterlist *sgl, unsigned int nents, unsigned long n, long from)
{
	return sg_pcopy_from_buffer(sgl, nents, buffer, n, from);
}
EXPORTED(sg_zero_buffer) unsigned long zero(struct scatterlist *sgl, unsigned int nents, unsigned long n, long from)
{
	return sg_zero_buffer(sgl, nents, n, from);
}
