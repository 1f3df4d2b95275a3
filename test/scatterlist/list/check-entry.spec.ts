/** Every way to make or change an entry is checked: what its fields hold, and that the bytes exist. */
import { expect } from 'chai';
import {
  SgAppendTable,
  SgArray,
  ViolationError,
  createMachine,
  extractIterToSg,
  iovIterBvec,
  mappedNents,
  sgAllocAppendTableFromPages,
  sgAssignPage,
  sgInitOne,
  sgInitTable,
  sgMarkEnd,
  sgSetBuf,
  sgSetFolio,
  sgSetPage,
  sgSplit,
  sgAllocTable,
  virtAddr,
} from 'scatterlist';
import type { Machine, MachineOptions, MemoryKind, Page } from 'scatterlist';
import { Folio } from 'scatterlist/machine';
import { checkEntry, checkSlot } from '../../../lib/scatterlist/list/check-entry.ts';

const BAD = [-1, 4096 - 5000, 0.5, NaN, Infinity, -Infinity, 2 ** 32, 2 ** 53];

interface Way {
  /** Makes an entry of so many bytes at an offset of a page. */
  readonly make: (machine: Machine, page: Page, length: number, offset: number) => unknown;
  /** Whether it takes pages of any kind. */
  readonly anyPage?: boolean;
}

const WAYS: Readonly<Record<string, Way>> = {
  sgSetPage: {
    anyPage: true,
    make: (_machine, page, length, offset) => sgSetPage(sgInitTable(1).entry(0), page, length, offset),
  },
  'SgArray.set': {
    anyPage: true,
    make: (_machine, page, length, offset) => new SgArray(1).set(0, page, length, offset),
  },
  'length and offset': {
    anyPage: true,
    make: (_machine, page, length, offset) => {
      const sg = sgInitTable(1).entry(0);
      sgAssignPage(sg, page);
      sg.offset = offset;
      sg.length = length;
    },
  },
  sgAssignPage: {
    anyPage: true,
    make: (_machine, page, length, offset) => {
      const sg = sgInitTable(1).entry(0);
      sg.length = length;
      sg.offset = offset;
      sgAssignPage(sg, page);
    },
  },
  sgSetFolio: {
    anyPage: true,
    make: (machine, page, length, offset) =>
      sgSetFolio(sgInitTable(1).entry(0), new Folio(page, 1), length, offset, { machine }),
  },
  extractIterToSg: {
    anyPage: true,
    make: (machine, page, length, offset) => {
      const made = sgAllocTable<MemoryKind>(1);
      if (!made.ok) throw new Error(made.error.code);
      made.value.nents = mappedNents(0);
      const iter = iovIterBvec([{ page, length, offset }]);
      return extractIterToSg(
        iter,
        made.value,
        { maxBytes: Infinity === length ? 1 : 2 ** 40, maxEntries: 1 },
        { machine },
      );
    },
  },
  sgSetBuf: {
    make: (machine, page, length, offset) =>
      sgSetBuf(sgInitTable<'lowmem'>(1).entry(0), machine, addressOf(machine, page, offset), length),
  },
  sgInitOne: {
    make: (machine, page, length, offset) => sgInitOne(machine, addressOf(machine, page, offset), length),
  },
};

function addressOf(machine: Machine, page: Page, offset: number) {
  return virtAddr(machine.hardware.addresses.direct(page.pfn) + offset);
}

/** What became of it: the rule, `RangeError`, the code of an error, or `made`. */
function outcomeOf(action: () => unknown): string {
  try {
    const answer = action();
    const failed = typeof answer === 'object' && answer !== null && 'error' in answer;
    return failed ? 'InvalidArgument' : 'made';
  } catch (error) {
    if (error instanceof ViolationError) return error.violation.rule;
    if (error instanceof RangeError && /must be a whole number/.test(error.message)) return 'RangeError';
    throw error;
  }
}

const MACHINES: readonly MachineOptions[] = [
  { mode: 'checked' },
  { mode: 'direct' },
  { mode: 'checked', onViolation: 'record' },
];

