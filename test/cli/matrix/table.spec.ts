import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import pc from 'picocolors';
import sinon from 'sinon';
import { createMachine, ok, pfn } from 'scatterlist';
import type { LedgerCounts, MemoryKind } from 'scatterlist';
import { COLUMNS } from '../../../lib/cli/matrix/backends.ts';
import { printCosts, printMatrix, printSummary, printWide, size } from '../../../lib/cli/matrix/table.ts';
import type { Cell, Outcome } from '../../../lib/cli/matrix/run.ts';

interface CellParts {
  readonly backend?: string;
  readonly port?: string;
  readonly memory?: MemoryKind;
  readonly underLock?: boolean;
  readonly expected?: boolean;
  readonly because?: string;
}

function cell(outcome: Outcome, parts: CellParts = {}): Cell {
  const { backend = 'kmap', port = 'port', memory = 'highmem', underLock = false, expected = true } = parts;
  const column = COLUMNS.find(({ contract }) => contract.name === backend);
  if (column === undefined) throw new Error(backend);
  return {
    workload: {
      port,
      follows: 'drivers/port.c',
      memory,
      needs: { context: 'task', underLock, sleepsWhileMapped: undefined },
      run: () => ok({ verifiedBytes: 0, ownAccesses: 0 }),
    },
    column,
    expectation: { result: 'verified', because: parts.because ?? 'it is so' },
    outcome,
    expected,
  };
}

function verified(bytes: number, cycles = 0, counts: Partial<LedgerCounts> = {}): Outcome {
  return { result: 'verified', bytes, cycles, ledger: { ...createMachine().ledger, ...counts } };
}

const REFUSED: Outcome = { result: 'refused', error: { code: 'Unmappable', pfn: pfn(3), kind: 'highmem' } };

function violation(rule: 'kmap-in-atomic' | 'leak' | 'use-after-unmap', line = 7): Outcome {
  const foundAt = line === 0 ? undefined : { file: '/a/port.ts', line, column: 1 };
  return {
    result: 'violation',
    violation: {
      rule,
      severity: 'bug',
      what: 'it broke',
      context: undefined,
      mapping: undefined,
      details: [],
      foundAt,
    },
  };
}

const plain = (lines: readonly string[]): readonly string[] => lines.map(stripVTControlCharacters);

describe('size', () => {
  for (const [bytes, text] of [
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [99.9 * 1024, '99.9 KiB'],
    [100 * 1024, '100 KiB'],
    [1024 * 1024 - 1, '1024 KiB'],
    [1024 * 1024, '1.0 MiB'],
    [250 * 1024 * 1024, '250 MiB'],
  ] as const) {
    it(`writes ${String(bytes)} bytes as ${text}`, () => {
      expect(size(bytes)).to.equal(text);
    });
  }
});

describe('the table of the matrix', () => {
  it('has a head, a title for each port, a row for each memory, and one note for each reason', () => {
    const cells = [
      cell(verified(2048)),
      cell(REFUSED, { backend: 'kmap_atomic', because: 'no way' }),
      cell(violation('kmap-in-atomic'), { backend: 'kmap_local', because: 'it sleeps' }),
      cell(violation('leak', 0), { memory: 'lowmem', because: 'it sleeps' }),
      cell(violation('use-after-unmap'), { memory: 'lowmem', backend: 'vmap', because: 'no way' }),
      cell(verified(1), { port: 'other', underLock: true }),
    ];
    expect(plain(printMatrix(cells))).to.deep.equal([
      '          kmap         kmap_atomic  kmap_local   page_address vmap         iomem-bounce io-access    pgmap',
      '',
      'port  drivers/port.c · maps in task context',
      'highmem   ✓ 2.0 KiB    Unmappable¹  ✗ in atomic²',
      'lowmem    ✗ leak²      ✗ use-after¹',
      '',
      'other  drivers/port.c · maps in task context, under a spinlock',
      'highmem   ✓ 1 B',
      '',
      '¹ Unmappable, use-after-unmap at port.ts:7: no way',
      '² kmap-in-atomic at port.ts:7, leak: it sleeps',
    ]);
  });

  it('tells what was not expected, whatever happened', () => {
    const because = { expected: false, because: 'the contract says so' };
    const failed: Outcome = { result: 'failed', message: 'wrong bytes' };
    const lines = plain(
      printMatrix([cell(failed, because), cell(verified(5), { ...because, backend: 'vmap' })]),
    );
    expect(lines[3]).to.equal('highmem   ! failed¹    ✓ 5 B²');
    expect(lines.slice(4)).to.deep.equal([
      '',
      '¹ UNEXPECTED in port highmem × kmap: wrong bytes; expected: verified, because the contract says so',
      '² UNEXPECTED in port highmem × vmap: 5 bytes verified; expected: verified, because the contract says so',
    ]);
  });

  it('numbers notes beyond nine, and breaks long ones at 120 columns', () => {
    const cells = Array.from({ length: 12 }, (_, i) =>
      cell(REFUSED, { port: `port-${String(i)}`, because: `reason ${String(i)} ${'word '.repeat(30)}end` }),
    );
    const lines = plain(printMatrix(cells));
    const notes = lines.slice(lines.lastIndexOf('') + 1);
    expect(notes.filter((line) => line.startsWith('¹² Unmappable: reason 11 word'))).to.have.length(1);
    expect(lines).to.include('highmem   Unmappable¹⁰');
    expect(notes).to.have.length(24);
    for (const line of notes) expect(line.length, line).to.be.at.most(120);
    for (const [i, line] of notes.entries()) {
      if (i % 2 === 0) expect(line.length + ' word'.length).to.be.above(119);
      else expect(line).to.match(/^ {2}word .*end$/);
    }
    const whole = (i: number): string => `${notes[2 * i] ?? ''} ${(notes[2 * i + 1] ?? '').trim()}`;
    expect(whole(0)).to.equal(`¹ Unmappable: reason 0 ${'word '.repeat(30)}end`);
  });

  it('paints what is wrong red, what worked green, what broke a rule yellow, and the rest dim', () => {
    const tag = (name: string) => (text: string | number | null | undefined) => `<${name}>${String(text)}`;
    const stubs = (['red', 'green', 'yellow', 'dim'] as const).map((name) =>
      sinon.stub(pc, name).value(tag(name)),
    );
    try {
      const cells = [
        cell(verified(1)),
        cell(violation('leak'), { backend: 'vmap' }),
        cell(REFUSED, { backend: 'pgmap' }),
        cell(verified(1), { backend: 'kmap_local', expected: false }),
        cell(violation('leak'), { backend: 'kmap_local', expected: false }),
      ];
      const row = plain(printMatrix(cells)).find((line) => line.startsWith('highmem')) ?? '';
      expect([...row.matchAll(/<(\w+)>/g)].map(([, name]) => name)).to.deep.equal([
        'green',
        'yellow',
        'dim',
        'red',
        'red',
      ]);
      expect(printSummary(cells)).to.contain('<red>2 not as');
      expect(printSummary(cells.slice(0, 3))).to.contain('<green>every one');
    } finally {
      for (const stub of stubs) stub.restore();
    }
  });
});

