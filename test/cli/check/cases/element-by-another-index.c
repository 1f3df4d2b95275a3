/* expect: kunmap-unmapped note */
void wrong(struct device *device, struct page **pages, int i, int j)
{
	char *bytes = kmap(pages[i]);

	send(device, bytes, j);
	kunmap(pages[j]);
}

void right(struct device *device, struct page **pages, int i, int j)
{
	char *bytes = kmap(pages[i]);

	send(device, bytes, j);
	kunmap(pages[i]);
}
