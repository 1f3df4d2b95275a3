/* expect: kmap-in-atomic warning */
int wrong(struct host *host, struct page *page)
{
	char *at;

	scoped_guard(spinlock_irqsave, &host->lock) {
		at = kmap(page);
		host->first = at[0];
		kunmap(page);
	}
	return 0;
}

int right(struct host *host, struct page *page)
{
	char *at;

	guard(mutex)(&host->mutex);
	scoped_guard(spinlock_irqsave, &host->lock)
		host->users++;
	if (host->users > 1) {
		guard(spinlock)(&host->lock);
		host->users--;
	}
	at = kmap(page);
	host->first = at[0];
	kunmap(page);
	return 0;
}
