#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H

void msleep(unsigned int milliseconds);
void udelay(unsigned long microseconds);

#define mdelay(n) udelay((n) * 1000)
#define ndelay(n) udelay(1)
#define usleep_range(low, high) msleep(1)

#endif
