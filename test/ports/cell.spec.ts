import { expect } from 'chai';
import type { MemoryKind } from 'scatterlist';
import { COLUMNS, definePort, describeOutcome, observe } from 'scatterlist/ports';
import type { Cell, Column } from 'scatterlist/ports';
import { defineBackend } from 'scatterlist/backend';
import { KMAP_LOCAL, kmapLocal } from 'scatterlist/backends';
import { runCell } from '../../lib/ports/cell.ts';
import { CONTENT, LOADED } from './page-port.ts';

function cell(variant: string, backend: string | Column, memory: MemoryKind = 'highmem'): Cell {
  const column =
    typeof backend === 'string' ? COLUMNS.find(({ contract }) => contract.name === backend) : backend;
  if (column === undefined) throw new Error('no such column');
  return runCell({ port: LOADED, variant, memory, column }, observe(LOADED, variant, memory), {});
}

function columnOf(name: string): Column {
  const column = COLUMNS.find(({ contract }) => contract.name === name);
  if (column === undefined) throw new Error('no such column');
  return column;
}

/** A port that keeps its mapping. */
const KEEPS = await definePort({
  name: 'keeps',
  follows: 'no file',
  about: 'maps a page',
  memory: ['highmem'],
  setup: ({ machine, memory }) => ({ page: machine.allocPage<MemoryKind>({ zone: memory }) }),
  variants: {
    original: {
      about: 'keeps it',
      linux: 'none',
      tasks: {
        *map({ backend, page }) {
          return yield* backend.mapWait(page, 0, 8);
        },
      },
    },
  },
  verify: () => ({ verifiedBytes: 0 }),
}).load({ name: 'none', content: Uint8Array.of(1) });

describe('a cell', () => {
  it('verifies every byte and counts what it cost', () => {
    const { outcome, isExpected } = cell('original', 'kmap_local');
    expect(isExpected).to.equal(true);
    expect(outcome).to.deep.include({ result: 'verified', bytes: CONTENT.length });
    expect(outcome.result === 'verified' && outcome.ledger.maps).to.equal(1);
    expect(describeOutcome(outcome)).to.equal('600 bytes verified');
  });

  it('does not name the line that ran it', () => {
    const { outcome } = cell('used by a handler', 'kmap_local');
    expect(outcome.result === 'violation' && outcome.violation.foundAt?.file).to.match(/page-port\.ts$/);
    const kept = runCell(
      { port: KEEPS, variant: 'original', memory: 'highmem', column: columnOf('kmap') },
      { needs: [] },
      {},
    ).outcome;
    expect(kept.result === 'violation' && [kept.violation.rule, kept.violation.foundAt?.file]).to.deep.equal([
      'leak',
      '',
    ]);
  });

  it('is refused where the contract says so', () => {
    const { outcome, isExpected } = cell('original', 'page_address');
    expect([outcome.result, isExpected]).to.deep.equal(['refused', true]);
    expect(describeOutcome(outcome)).to.match(/^refused: Unmappable/);
  });

  for (const [variant, backend, rule] of [
    ['older first', 'kmap_local', 'unmap-order'],
    ['used by a handler', 'kmap_local', 'wrong-task'],
    ['used by a handler', 'kmap_atomic', 'sleep-in-atomic'],
    ['in a handler', 'kmap', 'kmap-in-atomic'],
    ['past the end', 'kmap', 'page-overrun'],
  ] as const)
    it(`${variant} over ${backend} breaks ${rule}, as the contract says`, () => {
      const { outcome, isExpected } = cell(variant, backend);
      expect(outcome.result === 'violation' && outcome.violation.rule).to.equal(rule);
      expect(isExpected).to.equal(true);
    });

  it('is not as expected where a backend does not keep its contract', () => {
    const greedy: Column = {
      contract: { ...KMAP_LOCAL, nesting: { order: 'any', limitedBy: 'nothing', beyond: 'none' } },
      on: () => (context) => {
        const inner = kmapLocal(context);
        return defineBackend(context, {
          contract: KMAP_LOCAL,
          map: (page, offset, length) => inner.map(page, offset, length),
          unmap: (mapping) => {
            inner.unmap(mapping);
          },
        });
      },
    };
    expect(cell('older first', greedy).isExpected).to.equal(false);
  });
});
