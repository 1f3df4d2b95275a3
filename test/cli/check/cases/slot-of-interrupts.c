/* expect: slot-taken note */
void wrong(struct page *page)
{
	char *at = kmap_atomic(page, KM_IRQ0);

	at[0] = 1;
	kunmap_atomic(at, KM_IRQ0);
}

void right(struct page *page)
{
	unsigned long flags;
	char *at;

	local_irq_save(flags);
	at = kmap_atomic(page, KM_IRQ0);
	at[0] = 1;
	kunmap_atomic(at, KM_IRQ0);
	local_irq_restore(flags);
}
