/* expect: kmap-in-atomic warning */
static void wrong(struct page *page, int byte)
{
	char *bytes = kmap(page);

	bytes[0] = byte;
	kunmap(page);
}

static void right(struct page *page, int byte)
{
	char *bytes = kmap(page);

	bytes[0] = byte;
	kunmap(page);
}

static void right_without_the_lock(struct device *device, int byte)
{
	char *bytes;

	spin_unlock(&device->lock);
	bytes = kmap(device->page);
	bytes[0] = byte;
	kunmap(device->page);
	spin_lock(&device->lock);
}

static void through(struct page *page)
{
	wrong(page, 1);
}

void one(struct device *device)
{
	spin_lock(&device->lock);
	through(device->page);
	wrong(device->page, 2);
	right_without_the_lock(device, 4);
	spin_unlock(&device->lock);
}

void two(struct device *device)
{
	right(device->page, 5);
}
