/* expect: leak error */
int wrong(struct device *device, struct page *page)
{
	char *at = kmap_local_page(page);

	device->count++;
	ERR_IF(at[0] != 1) goto failed;
	at[1] = 0;
	kunmap_local(at);
	return 0;
failed:
	return -EIO;
}

int right(struct device *device, struct page *page)
{
	char *at;

	device->count++;
	ERR_IF(device->is_gone) return -EIO;
	at = kmap_local_page(page);
	at[1] = 0;
	kunmap_local(at);
	return 0;
}
