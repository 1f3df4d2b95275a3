/* A table of a page and a word, which lies in two pages of the user. */
static struct page *user_pages[2];

int pin_user_pages_fast(unsigned long start, int count, unsigned int flags, struct page **pages)
{
	int i;

	for (i = 0; i < count; i++)
		pages[i] = user_pages[i];
	return count;
}

/* The device's memory. */
static volatile u32 written;

void xsdfec_regwrite(struct xsdfec_dev *xsdfec, u32 address, u32 value)
{
	written = value;
}

static struct xsdfec_dev device;

SETUP(pages)
{
	user_pages[0] = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	user_pages[1] = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
}

SECTION(task, write_table)
{
	xsdfec_table_write(&device, 0, (u32 *)0x1000, PAGE_SIZE / 4 + 1, 0, 4 * PAGE_SIZE);
}
