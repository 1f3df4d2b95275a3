/* expect: kmap-in-atomic warning */
static void set(struct page *page, int byte)
{
	char *bytes = kmap(page);

	bytes[0] = byte;
	kunmap(page);
}

static void set_perhaps(struct page *page, int byte)
{
	char *bytes;

	if (byte < 0)
		return;
	bytes = kmap(page);
	bytes[0] = byte;
	kunmap(page);
}

void wrong(struct device *device)
{
	spin_lock(&device->lock);
	set(device->page, 1);
	set_perhaps(device->page, -1);
	spin_unlock(&device->lock);
}

void right(struct device *device)
{
	spin_lock(&device->lock);
	device->sets++;
	spin_unlock(&device->lock);
	set(device->page, 2);
	set_perhaps(device->page, 2);
}
