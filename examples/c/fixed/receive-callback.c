/* receive-callback.c, fixed. */
#define FIXED
#include "../receive-callback.c"
