/* expect: leak warning */
static pte_t *right_find(pgd_t *pgd, unsigned long address)
{
	pte_t *entry = NULL;

	if (!pgd_none(*pgd))
		entry = pte_offset_map(pgd, address);
	return entry;
}

int wrong(pgd_t *pgd, unsigned long address)
{
	pte_t *entry = right_find(pgd, address);

	return entry && pte_needs_flush(*entry);
}

int right(pgd_t *pgd, unsigned long address)
{
	pte_t *entry = right_find(pgd, address);
	int needs = 0;

	if (entry) {
		needs = pte_needs_flush(*entry);
		pte_unmap(entry);
	}
	return needs;
}
