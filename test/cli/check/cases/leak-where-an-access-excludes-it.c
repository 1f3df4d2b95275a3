/* expect: leak note */
int wrong(struct page *page, struct owner *owner)
{
	char *data = kmap_local_page(page);

	data[0] = owner->kind;
	if (!owner)
		return -EINVAL;
	kunmap_local(data);
	return 0;
}

int right(struct page *page, struct owner *owner)
{
	char *data = kmap_local_page(page);

	data[0] = owner->kind;
	if (!owner)
		goto out;
	fill(data);
out:
	kunmap_local(data);
	return 0;
}
