/* Blocks of memory and text; a block is one access. */
#ifndef _LINUX_STRING_H
#define _LINUX_STRING_H

#include <linux/types.h>

void *memcpy(void *to, const void *from, size_t length);
void *memmove(void *to, const void *from, size_t length);
void *memset(void *to, int value, size_t length);
int memcmp(const void *a, const void *b, size_t length);
void *memchr_inv(const void *from, int value, size_t length);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
ssize_t strscpy(char *to, const char *from, size_t size);

#endif
