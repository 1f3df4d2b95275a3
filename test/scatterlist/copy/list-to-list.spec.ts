import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import {
  createMachine,
  sgAllocTableFromPages,
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgZeroBuffer,
} from 'scatterlist';
import type { MapBackend, Page, SgList } from 'scatterlist';
import { faultInjection, kmap, kmapLocal } from 'scatterlist/backends';
import { COMBINATIONS, HALF, OracleMachine, PAGE, PAGES, places, shapes } from './oracle-fixture.ts';

describe('list to list', () => {
  const pairs = fc.record({
    // In halves of memory that do not overlap, so that the order of the bytes plays no part.
    to: shapes(0, PAGES / 2),
    from: shapes(PAGES / 2, PAGES / 2),
    lengthBytes: fc.nat(6 * PAGE),
    skipFirstBytes: fc.oneof(fc.constant(0), fc.nat(2 * PAGE)),
    skipSecondBytes: fc.oneof(fc.constant(0), fc.nat(2 * PAGE)),
    pokes: fc.array(fc.tuple(fc.nat(PAGES * PAGE), fc.nat(255)), { maxLength: 3 }),
  });

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind, kind] of COMBINATIONS) {
      it(`${mode}: copy and compare, ${name} on ${kind}`, () => {
        fc.assert(
          fc.property(pairs, ({ to, from, pokes, ...range }) => {
            const world = new OracleMachine(bind, kind, { mode }).poke(pokes);
            const { oracle } = world;
            const target = places(to, range.skipFirstBytes, range.lengthBytes);
            const source = places(from, range.skipSecondBytes, range.lengthBytes);
            const both = Math.min(target.length, source.length);
            const differs = target.slice(0, both).findIndex((at, i) => oracle[at] !== oracle[source[i] ?? 0]);
            const atByte = differs < 0 && both < range.lengthBytes ? both : differs;
            const lists = [world.list(to), world.list(from)] as const;
            expect(sgCompare(...lists, range, world.backend)).to.deep.equal({
              ok: true,
              value: atByte < 0 ? { equal: true } : { equal: false, atByte },
            });
            world.check();
            const copied = sgCopyList(...lists, range, world.backend);
            expect(copied).to.deep.equal({ ok: true, value: both });
            for (let i = 0; i < both; i += 1) oracle[target[i] ?? 0] = oracle[source[i] ?? 0] ?? 0;
            world.check();
          }),
          { numRuns: 40 },
        );
      });
    }
  }

  it('flushes the data cache of the pages it copied to, and of no other', () => {
    const flushed = (
      work: (to: SgList<'highmem'>, from: SgList<'highmem'>, local: MapBackend) => unknown,
    ): readonly number[] => {
      const machine = createMachine({ pageSize: PAGE, dcacheColours: 2 });
      const task = machine.task();
      const [to, from] = [0, 1].map(() => machine.allocPages(2, { zone: 'highmem' }));
      const listOf = (pages: readonly Page<'highmem'>[]): SgList<'highmem'> => {
        const made = sgAllocTableFromPages(pages, { size: 2 * PAGE });
        if (!made.ok) throw new Error(made.error.code);
        return made.value;
      };
      const flush = sinon.spy(machine, 'flushDcachePage');
      work(listOf(to!), listOf(from!), kmapLocal(task));
      return flush.args.map(([page]) => [...to!, ...from!].findIndex((each) => each === page));
    };
    const range = { lengthBytes: 2 * PAGE };
    expect(flushed((to, from, local) => sgCopyList(to, from, range, local))).to.deep.equal([0, 1]);
    expect(flushed((to, from, local) => sgCompare(to, from, range, local))).to.deep.equal([]);
    const buffer = new Uint8Array(PAGE + 1);
    expect(flushed((to, _, local) => sgCopyFromBuffer(to, buffer, local))).to.deep.equal([0, 1]);
    expect(flushed((to, _, local) => sgCopyToBuffer(to, buffer, local))).to.deep.equal([]);
    expect(flushed((to, _, local) => sgZeroBuffer(to, PAGE, local))).to.deep.equal([0]);
  });

  it('takes two different backends', () => {
    const world = new OracleMachine(kmapLocal, 'highmem').poke([
      [0, 1],
      [HALF, 2],
    ]);
    const to = { entries: [[0, 0, 10]], chunks: [1], nents: 1 };
    const from = { entries: [[PAGES / 2, 0, 10]], chunks: [1], nents: 1 };
    const range = { lengthBytes: 10 };
    const copied = sgCopyList(world.list(to), world.list(from), range, world.backend, kmap(world.task));
    expect(copied).to.deep.equal({ ok: true, value: 10 });
    world.oracle[0] = 2;
    world.check();
  });

  for (const failAt of [0, 1]) {
    it(`releases the other map when map ${String(failAt)} fails`, () => {
      const world = new OracleMachine((task) => faultInjection(kmapLocal(task), { failAt }), 'highmem').poke(
        [],
      );
      const list = world.list({ entries: [[0, 0, 10]], chunks: [1], nents: 1 });
      const copied = sgCopyList(list, list, { lengthBytes: 10 }, world.backend);
      expect(copied).to.deep.equal({ ok: false, error: { code: 'Injected', attempt: failAt, doneBytes: 0 } });
      world.check();
    });
  }
});
