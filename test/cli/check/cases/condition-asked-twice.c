/* expect: nothing */
void right(struct sk_buff *skb, struct page *page)
{
	char *at = NULL;

	if (skb_is_nonlinear(skb))
		at = kmap_atomic(page);
	if (skb_is_nonlinear(skb))
		kunmap_atomic(at);
}
