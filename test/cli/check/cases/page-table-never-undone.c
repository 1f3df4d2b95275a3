/* expect: leak error */
int wrong(pmd_t *pmd, unsigned long address)
{
	pte_t *entry = pte_offset_map(pmd, address);

	if (!entry)
		return 0;
	return pte_present(*entry);
}

int right(pmd_t *pmd, unsigned long address)
{
	pte_t *entry = pte_offset_map(pmd, address);
	int there;

	if (!entry)
		return 0;
	there = pte_present(*entry);
	pte_unmap(entry);
	return there;
}

struct walk {
	pte_t *entry;
	pmd_t *pmd;
};

/* The address is in a structure that others are given. */
void right_in_a_structure(struct walk *walk, unsigned long address)
{
	struct walk inner;

	inner.entry = pte_offset_map(walk->pmd, address);
	if (inner.entry && pte_present(*inner.entry))
		entry_found(&inner);
}
