import { expect } from 'chai';
import fc from 'fast-check';
import {
  SgAppendTable,
  SgArray,
  createMachine,
  sgAllocAppendTableFromPages,
  sgAssignPage,
  sgChain,
  sgCompare,
  sgCopyToBuffer,
  sgFill,
  sgFreeAppendTable,
  sgInitMarker,
  sgMarkEnd,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgSetPage,
  sgUnmarkEnd,
} from 'scatterlist';
import type { Machine, MemoryKind, Page, SgEntry, SgList } from 'scatterlist';
import { kmapLocal, pageAddress } from 'scatterlist/backends';
import { SG_END } from '../../../lib/scatterlist/list/sg-array.ts';
import { SgCursor } from '../../../lib/scatterlist/list/sg-cursor.ts';
import { copiesOf, piecesOf } from '../../../lib/scatterlist/copy/list-pieces.ts';
import type { ListPieces } from '../../../lib/scatterlist/copy/list-pieces.ts';

const PAGE = 256;

interface World {
  readonly machine: Machine;
  readonly arrays: readonly SgArray<MemoryKind>[];
  readonly list: SgList<MemoryKind>;
}

/** Chained arrays, each entry 10 bytes at offset 20 of a page of its own, filled with its number from 1 on. */
function chained(sizes: readonly number[], trace = false): World {
  const machine = createMachine({ mode: 'direct', pageSize: PAGE, highmemPages: 128, trace });
  const arrays = sizes.map((size, i) => new SgArray<MemoryKind>(size + (i < sizes.length - 1 ? 1 : 0)));
  let number = 0;
  for (const [i, array] of arrays.entries()) {
    for (let slot = 0; slot < sizes[i]!; slot += 1) {
      const page = machine.allocPage({ zone: 'highmem' });
      machine.physical(page).fill(++number);
      sgSetPage(array.entry(slot), page, 10, 20);
    }
    const next = arrays[i + 1];
    if (next === undefined) sgInitMarker(array, array.slots);
    else sgChain(array, array.slots, next.entry(0));
  }
  return { machine, arrays, list: { sgl: arrays[0]!.entry(0), origNents: number } };
}

/** What the bytes of a list are, in runs: how often, and what. */
function runsOf(bytes: Uint8Array): readonly string[] {
  const runs: [count: number, value: number][] = [];
  for (const value of bytes) {
    const last = runs.at(-1);
    if (last?.[1] === value) last[0] += 1;
    else runs.push([1, value]);
  }
  return runs.map(([count, value]) => `${String(count)}x${String(value)}`);
}

function copied({ machine, list }: World): readonly string[] {
  const buffer = new Uint8Array(200);
  const task = machine.tasks[0] ?? machine.task();
  // As if it had been copied before: a short list is only cut then.
  piecesOf(list, false);
  const answer = sgCopyToBuffer<ReturnType<typeof kmapLocal>, MemoryKind>(list, buffer, kmapLocal(task));
  return runsOf(buffer.subarray(0, answer.ok ? answer.value : 0));
}

function keptOf({ list }: World): ListPieces | undefined {
  return copiesOf(list.sgl!.array).kept[0];
}

const THREE = ['10x1', '10x2', '10x3', '10x4', '10x5', '10x6'];

