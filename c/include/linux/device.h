/* Devices and their drivers' data. */
#ifndef _LINUX_DEVICE_H
#define _LINUX_DEVICE_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/types.h>

struct device_driver {
	const char *name;
};

struct device {
	struct device *parent;
	const char *init_name;
	struct device_driver *driver;
	void *platform_data;
	void *driver_data;
	u64 *dma_mask;
	u64 coherent_dma_mask;
	void *dma_parms;
	void *of_node;
};

__header const char *dev_name(const struct device *dev) { return dev->init_name ? dev->init_name : "device"; }
__header void *dev_get_drvdata(const struct device *dev) { return dev->driver_data; }
__header void dev_set_drvdata(struct device *dev, void *data) { dev->driver_data = data; }
__header void *dev_get_platdata(const struct device *dev) { return dev->platform_data; }

#define devm_kmalloc(dev, size, flags) kmalloc(size, flags)
#define devm_kzalloc(dev, size, flags) kzalloc(size, flags)
#define devm_kcalloc(dev, n, size, flags) kcalloc(n, size, flags)
#define devm_kfree(dev, object) kfree(object)

#endif
