/* expect: leak note */
int wrong(struct device *device)
{
	struct on_disk *buffer = bh_kmap(device->bh);

	device->size = be32_to_cpu(buffer->size);
	return 0;
}

int right(struct device *device)
{
	struct on_disk *buffer = bh_kmap(device->bh);

	device->size = be32_to_cpu(buffer->size);
	bh_kunmap(device->bh);
	return 0;
}
