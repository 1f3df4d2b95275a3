/* inflate-end-pointer.c, fixed. */
#define FIXED
#include "../inflate-end-pointer.c"
