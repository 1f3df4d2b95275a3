import { expect } from 'chai';
import { checkText } from '../../../../lib/cli/check/file.ts';
import { contractsFor } from '../../../../lib/cli/check/options.ts';
import { Grammar } from '../../../../lib/cli/check/parse/grammar.ts';

/** What a conversion of kmap breaks in the body of a loop over the fragments of a packet. */
async function broken(body: string): Promise<readonly string[]> {
  const text = `int f(struct sk_buff *skb, char *to, int n)
{
	char *address;
	int i;

	for (i = 0; i < n; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		struct page *page = skb_frag_page(frag);
${body}
	}
	return 0;
}
`;
  const contracts = contractsFor({ convert: ['kmap'], pageTables: false, wrappers: [] });
  const { findings } = checkText(await Grammar.load(), text, contracts);
  return findings.filter(({ sureness }) => sureness !== 'note').map(({ rule, says }) => `${rule}: ${says}`);
}

describe('a conversion of kmap', () => {
  it('knows the page of a round, whatever it was computed from', async () => {
    expect(await broken('address = kmap(page); memcpy(to, address, 8); kunmap(page);')).to.deep.equal([]);
  });

  it('breaks where another function has mapped', async () => {
    const [found, ...others] = await broken('kunmap(page);');
    expect(found).to.match(/^conversion: kunmap\(page\) unmaps what no kmap on this path maps by that name/);
    expect(others).to.deep.equal([]);
  });
});
