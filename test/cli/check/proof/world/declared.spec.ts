import { expect } from 'chai';
import { declaredIn, headIn, partsOf } from '../../../../../lib/cli/check/proof/world/declared.ts';

describe('declarations, for a world', () => {
  it('are read with their pointers, arrays and bits', () => {
    const plain = { length: undefined, isBits: false, calls: undefined };
    expect(declaredIn('const struct page *page')).to.deep.equal({
      ...plain,
      name: 'page',
      base: 'struct page',
      stars: 1,
    });
    expect(declaredIn('unsigned int length;')).to.deep.equal({
      ...plain,
      name: 'length',
      base: 'unsigned int',
      stars: 0,
    });
    expect(declaredIn('struct page **pages')?.stars).to.equal(2);
    expect(declaredIn('u8 key[KEY_SIZE]')).to.include({ name: 'key', base: 'u8', length: 'KEY_SIZE' });
    expect(declaredIn('__le16 name[]')).to.include({ name: 'name', length: '' });
    expect(declaredIn('unsigned busy : 1')).to.include({ name: 'busy', isBits: true });
    expect(declaredIn('void __user *buffer')).to.include({ name: 'buffer', base: 'void', stars: 1 });
  });

  it('of pointers to functions name what is returned, and the parameters', () => {
    expect(declaredIn('int (*start)(struct host *host, int how)')).to.deep.include({
      name: 'start',
      calls: { returns: 'int', parameters: 'struct host *host, int how' },
    });
  });

  it('of a type alone are none', () => {
    expect(declaredIn('struct page *')).to.equal(undefined);
  });

  it('of functions are read with their parameters', () => {
    expect(
      headIn('static inline int fill(struct page *page,\n\t\t\tint (*done)(int, int), u32 count)'),
    ).to.deep.equal({
      name: 'fill',
      returns: 'int',
      parameters: ['struct page *page', 'int (*done)(int, int)', 'u32 count'],
    });
    expect(headIn('void stop(void)')?.parameters).to.deep.equal([]);
  });

  it('are parted at commas outside of brackets', () => {
    expect(partsOf('a, f(b, c), d[e, f]')).to.deep.equal(['a', 'f(b, c)', 'd[e, f]']);
  });
});
