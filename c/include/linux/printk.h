/* What the kernel prints becomes a line of the timeline. */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#ifndef pr_fmt
#define pr_fmt(format) format
#endif

int _printk(const char *format, ...);

#define KERN_EMERG ""
#define KERN_ALERT ""
#define KERN_CRIT ""
#define KERN_ERR ""
#define KERN_WARNING ""
#define KERN_NOTICE ""
#define KERN_INFO ""
#define KERN_DEBUG ""
#define KERN_CONT ""
#define printk(format...) _printk(format)
#define pr_emerg(format, args...) _printk(pr_fmt(format), ##args)
#define pr_crit(format, args...) _printk(pr_fmt(format), ##args)
#define pr_err(format, args...) _printk(pr_fmt(format), ##args)
#define pr_warn(format, args...) _printk(pr_fmt(format), ##args)
#define pr_notice(format, args...) _printk(pr_fmt(format), ##args)
#define pr_info(format, args...) _printk(pr_fmt(format), ##args)
#define pr_err_ratelimited pr_err
#define pr_warn_ratelimited pr_warn
#define pr_err_once pr_err
#define pr_warn_once pr_warn
#define pr_debug(format, args...) do { } while (0)
#define dev_err(device, format, args...) ({ (void)(device); _printk(format, ##args); })
#define dev_warn(device, format, args...) ({ (void)(device); _printk(format, ##args); })
#define dev_info(device, format, args...) ({ (void)(device); _printk(format, ##args); })
#define dev_dbg(device, format, args...) do { (void)(device); } while (0)
#define dev_vdbg dev_dbg
#define dump_stack() do { } while (0)

#endif
