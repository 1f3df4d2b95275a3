/* expect: leak warning */
static void drop(unsigned long at)
{
	if (at != -1)
		kunmap_atomic((void *)at);
}

static unsigned long step_to(unsigned long pfn, unsigned long at)
{
	unsigned long next = at & PAGE_MASK;

	if (is_next_page(pfn, at)) {
		drop(at);
		next = (unsigned long)kmap_atomic_pfn(pfn);
	}
	return next + (pfn << 2);
}

void wrong(unsigned long start, unsigned long end)
{
	unsigned long at = -1;

	while (start < end) {
		at = step_to(start, at);
		clean(at);
		start += 32;
	}
	if (is_quiet(end))
		return;
	drop(at);
}

void right(unsigned long start, unsigned long end)
{
	unsigned long at = -1;

	while (start < end) {
		at = step_to(start, at);
		clean(at);
		start += 32;
	}
	drop(at);
}
