/* expect: leak error */
#define IN_KERNEL(address) ((address) >= KERNEL_START && (address) < KERNEL_END)
#define IS_BUSY(device) ((device)->count > 0)

int right(pmd_t *pmd, unsigned long address)
{
	pte_t *entry = IN_KERNEL(address) ? pte_offset_kernel(pmd, address) : pte_offset_map(pmd, address);
	int there = entry && pte_present(*entry);

	if (entry && !IN_KERNEL(address))
		pte_unmap(entry);
	return there;
}

/* What the second question is told may be another thing. */
int wrong(struct device *device, pmd_t *pmd, unsigned long address)
{
	pte_t *entry = IS_BUSY(device) ? pte_offset_kernel(pmd, address) : pte_offset_map(pmd, address);
	int there = entry && pte_present(*entry);

	device_rest(device);
	if (entry && !IS_BUSY(device))
		pte_unmap(entry);
	return there;
}
