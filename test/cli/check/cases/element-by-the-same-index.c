/* expect: double-unmap error */
void wrong(struct device *device, struct page **pages)
{
	int i = index_of(device);
	void *bytes[4];

	bytes[i] = kmap_atomic(pages[i]);
	if (send(device, bytes[i]) < 0)
		kunmap_atomic(bytes[i]);
	kunmap_atomic(bytes[i]);
}

void right(struct device *device, struct page **pages)
{
	int i = index_of(device);
	void *bytes[4];

	bytes[i] = kmap_atomic(pages[i]);
	if (send(device, bytes[i]) < 0) {
		kunmap_atomic(bytes[i]);
		return;
	}
	kunmap_atomic(bytes[i]);
}
