/* expect: unmap-order error */
int wrong(struct stripes *all, struct page *parity, struct page *second)
{
	void *at[16];

	at[all->data] = kmap_local_page(parity);
	at[all->count - 1] = kmap_local_page(second);
	sum(all, at);
	kunmap_local(at[all->data]);
	kunmap_local(at[all->count - 1]);
	return 0;
}

int right(struct stripes *all, struct page *parity, struct page *second)
{
	void *at[16];

	at[all->data] = kmap_local_page(parity);
	at[all->count - 1] = kmap_local_page(second);
	sum(all, at);
	kunmap_local(at[all->count - 1]);
	kunmap_local(at[all->data]);
	return 0;
}
