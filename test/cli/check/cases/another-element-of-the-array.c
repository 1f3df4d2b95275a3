/* expect: kunmap-unmapped warning */
int wrong(struct request *request, int count)
{
	int at, i;
	int err = 0;

	for (at = 0; at < count; at++) {
		char *to = kmap(request->pages[at]);

		for (i = 0; i < 8; i++, to += 512)
			err = fill_sector(to);
		kunmap(request->pages[i]);
	}
	return err;
}

int right(struct request *request, int count)
{
	int at, i;
	int err = 0;

	for (at = 0; at < count; at++) {
		char *to = kmap(request->pages[at]);

		for (i = 0; i < 8; i++, to += 512)
			err = fill_sector(to);
		kunmap(request->pages[at]);
	}
	return err;
}

/* Another loop counts the same pages anew. */
int right_in_two_loops(struct request *request, int count)
{
	int at, i;
	int err = 0;

	for (at = 0; at < count; at++)
		err |= fill_sector(kmap(request->pages[at]));
	for (i = 0; i < count; i++)
		kunmap(request->pages[i]);
	return err;
}
