/* A section under kmap_atomic that relied on disabled preemption, converted to kmap_local_page. */
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/scatterlist-explore.h>

static struct page *counter;
static DEFINE_MUTEX(counter_mutex);

SETUP(pages) { counter = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }

static void add_one(void)
{
	unsigned char *at;

#ifdef FIXED
	mutex_lock(&counter_mutex);
#endif
	at = kmap_local_page(counter);
	at[0]++;
	kunmap_local(at);
#ifdef FIXED
	mutex_unlock(&counter_mutex);
#endif
}

SECTION(task, writer) { add_one(); }
SECTION(task, other) { add_one(); }

CHECK(both_were_added)
{
	unsigned char *at = kmap_local_page(counter);
	int n = at[0];

	kunmap_local(at);
	return n == 2;
}
