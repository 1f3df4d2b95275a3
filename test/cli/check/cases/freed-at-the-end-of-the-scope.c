/* expect: leak error */
DEFINE_FREE(kfree, void *, if (!IS_ERR_OR_NULL(_T)) kfree(_T))
DEFINE_FREE(unmap, void *, if (_T) kunmap_local(_T))

int wrong(struct page *page, int how)
{
	char *copy __free(kfree) = kmalloc(64, GFP_KERNEL);
	char *at = kmap_local_page(page);

	if (!copy)
		return -ENOMEM;
	memcpy(copy, at, 64);
	kunmap_local(at);
	return use(copy);
}

int right(struct page *page, int how)
{
	char *copy __free(kfree) = kmalloc(64, GFP_KERNEL);
	char *at __free(unmap) = kmap_local_page(page);

	if (!copy)
		return -ENOMEM;
	for (int i = 0; i < how; i++) {
		char *inner __free(unmap) = kmap_local_page(page + i);

		if (inner[0] == at[0])
			break;
		if (inner[0] == at[1])
			goto out;
		if (inner[0] == at[2])
			continue;
		if (inner[0] == at[3])
			return inner[1];
		memcpy(copy, at, 64);
	}
out:
	return use(copy);
}