describe('ListPieces', () => {
  it('cuts as a mapping each covers: pages, or entries', () => {
    const machine = createMachine({ mode: 'direct', pageSize: PAGE });
    const [page] = machine.allocPages(6, { zone: 'lowmem' });
    const array = new SgArray<MemoryKind>(4);
    array.set(0, page!, 3 * PAGE, 100);
    array.set(1, page!, 0, 5);
    array.set(2, page!, 10, 2 * PAGE + 7);
    array.set(3, null, 300, 9);
    sgInitMarker(array, 4);
    const list: SgList<MemoryKind> = { sgl: array.entry(0), origNents: 4 };
    const cut = (wholeEntries: boolean) => {
      const kept = piecesOf(list, wholeEntries)!;
      expect(kept.cutUpTo(Infinity)).to.equal(3 * PAGE + 310);
      const { pieces } = kept;
      return Array.from({ length: pieces.count }, (_, i) => [
        pieces.pages[i] === undefined ? undefined : pieces.pages[i].pfn - page!.pfn,
        pieces.pageOffsetOf(i),
        pieces.lengthOf(i),
      ]);
    };
    expect(cut(false)).to.deep.equal([
      [0, 100, 156],
      [1, 0, 256],
      [2, 0, 256],
      [3, 0, 100],
      [2, 7, 10],
      [undefined, 9, 300],
    ]);
    expect(cut(true)).to.deep.equal([
      [0, 100, 768],
      [2, 7, 10],
      [undefined, 9, 300],
    ]);
  });

  it('has the pieces that a walk loads, in whatever steps it is reached', () => {
    const entry = fc.record({
      page: fc.nat(7),
      offset: fc.oneof(fc.constant(0), fc.nat(2 * PAGE)),
      length: fc.oneof(fc.constant(0), fc.constant(64), fc.nat(2 * PAGE)),
      marks: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, SG_END),
    });
    const shape = fc.record({
      arrays: fc.array(fc.array(entry, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 }),
      origNents: fc.nat(24),
      steps: fc.array(fc.nat(1500), { maxLength: 4 }),
      wholeEntries: fc.boolean(),
      touched: fc.array(fc.nat(4)),
    });
    fc.assert(
      fc.property(shape, ({ arrays: shapes, origNents, steps, wholeEntries, touched }) => {
        const machine = createMachine({ mode: 'direct', pageSize: PAGE, lowmemPages: 16, highmemPages: 16 });
        const { memory } = machine.hardware;
        const ram = machine.allocPages(5, { zone: 'lowmem' });
        for (const i of touched) machine.physical(ram[i]!);
        const pages = [...ram, ...machine.ioRegion(4), null];
        const arrays = shapes.map((entries, i) => {
          const array = new SgArray<MemoryKind>(entries.length + (i < shapes.length - 1 ? 1 : 0));
          for (const [slot, { page, offset, length, marks }] of entries.entries()) {
            const on = pages[page + 1] ?? null;
            // Where there is no page, pages are not counted.
            const inPage = on === null ? offset % PAGE : offset;
            array.set(slot, on, on === null ? Math.min(length, PAGE - inPage) : length, inPage, 'compatible');
            array.mark(slot, marks);
          }
          return array;
        });
        for (const [i, array] of arrays.entries()) {
          const next = arrays[i + 1];
          // Compatible: what is marked before the link stays so.
          if (next !== undefined) sgChain(array, array.slots, next.entry(0), { semantics: 'compatible' });
        }
        const list: SgList<MemoryKind> = { sgl: arrays[0]!.entry(0), origNents };
        const kept = piecesOf(list, wholeEntries)!;
        for (const step of steps) kept.cutUpTo(step);
        const total = kept.cutUpTo(Infinity);
        const { pieces } = kept;
        const cursor = new SgCursor(list.sgl, origNents, { pageSize: PAGE, strict: true, wholeEntries });
        const chunks: { page: Page | undefined; entry: SgEntry | null; offset: number; length: number }[] =
          [];
        let current: SgEntry | null = null;
        let done = 0;
        for (; cursor.load(); cursor.consume(cursor.remaining)) {
          const { entry, offset, remaining: length } = cursor;
          if (entry !== current) done = 0;
          current = entry;
          const index = Math.floor(((entry?.offset ?? 0) + done) / PAGE);
          done += length;
          const from = entry?.page;
          const page = from === null || from === undefined ? undefined : memory.pageAt(from.pfn + index);
          const last = chunks.at(-1);
          // Behind the end of memory the rest of an entry is one piece.
          if (page === undefined && last !== undefined && last.page === page && last.entry === entry)
            last.length += length;
          else chunks.push({ page, entry, offset, length });
        }
        let bytes = 0;
        for (const [i, { page, offset, length }] of chunks.entries()) {
          expect([pieces.pages[i], pieces.pageOffsetOf(i), pieces.lengthOf(i)]).to.deep.equal([
            page,
            offset,
            length,
          ]);
          expect(pieces.starts[i]).to.equal(bytes);
          const plain = pieces.viewOf(i);
          if (offset + length <= PAGE && page !== undefined) {
            expect(plain !== undefined).to.equal(page.kind === 'lowmem');
            expect(pieces.frames[i]).to.equal(plain === undefined ? 0 : page.pfn + 1);
          }
          if (plain !== undefined && page !== undefined)
            expect([plain.byteOffset, plain.length]).to.deep.equal([page.chunkOffset + offset, length]);
          bytes += length;
        }
        expect([pieces.count, pieces.bytes, total]).to.deep.equal([chunks.length, bytes, bytes]);
      }),
      { numRuns: 300 },
    );
  });

  it('cuts only what is needed of a huge list', () => {
    const { machine, list, arrays } = chained([30, 30, 30]);
    const touched = machine.hardware.memory.touchedPages;
    const kept = piecesOf(list, false)!;
    expect(kept.pieces.count).to.equal(0);
    expect([kept.cutUpTo(0), kept.cutUpTo(100), kept.pieces.count]).to.deep.equal([0, 100, 10]);
    expect([kept.cutUpTo(95), kept.pieces.count]).to.deep.equal([100, 10]);
    expect([kept.cutUpTo(101), kept.pieces.count]).to.deep.equal([110, 11]);
    // What was not reached may still change.
    arrays[1]!.set(0, null, 10, 0);
    expect(piecesOf(list, false)).to.equal(kept);
    expect([kept.cutUpTo(Infinity), kept.pieces.count]).to.deep.equal([900, 90]);
    expect(kept.pieces.pages[30]).to.equal(undefined);
    arrays[1]!.set(0, null, 10, 1);
    expect(piecesOf(list, false)).not.to.equal(kept);
    expect(machine.hardware.memory.touchedPages).to.equal(touched);
  });

  it('touches no page that it has not reached', () => {
    const machine = createMachine({ mode: 'direct', pageSize: PAGE });
    const array = new SgArray<MemoryKind>(20);
    const pages = machine.allocPages(20, { zone: 'highmem' });
    for (const [slot, page] of pages.entries()) array.set(slot, page, PAGE, 0);
    sgInitMarker(array, 20);
    const list: SgList<MemoryKind> = { sgl: array.entry(0), origNents: 20 };
    const touched = machine.hardware.memory.touchedPages;
    void sgCopyToBuffer<ReturnType<typeof kmapLocal>, MemoryKind>(
      list,
      new Uint8Array(100),
      kmapLocal(machine.task()),
    );
    expect(machine.hardware.memory.touchedPages - touched).to.equal(1);
  });

  it('cuts a huge entry as far as the job needs, and touches what the job touches', () => {
    const machine = createMachine({ mode: 'direct', lowmemPages: 2 ** 21, highmemPages: 0 });
    const { memory } = machine.hardware;
    const task = machine.task();
    for (const backend of [kmapLocal(task), pageAddress(task)]) {
      const array = new SgArray<MemoryKind>(2);
      // Two entries of almost 4 GiB, as a length that wrapped below 0 has them.
      array.set(0, memory.page(1), 2 ** 32 - 5000, 100);
      array.set(1, memory.page(1), 2 ** 32 - 5000, 100);
      sgInitMarker(array, 2);
      const list: SgList<MemoryKind> = { sgl: array.entry(0), origNents: 2 };
      const far = 2 ** 32 + 2 ** 31;
      for (const skip of [0, 5, 4096, 2 ** 20, 2 ** 31, far, 2 ** 33 - 10020]) {
        const touched = memory.touchedPages;
        const { backingBytes } = memory;
        const filled = sgFill<typeof backend, MemoryKind>(
          list,
          7,
          { lengthBytes: 10, skipBytes: skip },
          backend,
        );
        expect(filled).to.deep.equal({ ok: true, value: 10 });
        const out = new Uint8Array(12);
        expect(sgPcopyToBuffer<typeof backend, MemoryKind>(list, out, backend, skip).ok).to.equal(true);
        expect([...out.subarray(0, 10)]).to.deep.equal(new Array<number>(10).fill(7));
        expect(sgPcopyFromBuffer<typeof backend, MemoryKind>(list, out, backend, skip).ok).to.equal(true);
        const same = sgCompare<typeof backend, MemoryKind, MemoryKind>(
          list,
          list,
          { lengthBytes: 10, skipFirstBytes: skip, skipSecondBytes: skip },
          backend,
        );
        expect(same).to.deep.equal({ ok: true, value: { equal: true } });
        expect(memory.touchedPages - touched).to.be.at.most(2);
        expect(memory.backingBytes - backingBytes).to.be.at.most(2 ** 20);
      }
      const pieces = copiesOf(array).kept.reduce((most, { pieces }) => Math.max(most, pieces.count), 0);
      expect(pieces).to.be.at.most(1100);
    }
  });

  it('looks later at pieces that it passed over', () => {
    const machine = createMachine({ mode: 'direct', lowmemPages: 64 });
    const { memory } = machine.hardware;
    const local = kmapLocal(machine.task());
    const array = new SgArray<MemoryKind>(30);
    for (let slot = 0; slot < 30; slot += 1) array.set(slot, memory.page(slot), 40, 8);
    sgInitMarker(array, 30);
    const list: SgList<MemoryKind> = { sgl: array.entry(0), origNents: 30 };
    const copy = (skip: number, lengthBytes: number) => {
      const out = new Uint8Array(lengthBytes);
      piecesOf(list, false);
      expect(sgPcopyToBuffer<typeof local, MemoryKind>(list, out, local, skip).ok).to.equal(true);
      return out;
    };
    copy(805, 40);
    expect(memory.touchedPages).to.equal(2);
    const { pieces } = copiesOf(array).kept[0]!;
    expect([pieces.count, pieces.frames[3], pieces.frames[20]]).to.deep.equal([22, 0, 21]);
    for (let slot = 0; slot < 30; slot += 1) machine.physical(memory.page(slot)).fill(slot);
    expect(runsOf(copy(120, 80))).to.deep.equal(['40x3', '40x4']);
    expect([pieces.frames[2], pieces.frames[3], pieces.highest, pieces.lowest]).to.deep.equal([0, 4, 22, 4]);
    expect(runsOf(copy(0, 1200)).length).to.equal(30);
    expect(pieces.lowest).to.equal(1);
  });

  it('follows chains, and ends at an end mark, at the count and at the last slot', () => {
    const world = chained([2, 2, 2]);
    expect(copied(world)).to.deep.equal(THREE);
    const upTo = (origNents: number) => piecesOf({ ...world.list, origNents }, false)!.cutUpTo(Infinity);
    expect([0, 1, 2, 3, 5, 6, 9].map(upTo)).to.deep.equal([0, 10, 20, 30, 50, 60, 60]);
    const from = { sgl: world.arrays[1]!.entry(1), origNents: 9 };
    expect(piecesOf(from, false)!.cutUpTo(Infinity)).to.equal(30);
    expect(piecesOf({ sgl: null, origNents: 9 }, false)).to.equal(undefined);
    const unmarked = new SgArray<MemoryKind>(2);
    for (const slot of [0, 1]) unmarked.set(slot, world.arrays[0]!.pages[0]!, 10, 0);
    expect(piecesOf({ sgl: unmarked.entry(0), origNents: 9 }, false)!.cutUpTo(Infinity)).to.equal(20);
  });

  it('keeps an unchanged list, for its start, count and way of cutting', () => {
    const world = chained([2, 2]);
    copied(world);
    const kept = keptOf(world)!;
    for (let time = 0; time < 3; time += 1) expect(copied(world)).to.deep.equal(THREE.slice(0, 4));
    expect(keptOf(world)).to.equal(kept);
    world.arrays[0]!.dma.lengths[0] = 7;
    expect(piecesOf(world.list, false)).to.equal(kept);
    expect(piecesOf({ ...world.list, origNents: 3 }, false)).not.to.equal(kept);
    const entries = piecesOf(world.list, true);
    expect(entries).not.to.equal(kept);
    expect(piecesOf(world.list, true)).to.equal(entries);
    expect(piecesOf({ ...world.list, sgl: world.arrays[0]!.entry(1) }, true)).not.to.equal(entries);
  });

  it('keeps two ways of cutting one array, and lets go of what a third displaces', () => {
    const { list, arrays } = chained([2, 2]);
    const [pages, entries] = [piecesOf(list, false)!, piecesOf(list, true)!];
    expect(piecesOf(list, false)).to.equal(pages);
    expect(piecesOf(list, true)).to.equal(entries);
    const part = piecesOf({ ...list, origNents: 1 }, false)!;
    expect([pages.holds, entries.holds, part.holds]).to.deep.equal([false, true, true]);
    expect(piecesOf(list, true)).to.equal(entries);
    entries.cutUpTo(Infinity);
    arrays[1]!.set(0, null, 5, 0);
    expect([entries.holds, part.holds]).to.deep.equal([false, true]);
    expect(piecesOf(list, true)).not.to.equal(entries);
    expect(piecesOf({ ...list, origNents: 1 }, false)).to.equal(part);
    arrays[0]!.set(0, null, 5, 0);
    expect(copiesOf(arrays[0]!).kept.map(({ holds }) => holds)).to.deep.equal([false, false]);
  });

  describe('of a list that changes between two copies', () => {
    const changes: Readonly<Record<string, (world: World) => readonly string[]>> = {
      'set in the first array': ({ arrays: [array] }) => {
        array!.set(1, array!.pages[0]!, 5, 0);
        return ['15x1', '10x3', '10x4', '10x5', '10x6'];
      },
      'set in the third array': ({ arrays: [array, , third] }) => {
        third!.set(1, array!.pages[0]!, 5, 0);
        return [...THREE.slice(0, 5), '5x1'];
      },
      sgSetPage: ({ arrays: [array, second] }) => {
        sgSetPage(second!.entry(0), array!.pages[0]!, 3, 0);
        return ['10x1', '10x2', '3x1', '10x4', '10x5', '10x6'];
      },
      sgAssignPage: ({ arrays: [array, second] }) => {
        sgAssignPage(second!.entry(0), array!.pages[0]!);
        return ['10x1', '10x2', '10x1', '10x4', '10x5', '10x6'];
      },
      length: ({ arrays: [, , third] }) => {
        third!.entry(0).length = 4;
        return [...THREE.slice(0, 4), '4x5', '10x6'];
      },
      offset: ({ machine, arrays: [array] }) => {
        machine.physical(array!.pages[0]!)[29] = 99;
        array!.entry(0).offset = 21;
        return ['8x1', '1x99', '1x1', ...THREE.slice(1)];
      },
      sgMarkEnd: ({ arrays: [, second] }) => {
        sgMarkEnd(second!.entry(0));
        return THREE.slice(0, 3);
      },
      'sgMarkEnd of the link to the third array': ({ arrays: [, second] }) => {
        sgMarkEnd(second!.entry(2));
        return THREE.slice(0, 4);
      },
      mark: ({ arrays: [array] }) => {
        array!.mark(0, 2);
        return ['10x1'];
      },
      'sgChain to another array': ({ machine, arrays: [array] }) => {
        const other = new SgArray<MemoryKind>(1);
        const page = machine.allocPage({ zone: 'highmem' });
        machine.physical(page).fill(50);
        sgSetPage(other.entry(0), page, 7, 0);
        sgInitMarker(other, 1);
        sgChain(array!, 3, other.entry(0));
        return ['10x1', '10x2', '7x50'];
      },
      'set of a link, which stays one': ({ arrays: [array] }) => {
        array!.set(2, array!.pages[0]!, 5, 0);
        return THREE;
      },
      setLink: ({ arrays: [array, , third] }) => {
        array!.setLink(2, third!.entry(1));
        return ['10x1', '10x2', '10x6'];
      },
      clear: ({ arrays: [, second] }) => {
        second!.clear(1);
        return ['10x1', '10x2', '10x4', '10x5', '10x6'];
      },
    };
    for (const [name, change] of Object.entries(changes)) {
      it(`sees ${name}`, () => {
        const world = chained([2, 2, 2]);
        for (let time = 0; time < 3; time += 1) expect(copied(world)).to.deep.equal(THREE);
        const kept = keptOf(world);
        const wanted = change(world);
        for (let time = 0; time < 3; time += 1) expect(copied(world)).to.deep.equal(wanted);
        expect(keptOf(world)).not.to.equal(kept);
        const traced = chained([2, 2, 2], true);
        change(traced);
        expect(copied(traced)).to.deep.equal(wanted);
      });
    }

    it('sees sgUnmarkEnd', () => {
      const world = chained([2, 2, 2]);
      const end = world.arrays[1]!.entry(0);
      sgMarkEnd(end);
      expect(copied(world)).to.deep.equal(THREE.slice(0, 3));
      sgUnmarkEnd(end);
      expect(copied(world)).to.deep.equal(THREE);
    });

    it('sees what a table that grows joins to its last entry, and gives back', () => {
      const machine = createMachine({ mode: 'direct', pageSize: PAGE });
      const pages = machine.allocPages(4, { zone: 'highmem' });
      pages.forEach((page, i) => machine.physical(page).fill(i + 1));
      const append = new SgAppendTable<'highmem'>({ machine });
      const local = kmapLocal(machine.task());
      const all = (): readonly string[] => {
        const buffer = new Uint8Array(8 * PAGE);
        return runsOf(buffer.subarray(0, sgCopyToBuffer(append.sgt, buffer, local).value));
      };
      for (const [first, end, leftPages] of [
        [0, 1, 3],
        [1, 3, 1],
        [3, 4, 0],
      ] as const) {
        const size = (end - first) * PAGE;
        const added = sgAllocAppendTableFromPages(append, pages.slice(first, end), { size, leftPages });
        expect(added.ok).to.equal(true);
        expect(append.sgt.origNents).to.equal(1);
        for (let time = 0; time < 2; time += 1)
          expect(all()).to.deep.equal(pages.slice(0, end).map((_, i) => `${String(PAGE)}x${String(i + 1)}`));
      }
      sgFreeAppendTable(append);
      expect(all()).to.deep.equal([]);
    });
  });

  describe('where a page is missing', () => {
    const shapes: Readonly<Record<string, (world: World) => void>> = {
      'in an entry without one': ({ arrays: [, second] }) => {
        second!.set(0, null, 10, 0);
      },
      'behind the end of memory': ({ machine, arrays: [, second] }) => {
        const { memory } = machine.hardware;
        second!.set(0, memory.page(memory.endPfn - 1), PAGE, 12, 'compatible');
      },
      'in an entry that begins behind the end of memory': ({ machine, arrays: [, second] }) => {
        const { memory } = machine.hardware;
        second!.set(0, memory.page(memory.endPfn - 1), 10, PAGE, 'compatible');
      },
    };
    for (const [name, change] of Object.entries(shapes)) {
      for (const bind of [kmapLocal, pageAddress]) {
        it(`${name}, the copy gets as far as that with ${bind.name}, and fails as the walk does`, () => {
          const [fast, slow] = [false, true].map((trace) => {
            const world = chained([2, 2, 2], trace);
            change(world);
            const backend = bind(world.machine.task());
            const attempt = (skipBytes: number, lengthBytes: number): unknown => {
              const buffer = new Uint8Array(lengthBytes);
              const before = world.machine.ledger.maps;
              let answer: unknown;
              try {
                answer = sgPcopyToBuffer<typeof backend, MemoryKind>(world.list, buffer, backend, skipBytes);
              } catch (error) {
                answer = String(error);
              }
              return [answer, runsOf(buffer), world.machine.ledger.maps - before];
            };
            const attempts = [
              attempt(0, 20),
              attempt(0, 400),
              attempt(0, 400),
              attempt(5, 30),
              attempt(25, 100),
              attempt(20 + PAGE - 12, 100),
              attempt(20 + PAGE, 100),
            ];
            expect(keptOf(world) === undefined).to.equal(trace);
            return attempts;
          });
          expect(fast).to.deep.equal(slow);
          if (bind === kmapLocal) expect(String(fast)).to.match(/Error: /);
        });
      }
    }
  });
});
