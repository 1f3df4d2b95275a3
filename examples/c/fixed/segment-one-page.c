/* segment-one-page.c, fixed. */
#define FIXED
#include "../segment-one-page.c"
