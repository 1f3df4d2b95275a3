/* Rings of list heads. */
#ifndef _LINUX_LIST_H
#define _LINUX_LIST_H

#include <linux/kernel.h>
#include <linux/types.h>

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
#define LIST_POISON1 ((void *)0x100)
#define LIST_POISON2 ((void *)0x122)

__header void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

__header void __list_join(struct list_head *before, struct list_head *after)
{
	before->next = after;
	after->prev = before;
}

__header void list_add(struct list_head *entry, struct list_head *head)
{
	struct list_head *after = head->next;

	__list_join(entry, after);
	__list_join(head, entry);
}

__header void list_add_tail(struct list_head *entry, struct list_head *head)
{
	struct list_head *before = head->prev;

	__list_join(before, entry);
	__list_join(entry, head);
}

__header void list_del(struct list_head *entry)
{
	__list_join(entry->prev, entry->next);
	entry->next = LIST_POISON1;
	entry->prev = LIST_POISON2;
}

__header void list_del_init(struct list_head *entry)
{
	__list_join(entry->prev, entry->next);
	INIT_LIST_HEAD(entry);
}

__header void list_move(struct list_head *entry, struct list_head *head)
{
	__list_join(entry->prev, entry->next);
	list_add(entry, head);
}

__header void list_move_tail(struct list_head *entry, struct list_head *head)
{
	__list_join(entry->prev, entry->next);
	list_add_tail(entry, head);
}

__header bool list_empty(const struct list_head *head) { return head->next == head; }
__header bool list_is_last(const struct list_head *entry, const struct list_head *head) { return entry->next == head; }

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_next_entry(entry, member) list_entry((entry)->member.next, __typeof__(*(entry)), member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_for_each(at, head) for (at = (head)->next; at != (head); at = at->next)
#define list_for_each_safe(at, after, head) \
	for (at = (head)->next, after = at->next; at != (head); at = after, after = at->next)
#define list_for_each_entry(entry, head, member) \
	for (entry = list_first_entry(head, __typeof__(*entry), member); &entry->member != (head); \
	     entry = list_next_entry(entry, member))
#define list_for_each_entry_safe(entry, after, head, member) \
	for (entry = list_first_entry(head, __typeof__(*entry), member), after = list_next_entry(entry, member); \
	     &entry->member != (head); entry = after, after = list_next_entry(after, member))

#endif
