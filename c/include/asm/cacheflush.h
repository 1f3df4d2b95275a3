#include <linux/cacheflush.h>
