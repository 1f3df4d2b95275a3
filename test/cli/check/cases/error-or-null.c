/* expect: leak error */
int wrong(struct address_space *mapping, int count)
{
	struct folio *folio = NULL;
	char *at = NULL;
	int err = 0, i;

	for (i = 0; i < count; i++) {
		if (folio) {
			kunmap_local(at);
			folio_put(folio);
			folio = NULL;
		}
		folio = read_mapping_folio(mapping, i, NULL);
		if (IS_ERR(folio)) {
			err = PTR_ERR(folio);
			goto out;
		}
		at = kmap_local_folio(folio, 0);
		if (is_last(at))
			return 0;
	}
out:
	if (!IS_ERR_OR_NULL(folio)) {
		kunmap_local(at);
		folio_put(folio);
	}
	return err;
}

int right(struct address_space *mapping, int count)
{
	struct folio *folio = NULL;
	char *at = NULL;
	int err = 0, i;

	for (i = 0; i < count; i++) {
		if (folio) {
			kunmap_local(at);
			folio_put(folio);
			folio = NULL;
		}
		folio = read_mapping_folio(mapping, i, NULL);
		if (IS_ERR(folio)) {
			err = PTR_ERR(folio);
			goto out;
		}
		at = kmap_local_folio(folio, 0);
		if (is_last(at))
			break;
	}
out:
	if (!IS_ERR_OR_NULL(folio)) {
		kunmap_local(at);
		folio_put(folio);
	}
	return err;
}
