/* expect: leak error */
int wrong(struct scatterlist *sg, void *to, unsigned int length)
{
	struct scatter_walk walk;

	scatterwalk_start(&walk, sg);
	scatterwalk_map(&walk);
	if (length > 100)
		return -EINVAL;
	memcpy(to, walk.addr, length);
	scatterwalk_unmap(&walk);
	return 0;
}

int right(struct scatterlist *sg, void *to, unsigned int length)
{
	struct scatter_walk walk;

	scatterwalk_start(&walk, sg);
	scatterwalk_map(&walk);
	memcpy(to, walk.addr, length);
	scatterwalk_done_src(&walk, length);
	return 0;
}

int right_before(struct scatterlist *sg, void *to, unsigned int length)
{
	struct scatter_walk walk;
	void *at;

	scatterwalk_start(&walk, sg);
	at = scatterwalk_map(&walk);
	memcpy(to, at, length);
	scatterwalk_unmap(at);
	return 0;
}

void right_too(struct request *request, void *to, unsigned int length)
{
	scatterwalk_map(&request->walk);
	memcpy(to, request->walk.addr, length);
}
