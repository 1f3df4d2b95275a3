/* interrupt-slots.c, fixed. */
#define FIXED
#include "../interrupt-slots.c"
