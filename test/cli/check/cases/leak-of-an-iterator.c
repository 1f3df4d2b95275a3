/* expect: leak error */
int wrong(struct scatterlist *list, int count)
{
	struct sg_mapping_iter it;

	sg_miter_start(&it, list, count, SG_MITER_ATOMIC | SG_MITER_FROM_SG);
	while (sg_miter_next(&it)) {
		if (device_gone())
			return -EIO;
		send(it.addr, it.length);
	}
	sg_miter_stop(&it);
	return 0;
}

int right(struct scatterlist *list, int count)
{
	struct sg_mapping_iter it;
	int err = 0;

	sg_miter_start(&it, list, count, SG_MITER_ATOMIC | SG_MITER_FROM_SG);
	while (sg_miter_next(&it)) {
		if (device_gone()) {
			err = -EIO;
			break;
		}
		send(it.addr, it.length);
	}
	sg_miter_stop(&it);
	return err;
}
