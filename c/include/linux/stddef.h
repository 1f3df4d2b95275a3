/* Members of structures that have a name as a group. */
#ifndef _LINUX_STDDEF_H
#define _LINUX_STDDEF_H

#include <linux/kernel.h>

#define struct_group(name, members...) \
	union { \
		struct { members }; \
		struct { members } name; \
	}
#define struct_group_attr(name, attributes, members...) struct_group(name, members)
#define struct_group_tagged(tag, name, members...) \
	union { \
		struct { members }; \
		struct tag { members } name; \
	}
#define DECLARE_FLEX_ARRAY(type, name) \
	struct { \
		struct { } __empty_##name; \
		type name[]; \
	}

#endif
