/**
 * Clause: a mapping covers many pages if the contract says contiguous, and else ends with its page.
 */
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { sgInitTable, sgSetPage } from '../scatterlist/list/entry.ts';
import { sgMap, sgUnmap } from '../scatterlist/map/sg-map.ts';
import type { SgEntry } from '../scatterlist/list/sg-array.ts';
import { breaks, check, same, sameBytes, valueOf } from './check.ts';
import type { Clause } from './clause.ts';
import { bytesOf } from './contents.ts';
import { Rig, mappableKinds, pattern } from './rig.ts';

const PAGES = 3;
const OFFSET = 100;

interface Run {
  readonly pages: readonly Page[];
  readonly entry: SgEntry;
  /** What the entry's bytes are. */
  readonly model: Uint8Array;
}

// Touched from the last page down, so that the simulated memory behind them is not one buffer either.
function run(rig: Rig, kind: MemoryKind): Run {
  const pages = rig.pages(kind, PAGES);
  const { pageSize } = rig.machine;
  const all = pattern(PAGES * pageSize, 5);
  for (const [i, page] of [...pages.entries()].reverse()) {
    rig.machine.physical(page).set(all.subarray(i * pageSize, (i + 1) * pageSize));
  }
  const entry = sgInitTable(1).entry(0);
  const [first] = pages;
  check(first !== undefined, 'no page');
  const lengthBytes = PAGES * pageSize - OFFSET - 20;
  sgSetPage(entry, first, lengthBytes, OFFSET);
  return { pages, entry, model: all.subarray(OFFSET, OFFSET + lengthBytes) };
}

function mapEntry(rig: Rig, { entry }: Run, offset: number): Mapping {
  return valueOf(sgMap(entry, offset, rig.backend), 'sgMap');
}

function coversAll(rig: Rig, kind: MemoryKind): void {
  const it = run(rig, kind);
  const { pageSize } = rig.machine;
  const mapping = mapEntry(rig, it, 0);
  same(mapping.length, it.model.length, 'length of the mapping');
  const copy = new Uint8Array(it.model.length);
  mapping.copyTo(copy);
  sameBytes(copy, it.model, 'the bytes of all pages');
  const seam = pageSize - OFFSET - 2;
  for (const at of [seam, seam + pageSize]) {
    mapping.store32(at, 0x01020304 + at);
    new DataView(it.model.buffer).setUint32(OFFSET + at, 0x01020304 + at, true);
    mapping.fill(0xcc, at + 10, 5);
    it.model.fill(0xcc, at + 10, at + 15);
  }
  const bytes = bytesOf(mapping);
  if (bytes !== undefined) {
    sameBytes(bytes, it.model, 'bytes');
    bytes.set([9, 8, 7, 6], seam + pageSize);
    it.model.set([9, 8, 7, 6], seam + pageSize);
    // Accessors and the array are the same memory, even if the array is a gathered copy.
    mapping.store8(0, 0xee);
    it.model[0] = 0xee;
    same(mapping.load8(seam + pageSize), 9, 'load8 of what was written through bytes');
  }
  sgUnmap(mapping);
  checkMemory(rig, it);
}

function coversOnePage(rig: Rig, kind: MemoryKind): void {
  const it = run(rig, kind);
  const { pageSize } = rig.machine;
  const places: readonly (readonly [offset: number, lengthBytes: number])[] = [
    [0, pageSize - OFFSET],
    [pageSize - OFFSET - 1, 1],
    [pageSize - OFFSET, pageSize],
    [2 * pageSize - OFFSET + 7, pageSize - 27],
  ];
  for (const [offset, lengthBytes] of places) {
    const mapping = mapEntry(rig, it, offset);
    same(mapping.length, lengthBytes, `length of the mapping at ${String(offset)}`);
    same(mapping.load8(0), it.model[offset] ?? -1, `the byte at ${String(offset)}`);
    mapping.store8(lengthBytes - 1, 0x77);
    it.model[offset + lengthBytes - 1] = 0x77;
    sgUnmap(mapping);
  }
  checkMemory(rig, it);
}

function checkMemory(rig: Rig, { pages, model }: Run): void {
  const { pageSize } = rig.machine;
  const all = new Uint8Array(model.buffer);
  for (const [i, page] of pages.entries()) {
    rig.checkPhysical(page, all.subarray(i * pageSize, (i + 1) * pageSize), `page ${String(i)}`);
  }
  rig.checkClean('afterwards');
}

function refusesMore(rig: Rig, kind: MemoryKind): void {
  const { pages } = run(rig, kind);
  const [first] = pages;
  check(first !== undefined, 'no page');
  const { pageSize } = rig.machine;
  for (const [offset, lengthBytes] of [
    [0, pageSize + 1],
    [pageSize - 1, 2],
  ] as const) {
    breaks(
      ['page-overrun'],
      () => {
        rig.map(first, offset, lengthBytes);
      },
      `a mapping of ${String(lengthBytes)} bytes at ${String(offset)}`,
    );
  }
  rig.checkClean('afterwards');
}

/** How far a mapping reaches. */
export const spans: Clause = ({ describe, it, subject, contract }) => {
  for (const mode of ['checked', 'direct'] as const) {
    describe(mode, () => {
      for (const kind of mappableKinds(contract)) {
        if (contract.contiguous) {
          it(`one mapping covers a whole ${kind} entry of ${String(PAGES)} pages`, () => {
            coversAll(new Rig(subject, { mode }), kind);
          });
        } else {
          it(`a mapping of a long ${kind} entry ends with the page`, () => {
            coversOnePage(new Rig(subject, { mode }), kind);
          });
        }
        if (contract.contiguous || mode === 'direct') continue;
        it(`a mapping of ${kind} past the end of its page is page-overrun`, () => {
          refusesMore(new Rig(subject, { mode }), kind);
        });
      }
    });
  }
};
