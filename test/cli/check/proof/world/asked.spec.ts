import { expect } from 'chai';
import { askedOn, inAskedOrder } from '../../../../../lib/cli/check/proof/world/asked.ts';

const TEXT = `int fill(struct host *host, int length)
{
	int err = start(host);

	if (err)
		return err;
	err = go_on(host);
	if (err != DONE)
		return -EIO;
	return 0;
}
`;

function order(name: string, values: readonly string[], ...way: readonly (readonly [number, string])[]) {
  const path = way.map(([line, text]) => ({ line, text }));
  return inAskedOrder(name, values, askedOn(path, { text: TEXT, line: 1 }, TEXT));
}

describe('what the way of a finding asks for', () => {
  it('comes first: comparisons, bits, and whether something is set', () => {
    const values = ['0', '100', '(100) + 1', '(100) - 1'];
    expect(order('length', values, [3, 'length > 100 is true'])[0]).to.equal('(100) + 1');
    expect(order('length', values, [3, 'host->length >= 100 is false'])).to.deep.equal([
      '0',
      '(100) - 1',
      '100',
      '(100) + 1',
    ]);
    expect(order('kind', ['0', 'KIND_READ'], [3, 'host->kind == KIND_READ is true'])[0]).to.equal(
      'KIND_READ',
    );
    expect(order('flags', ['0', '1', 'BUSY'], [3, 'host->flags & BUSY is true'])[0]).to.equal('BUSY');
    expect(order('page', ['an object', '0'], [3, '!host->page is true'])[0]).to.equal('0');
    expect(order('is_ready', ['0', '1'], [3, 'is_ready(host) is true'])[0]).to.equal('1');
    expect(order('page', ['an object', 'ERR_PTR(-EIO)'], [3, 'IS_ERR(page) is true'])[0]).to.equal(
      'ERR_PTR(-EIO)',
    );
  });

  it('is asked of the function that a variable was taken from last', () => {
    const values = ['0', '-EIO', 'DONE'];
    const way = [
      [5, 'err is false'],
      [8, 'err != DONE is true'],
    ] as const;
    expect(order('start', values, ...way)[0]).to.equal('0');
    expect(order('go_on', values, ...way).at(-1)).to.equal('DONE');
  });

  it('is asked of a member, where a function returns it', () => {
    const all = `${TEXT}\nstatic int size_read(struct host *host)\n{\n\treturn READ_ONCE(host->size);\n}\n`;
    const path = [{ line: 3, text: 'size_read(host) is true' }];
    const asked = askedOn(path, { text: TEXT, line: 1 }, all);
    expect(inAskedOrder('size', ['0', '1'], asked)).to.deep.equal(['1', '0']);
  });

  it('is that a map fails', () => {
    expect(order('vmap', ['an address', 'NULL'], [3, 'vmap fails'])[0]).to.equal('NULL');
  });

  it('leaves the order as it is where nothing is asked', () => {
    expect(order('other', ['2', '1'], [3, 'a < b is true'])).to.deep.equal(['2', '1']);
  });
});
