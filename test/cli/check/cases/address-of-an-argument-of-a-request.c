/* expect: no-linear-address warning */
static void wrong(struct engine *engine, struct scatterlist *list, unsigned int bytes)
{
	for (; bytes > 0; list = sg_next(list)) {
		feed(engine, sg_virt(list), list->length);
		bytes -= list->length;
	}
}

static void right(struct engine *engine, unsigned int bytes)
{
	feed(engine, sg_virt(&engine->list), bytes);
}

static int encrypt(struct skcipher_request *request)
{
	wrong(engine_of(request), request->src, request->cryptlen);
	right(engine_of(request), request->cryptlen);
	return 0;
}
