/* expect: no-linear-address note */
void wrong(struct scatterlist *entry, void *to)
{
	memcpy(to, sg_virt(entry), entry->length);
}

void right(struct scatterlist *entry, void *to)
{
	void *from = kmap_local_page(sg_page(entry));

	memcpy_entry(to, from, entry);
	kunmap_local(from);
}
