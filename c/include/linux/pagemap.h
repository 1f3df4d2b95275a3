#include <linux/highmem.h>
#include <linux/page-flags.h>
