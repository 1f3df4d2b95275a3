/* expect: kunmap-unmapped note */
int wrong(struct page *page, struct owner *owner)
{
	struct place *place = page->place;
	struct world *world = owner->world;
	char *data;

	enter(world, place->where);
	if (!place)
		return -EFAULT;
	else if (owner == NULL) {
		kunmap(page);
		return -EFAULT;
	}
	data = kmap(page);
	send_all(data, place->where);
	kunmap(page);
	return 0;
}

int right(struct page *page, struct owner *owner)
{
	struct world *world = owner->world;
	char *data;

	enter(world);
	if (owner == NULL)
		return -EFAULT;
	data = kmap(page);
	send_all(data, world);
	if (owner == NULL) {
		kunmap(page);
		return -EFAULT;
	}
	kunmap(page);
	return 0;
}
