import { expect } from 'chai';
import * as sg from 'scatterlist';
import { createMachine } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { UNLIMITED } from '../../../lib/scatterlist/list/sg-allocator.ts';
import { allocatorOf, isStrict, maxSingleAllocOf, report } from '../../../lib/scatterlist/list/sg-options.ts';

describe('SgOptions', () => {
  it('are strict, unless the machine or the option says otherwise', () => {
    const machine = createMachine({ semantics: 'compatible' });
    expect(isStrict({})).to.be.true;
    expect(isStrict({ machine })).to.be.false;
    expect(isStrict({ machine, semantics: 'strict' })).to.be.true;
    expect(isStrict({ semantics: 'compatible' })).to.be.false;
  });

  it('have the sizes of a 64-bit kernel, and memory without end', () => {
    expect(maxSingleAllocOf({})).to.equal(128);
    expect(maxSingleAllocOf({ maxSingleAlloc: 170 })).to.equal(170);
    expect(allocatorOf({})).to.equal(UNLIMITED);
  });

  it('report to the machine, where there is one', () => {
    report({}, 'sg-not-last', 'nobody hears it', 'bug');
    const machine = createMachine({ onViolation: 'record' });
    report({ machine }, 'sg-segment-size', 'heard');
    expect(machine.violations.map(({ what }) => what)).to.deep.equal(['heard']);
    expect(() => {
      report({ machine }, 'sg-not-last', 'stops', 'bug');
    }).to.throw('stops');
  });

  /** Every function with such options, and what makes one give up before it looks at them. */
  const machine = createMachine({ lowmemPages: 16 });
  const pages = machine.allocPages(2, { zone: 'lowmem' });
  const source = { pageSize: 4096, allocate: () => undefined, free: () => undefined };
  const table = (): sg.SgTable<'lowmem'> => {
    const made = sg.sgAllocTableFromPages(pages, { size: 8192 });
    if (!made.ok) throw new Error(made.error.code);
    return made.value;
  };
  type How = sg.SgOptions;
  const functions: Readonly<Record<string, (how: How) => unknown>> = {
    sgAllocTable: (how) => sg.sgAllocTable(2, how),
    sgAllocTableChained: (how) => sg.sgAllocTableChained(2, how),
    __sgAllocTable: (how) => sg.__sgAllocTable(new sg.SgTable(), 2, 2, how),
    sgAllocTableFromPages: (how) => sg.sgAllocTableFromPages(pages, { size: 8192 }, how),
    sgAllocTableFromPagesSegment: (how) => sg.sgAllocTableFromPagesSegment(pages, 0, 8192, 4096, how),
    SgAppendTable: (how) => new sg.SgAppendTable(how),
    sglAlloc: (how) => sg.sglAlloc(8192, source, how),
    sglAllocOrder: (how) => sg.sglAllocOrder(8192, 0, source, how),
    sglFree: (how) => {
      sg.sglFree(table().sgl!, source, how);
    },
    sgFreeTable: (how) => {
      sg.sgFreeTable(table(), how);
    },
    sgSplit: (how) => sg.sgSplit(table().sgl, sg.mappedNents(0), 0, [8], how),
    sgNents: (how) => sg.sgNents(table().sgl, how),
    sgNentsForLen: (how) => sg.sgNentsForLen(table().sgl, 8, how),
    sgNentsForDma: (how) => sg.sgNentsForDma(table().sgl, sg.mappedNents(1), 8, how),
    sgLast: (how) => sg.sgLast(table().sgl, 1, how),
    forEachSg: (how) => sg.forEachSg(table().sgl, 1, how),
    SgPageIter: (how) => new sg.SgPageIter(table().sgl, sg.origNents(1), 0, how),
    SgDmaPageIter: (how) => new sg.SgDmaPageIter(table().sgl, sg.mappedNents(1), 0, how),
    sgChain: (how) => {
      sg.sgChain(new sg.SgArray(2), 2, table().sgl!, how);
    },
  };
  for (const [name, call] of Object.entries(functions)) {
    it(`are known, or refused in one line: ${name}`, () => {
      call({ machine, semantics: undefined });
      expect(() => call({ semantic: 'strict' } as never)).to.throw(sg.ConfigError, /no option 'semantic'/);
      expect(() => call({ semantics: 'strct' } as never)).to.throw(
        sg.ConfigError,
        /^semantics is 'strct'; it must be 'strict' or 'compatible'$/,
      );
    });
  }

  it('are known, or refused, whatever kind of object they are', () => {
    class Named {
      readonly semantic = 'strict';
    }
    class Right {
      readonly semantics = 'strict';
    }
    const bare: unknown = Object.assign(Object.create(null) as object, { semantic: 'strict' });
    for (const [name, call] of Object.entries(functions)) {
      for (const how of [new Named(), bare])
        expect(() => call(how as never), name).to.throw(sg.ConfigError, /no option 'semantic'/);
      expect(() => call([] as never), name).to.throw(sg.ConfigError, /options, not an array$/);
      expect(() => call(machine as never), name).to.throw(sg.ConfigError, /has no option/);
      expect(() => call(new Right()), name).not.to.throw();
    }
    // A context is no options object, but it has a machine.
    const { sgl } = table();
    expect(sg.sgNents(sgl, machine.task())).to.equal(1);
  });

  it('of single functions are known, or refused in one line', () => {
    const wrong: readonly (readonly [() => unknown, RegExp])[] = [
      [() => sg.sgAllocTable(2, { tabel: undefined } as never), /'tabel'/],
      [() => sg.sgAllocTable(2, { chainable: true } as never), /'chainable'/],
      [() => sg.sglAlloc(8, source, { chainable: 'yes' } as never), /^chainable is 'yes'/],
      [() => sg.sgAllocTableChained(2, { firstChunks: 1 } as never), /'firstChunks'/],
      [() => sg.sgAllocTableFromPages(pages, { size: 8192, ofset: 1 } as never), /'ofset'/],
      [() => sg.sgAllocTableFromPages(pages, { size: '8192' } as never), /^size is '8192'/],
      [
        () => sg.sgAllocAppendTableFromPages(new sg.SgAppendTable(), pages, { size: 8192, left: 1 } as never),
        /'left'/,
      ],
      [() => new sg.SgMiter(table(), kmapLocal(machine.task()), 'tosg' as never), /^direction is 'tosg'/],
      [
        () => sg.extractIterToSg(sg.iovIterDiscard(8), table(), { maxBytes: 8, maxEntry: 1 } as never),
        /'maxEntry'/,
      ],
    ];
    for (const [call, message] of wrong) expect(call).to.throw(sg.ConfigError, message);
  });
});
