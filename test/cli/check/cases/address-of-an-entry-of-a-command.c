/* expect: no-linear-address warning */
static void wrong(struct host *host, struct scsi_cmnd *command)
{
	struct scatterlist *entry;
	int i;

	scsi_for_each_sg(command, entry, scsi_sg_count(command), i)
		send_words(host, sg_virt(entry), entry->length);
}

static void right(struct host *host, struct scsi_cmnd *command)
{
	struct scatterlist *entry;
	int i;

	scsi_for_each_sg(command, entry, scsi_sg_count(command), i) {
		void *bytes = kmap_local_page(sg_page(entry));

		send_entry(host, bytes, entry);
		kunmap_local(bytes);
	}
}