describe('the costs', () => {
  const counts: Partial<LedgerCounts> = {
    maps: 1,
    pteWrites: 2,
    flushesLocal: 3,
    flushesGlobal: 4,
    ipis: 5,
    lockAcquisitions: 6,
    lockWaits: 99_999,
    bytesBounced: 100_000,
    deviceAccesses: 9_999_999,
    keySwitches: 10_000_000,
  };

  it('are summed for each backend, over the cells that it served', () => {
    const cells = [
      cell(verified(1024, 3000, counts)),
      cell(verified(1024, 1001, { maps: 1 })),
      cell(REFUSED),
      cell(REFUSED, { backend: 'vmap' }),
      cell(verified(10, 7), { backend: 'kmap', memory: 'iomem' }),
    ];
    const lines = plain(printCosts(cells));
    expect(lines.slice(0, 3)).to.deep.equal([
      'what it cost       verified   maps PTE writes TLB local global   IPIs  locks  waits bounced device   keys cycles per KiB',
      'kmap                2.0 KiB      2          2         3      4      5      6  99999    100k 10000k    10M   4001    2001',
      'kmap (io)              10 B      ·          ·         ·      ·      ·      ·      ·       ·      ·      ·      7     717',
    ]);
    expect(lines).to.have.length(4);
    expect(lines[3]).to.match(/^Sums over the cells/);
  });

  it('are told cell by cell, where they are asked for', () => {
    const cells = [
      cell(verified(1024, 10, { maps: 1 })),
      cell(verified(1024, 20, { maps: 2 }), { backend: 'vmap' }),
      cell(REFUSED, { backend: 'pgmap' }),
      cell(verified(512, 30), { memory: 'lowmem' }),
    ];
    const lines = plain(printWide(cells)).map((line) => line.replaceAll(/ +/g, ' ').trim());
    const head =
      'verified maps PTE writes TLB local global IPIs locks waits bounced device keys cycles per KiB';
    expect(lines).to.deep.equal([
      'port highmem',
      head,
      'kmap 1.0 KiB 1 · · · · · · · · · 10 10',
      'vmap 1.0 KiB 2 · · · · · · · · · 20 20',
      '',
      'port lowmem',
      head,
      'kmap 512 B · · · · · · · · · · 30 60',
      '',
    ]);
  });
});

describe('the summary', () => {
  it('counts the cells by what happened, and the bytes that moved', () => {
    const cells = [
      cell(verified(1024)),
      cell(verified(512)),
      cell(REFUSED),
      cell(violation('leak')),
      cell(violation('leak')),
      cell(violation('leak')),
    ];
    expect(stripVTControlCharacters(printSummary(cells))).to.equal(
      '6 cells: 2 moved and verified 1.5 KiB, 1 refused, 3 broke a contract; every one as the contracts say.',
    );
    const odd = [...cells, cell(REFUSED, { expected: false })];
    expect(stripVTControlCharacters(printSummary(odd))).to.equal(
      '7 cells: 2 moved and verified 1.5 KiB, 2 refused, 3 broke a contract; 1 not as the contracts say.',
    );
  });
});
