/*
 * object-use-after-free: A request is freed on completion, and its timeout handler reads the state in it.
 */
#include <linux/slab.h>
#include <linux/scatterlist-explore.h>

struct request {
	int state;
};

SECTION(task, timeout)
{
	struct request *rq = kzalloc(sizeof(*rq), GFP_KERNEL);

	if (!rq)
		return;
	kfree(rq); /* the completion */
	if (READ_ONCE(rq->state)) /* the timeout handler looks once more */
		return;
}
