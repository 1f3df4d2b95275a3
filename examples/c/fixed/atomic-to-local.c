/* atomic-to-local.c, fixed. */
#define FIXED
#include "../atomic-to-local.c"
