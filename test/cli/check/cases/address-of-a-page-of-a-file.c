/* expect: no-linear-address warning */
int wrong(struct inode *inode, void *to)
{
	struct folio *folio = read_mapping_folio(inode->i_mapping, 0, NULL);

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	memcpy(to, folio_address(folio), 64);
	folio_put(folio);
	return 0;
}

int right(struct inode *inode, void *to)
{
	struct folio *folio = read_mapping_folio(inode->i_mapping, 0, NULL);

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	memcpy_from_folio(to, folio, 0, 64);
	folio_put(folio);
	return 0;
}

int right_of_a_device(struct block_device *device, void *to)
{
	struct folio *folio = read_mapping_folio(device->bd_mapping, 0, NULL);

	if (IS_ERR(folio))
		return PTR_ERR(folio);
	memcpy(to, folio_address(folio), 64);
	folio_put(folio);
	return 0;
}
