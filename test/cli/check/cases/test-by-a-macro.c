/* expect: leak error */
int wrong(struct device *device, struct page *page)
{
	char *at;

	device->count++;
	ERR_IF(device->is_gone) return -EIO;
	at = kmap_local_page(page);
	if (at[0] != 1)
		return -EINVAL;
	kunmap_local(at);
	return 0;
}

int right(struct device *device, struct page *page)
{
	char *at = kmap_local_page(page);
	int err = -EIO;

	device->count++;
	ERR_IF(at[0] != 1) goto unmap;
	err = 0;
unmap:
	kunmap_local(at);
	return err;
}
