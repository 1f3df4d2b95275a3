import { expect } from 'chai';
import type { Write } from '../../lib/explore/memory-writes.ts';
import { SharedObjects } from '../../lib/explore/shared-objects.ts';

const by = (actor: string): Write => ({ actor, step: 1, site: undefined, how: 'array' });

describe('SharedObjects', () => {
  it('tells which map, set, date or array of numbers changed, and who changed it', () => {
    const root = {
      bytes: new Uint8Array(4),
      deep: { map: new Map([[1, 'a']]), dates: [new Date(0)] },
      set: new Set([1]),
      raw: new ArrayBuffer(2),
      wide: new BigInt64Array(1),
      own: class {},
      plain: 1,
    };
    const objects = new SharedObjects(root);
    const settle = (actor: string): readonly string[] => {
      const found: string[] = [];
      objects.settle(by(actor), (place, value) => found.push(`${place} = ${value}`));
      return found.sort();
    };
    expect(settle('setup')).to.deep.equal([]);
    root.bytes[2] = 7;
    root.deep.map.set(2, 'b');
    expect(settle('a')).to.deep.equal(['.bytes[2] = 7', '.deep.map = Map of 2']);
    root.bytes.fill(1, 0, 2);
    root.deep.dates[0]?.setTime(1);
    root.set.clear();
    root.wide[0] = 1n;
    new Uint8Array(root.raw)[0] = 1;
    expect(settle('b')).to.deep.equal([
      '.bytes = Uint8Array of 4 bytes',
      '.deep.dates.0 = 1970-01-01T00:00:00.001Z',
      '.raw = ArrayBuffer',
      '.set = Set of 0',
      '.wide = BigInt64Array of 8 bytes',
    ]);
    expect([0, 1, 2, 3].map((at) => objects.writerIn(root.bytes, at)?.actor)).to.deep.equal([
      'b',
      'b',
      'a',
      undefined,
    ]);
    expect(objects.writtenIn(root.bytes)).to.deep.equal([0, 1, 2]);
    expect(objects.writtenIn(root.deep.map)).to.deep.equal([]);
    expect(objects.writerOf(root.deep.map)?.actor).to.equal('a');
    expect(objects.writerOf(root.bytes)?.actor).to.equal('b');
    expect(objects.writerOf(root)).to.equal(undefined);
    expect(settle('c')).to.deep.equal([]);
  });

  it('finds objects that are put in later, where it is told that one may have been', () => {
    const root: { list: Map<number, number>[] } = { list: [] };
    const objects = new SharedObjects(root);
    const settle = (): number => {
      let count = 0;
      objects.settle(by('a'), () => (count += 1));
      return count;
    };
    settle();
    const map = new Map<number, number>();
    root.list.push(map);
    settle();
    map.set(1, 1);
    expect(settle()).to.equal(0);
    objects.mayHaveNew();
    settle();
    map.set(2, 2);
    expect(settle()).to.equal(1);
  });
});
