/* expect: leak note */
int wrong(struct object *object, int byte)
{
	int ret = object_vmap(object);

	if (ret)
		return ret;
	if (byte < 0)
		return -EINVAL;
	object->bytes[0] = byte;
	object_vunmap(object);
	return 0;
}

int right(struct object *object, int byte)
{
	int ret = object_vmap(object);

	if (ret)
		return ret;
	if (byte < 0) {
		ret = -EINVAL;
		goto out;
	}
	object->bytes[0] = byte;
out:
	object_vunmap(object);
	return ret;
}

void *right_kept(struct object *object)
{
	void *bytes = other_vmap(object);

	if (IS_ERR(bytes))
		return bytes;
	object->bytes = bytes;
	return bytes;
}

void right_by_its_page(struct object *object)
{
	char *bytes = firm_vmap(object);

	if (IS_ERR(bytes))
		return;
	bytes[0] = 1;
	firm_vunmap(object);
}
