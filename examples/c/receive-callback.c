/*
 * A receive path that keeps an atomic map while it calls a function that sleeps.
 *
 * receive() walks the fragments of a packet and gives each to the consumer's callback, mapped with kmap_atomic(). A map of
 * that kind disables preemption until it is released. The consumer that is used most only adds up a checksum. The other
 * one takes a mutex to append to a log, and a mutex may sleep.
 *
 * Fixed: kmap_local_page(), which may be held while the task sleeps. The callback is called by the task that mapped, and
 * nothing in it needs preemption to be disabled, so the conversion is right here.
 *
 * Try it: scatterlist explore examples/c/receive-callback.c
 */
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/scatterlist-explore.h>

#ifdef FIXED
#define map_fragment(page) kmap_local_page(page)
#define unmap_fragment(address) kunmap_local(address)
#else
#define map_fragment(page) kmap_atomic(page)
#define unmap_fragment(address) kunmap_atomic(address)
#endif

struct fragment {
	struct page *page;
	unsigned int offset, length;
};

typedef void (*consumer_t)(const unsigned char *data, unsigned int length);

static DEFINE_MUTEX(log_mutex);
static unsigned char log[64];
static unsigned int logged, checksum;
static struct fragment packet[2];

static void add_checksum(const unsigned char *data, unsigned int length)
{
	while (length-- > 0)
		checksum += *data++;
}

static void append_to_log(const unsigned char *data, unsigned int length)
{
	mutex_lock(&log_mutex);
	length = min_t(unsigned int, length, sizeof(log) - logged);
	memcpy(log + logged, data, length);
	logged += length;
	mutex_unlock(&log_mutex);
}

static void receive(const struct fragment *fragments, int count, consumer_t consume)
{
	int i;

	for (i = 0; i < count; i++) {
		unsigned char *data = map_fragment(fragments[i].page);

		consume(data + fragments[i].offset, fragments[i].length);
		unmap_fragment(data);
	}
}

SETUP(network)
{
	packet[0] = (struct fragment){ alloc_page(GFP_HIGHUSER | __GFP_ZERO), 4088, 8 };
	packet[1] = (struct fragment){ alloc_page(GFP_HIGHUSER | __GFP_ZERO), 0, 4 };
}

SECTION(task, verify)
{
	receive(packet, 2, add_checksum);
}

SECTION(task, record)
{
	receive(packet, 2, append_to_log);
}

CHECK(all_was_logged)
{
	return logged == 12;
}