describe('entries', () => {
  const sizes = { lowmemPages: 64, highmemPages: 0, vmallocPages: 64, bounceSlots: 8 };
  for (const options of MACHINES) {
    for (const [name, { make, anyPage }] of Object.entries(WAYS)) {
      it(`${name} refuses numbers that no field holds, ${JSON.stringify(options)}`, () => {
        const machine = createMachine({ ...sizes, ...options });
        const page = machine.hardware.memory.page(8);
        for (const bad of BAD) {
          const length = outcomeOf(() => make(machine, page, bad, 0));
          expect(length, `length ${String(bad)}`).to.be.oneOf([
            'sg-field-width',
            'RangeError',
            'InvalidArgument',
          ]);
          if (anyPage !== true) continue;
          const offset = outcomeOf(() => make(machine, page, 1, bad));
          expect(offset, `offset ${String(bad)}`).to.be.oneOf([
            'sg-field-width',
            'RangeError',
            'InvalidArgument',
          ]);
        }
      });

      it(`${name} refuses bytes that do not exist, and a sum that wraps, ${JSON.stringify(options)}`, () => {
        const machine = createMachine({ ...sizes, ...options });
        machine.ioRegion(2);
        const { memory } = machine.hardware;
        const last = memory.page(memory.ramEnd - 1);
        expect(outcomeOf(() => make(machine, last, 4096, 0))).to.equal('made');
        for (const [length, offset] of [
          [4097, 0],
          [4096, 1],
          [2 ** 32 - 1, 0],
          [2 ** 32 - 1, 4095],
          [2 ** 31, 4095],
        ] as const)
          expect(outcomeOf(() => make(machine, last, length, offset))).to.equal('sg-entry-range');
        if (anyPage !== true) return;
        expect(outcomeOf(() => make(machine, last, 1, 4096))).to.equal('sg-entry-range');
        const device = memory.page(memory.ramEnd + 1);
        expect(outcomeOf(() => make(machine, device, 4096, 0))).to.equal('made');
        expect(outcomeOf(() => make(machine, device, 4096, 1))).to.equal('sg-entry-range');
      });
    }
  }

  for (const options of MACHINES) {
    for (const [name, { make, anyPage }] of Object.entries(WAYS)) {
      it(`${name} refuses bytes of two kinds of memory, ${JSON.stringify(options)}`, () => {
        for (const highmem of [true, false]) {
          const machine = createMachine({
            ...sizes,
            highmemPages: 4,
            unmappablePages: 4,
            highmem,
            protectedPages: highmem ? 0 : 4,
            ...options,
          });
          const { memory } = machine.hardware;
          for (const zone of memory.zones.slice(0, -1)) {
            const last = memory.page(zone.firstPfn + zone.pages - 1);
            if (anyPage !== true && zone.kind !== 'lowmem') continue;
            expect(outcomeOf(() => make(machine, last, 4096, 0))).to.equal('made');
            for (const [length, offset] of [
              [4097, 0],
              [2, 4095],
              [3 * 4096, 0],
              [1, 4096],
            ] as const) {
              // By its address such a buffer begins in the next page, which is of the other kind altogether.
              if (anyPage !== true && offset === 4096) continue;
              expect(outcomeOf(() => make(machine, last, length, offset))).to.equal('sg-mixed-kinds');
            }
            const before = memory.page(zone.firstPfn + zone.pages - 3);
            expect(outcomeOf(() => make(machine, before, 3 * 4096, 0))).to.equal('made');
            expect(outcomeOf(() => make(machine, before, 3 * 4096, 1))).to.equal('sg-mixed-kinds');
          }
        }
      });
    }
  }

  it('of a compatible machine, or made so, run from one kind of memory into another', () => {
    for (const semantics of [undefined, 'compatible'] as const) {
      const machine = createMachine({
        ...sizes,
        highmemPages: 4,
        ...(semantics === undefined && { semantics: 'compatible' }),
      });
      const array = new SgArray(1);
      array.set(0, machine.hardware.memory.page(63), 8192, 0, semantics);
      expect(array.entry(0).length).to.equal(8192);
    }
    const { memory } = createMachine({ ...sizes, highmemPages: 4, semantics: 'compatible' }).hardware;
    expect(() => {
      checkEntry(memory.page(63), 8192, 0, 'strict');
    }).to.throw(RangeError, 'begins in lowmem at pfn 0x3f runs into highmem at pfn 0x40');
  });

  it('say which, and the numbers', () => {
    const machine = createMachine(sizes);
    const page = machine.hardware.memory.page(63);
    const set = (length: number, offset: number) => () => {
      sgSetPage(sgInitTable(1).entry(0), page, length, offset);
    };
    expect(set(4096 - 5000, 5000)).to.throw(
      ViolationError,
      'length of a list entry is -904; it must be a whole number from 0 to 4294967295',
    );
    expect(set(100, 4000)).to.throw(
      /an entry of 100 bytes at offset 4000 of pfn 0x3f runs past the end of memory at pfn 0x40/,
    );
    expect(set(2 ** 32 - 1, 100)).to.throw(/offset \+ length is 4294967395, which wraps/);
    const [device] = machine.ioRegion(1, { name: 'bar0' });
    expect(() => {
      sgSetPage(sgInitTable<MemoryKind>(1).entry(0), device!, 4096, 1);
    }).to.throw(/runs past the end of device region bar0/);
  });

  it('of a compatible machine, or made so, hold the low 32 bits of any whole number', () => {
    for (const semantics of [undefined, 'compatible'] as const) {
      const machine = createMachine(semantics === undefined ? { semantics: 'compatible' } : {});
      const page = machine.hardware.memory.page(63);
      const array = new SgArray(1);
      array.set(0, page, -904, 5000, semantics);
      expect([array.entry(0).length, array.entry(0).offset]).to.deep.equal([4294966392, 5000]);
      array.setOffset(0, -1, semantics);
      expect(array.entry(0).offset).to.equal(4294967295);
    }
  });

  it('are checked with RangeErrors where their page has no machine, only if asked', () => {
    const page = createMachine({ semantics: 'compatible' }).hardware.memory.page(1);
    expect(() => {
      checkEntry(page, -1, 0, 'strict');
    }).to.throw(RangeError, 'length of a list entry is -1');
    expect(() => {
      checkEntry(null, 1.5, 0, undefined);
    }).to.throw(RangeError, 'length of a list entry is 1.5');
    checkEntry(page, -1, 0, undefined);
    checkEntry(null, -1, 0, 'compatible');
    expect(() => {
      checkSlot(3, 3);
    }).to.throw(RangeError, 'slot of an array of 3 slots is 3; it must be a whole number from 0 to 2');
  });

  it('of appended pages and of split parts end where their bytes do', () => {
    const machine = createMachine({ lowmemPages: 64 });
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    for (const bad of BAD) {
      for (const options of [
        { size: bad },
        { size: 1, offset: bad },
        { size: 1, maxSegmentBytes: bad },
        { size: 1, leftPages: bad },
      ]) {
        const append = new SgAppendTable<'lowmem'>({ machine });
        const made = sgAllocAppendTableFromPages(append, pages.slice(0, 1), options);
        expect(made, JSON.stringify(options)).to.have.nested.property('error.code', 'InvalidArgument');
        expect(append.sgt.sgl).to.equal(null);
      }
      const sg = sgInitTable<'lowmem'>(1).entry(0);
      sgSetPage(sg, pages[0]!, 4096);
      sgMarkEnd(sg);
      for (const parts of [
        sgSplit(sg, mappedNents(0), bad, [1]),
        sgSplit(sg, mappedNents(0), 0, [bad]),
        sgSplit(sg, mappedNents(bad), 0, [1]),
      ])
        expect(parts).to.have.property('ok', false);
    }
  });
});
