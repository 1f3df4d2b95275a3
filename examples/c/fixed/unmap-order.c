/* unmap-order.c, fixed. */
#define FIXED
#include "../unmap-order.c"
