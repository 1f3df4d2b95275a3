/** A port and a second user of its pool: what is found only with both, and what stays as it is. */
import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { faultInjection } from 'scatterlist/backends';
import { explain, formatReport, parseSchedule } from 'scatterlist/explore';
import { exploreBeside } from 'scatterlist/ports';
import type { BesideCell, BesideOptions, Column } from 'scatterlist/ports';
import { LOADED, columnOf } from './two-pages.ts';

const beside = (variant: string, backend: string | Column, options?: BesideOptions): BesideCell =>
  exploreBeside(
    {
      port: LOADED,
      variant,
      memory: 'highmem',
      column: typeof backend === 'string' ? columnOf(backend) : backend,
    },
    options,
  );

/** The finding in a word. */
function found({ outcome }: BesideCell): string {
  switch (outcome.result) {
    case 'violation':
      return outcome.violation.rule;
    case 'refused':
      return outcome.error.code;
    default:
      return outcome.result;
  }
}

describe('a port beside a second user of its pool', () => {
  it('deadlocks in a pool of two slots where both hold two kmaps; its twin holds one, and is exhausted', () => {
    const both = beside('original', 'kmap');
    expect(both).to.deep.include({ held: 2, isExpected: true, isFoundBeside: true, unseen: [] });
    expect([found(both), both.pools.pkmapSlots]).to.deep.equal(['deadlock', 2]);
    expect(both.expectation.result).to.equal('verified');
    expect(both.together.map(({ because }) => because)).to.deep.include(
      'the port and a second user hold up to 2 and 2 of 2 pkmapSlots',
    );
    const one = beside('one at a time', 'kmap');
    expect([found(one), one.pools.pkmapSlots, one.isFoundBeside]).to.deep.equal(['exhausted', 1, false]);
  });

  it('is free of the deadlock with a slot more than both hold while they wait, or beside one that holds one page', () => {
    expect(found(beside('original', 'kmap', { pools: { pkmapSlots: 4 } }))).to.equal('exhausted');
    expect(found(beside('original', 'kmap', { held: 1 }))).to.equal('exhausted');
  });

  it('reports the schedule, which explain tells in full', () => {
    const { outcome, program } = beside('original', 'kmap');
    if (outcome.result !== 'violation') throw new Error(outcome.result);
    const told = explain(program, parseSchedule(outcome.schedule));
    expect(told.exact).to.equal(true);
    expect(formatReport(told)).to.contain('second user').and.contain('deadlock');
  });

  it('is refused where a map does not wait, with the error and the schedule', () => {
    const cell = beside('does not wait', 'kmap');
    expect(cell).to.deep.include({ isExpected: true, isFoundBeside: true });
    expect(cell.outcome).to.deep.include({
      result: 'refused',
      error: { code: 'NoSlots', slots: 1, waiting: 0 },
    });
    expect(cell.outcome.result === 'refused' && cell.outcome.schedule).to.match(/^[01.]+$/);
    expect(found(beside('does not wait', 'kmap', { pools: { pkmapSlots: 2 } }))).to.equal('exhausted');
  });

  for (const backend of ['kmap_local', 'kmap_atomic', 'vmap', 'iomem_bounce', 'io_access'])
    it(`is exhausted over ${backend}, where the second user takes no room from it`, () => {
      const cell = beside('original', backend);
      expect(found(cell)).to.equal('exhausted');
      expect(cell).to.include({ isExpected: true, isFoundBeside: false });
    });

  it('breaks a rule that it breaks alone, as its contract says', () => {
    const cell = beside('older first', 'kmap_local');
    expect(cell).to.include({ isExpected: true, isFoundBeside: false });
    expect([found(cell), cell.expectation.result]).to.deep.equal(['unmap-order', 'violation']);
  });

  it('is not run where it is refused alone', () => {
    const { outcome, isExpected, isFoundBeside } = beside('original', 'page_address');
    expect(outcome).to.deep.include({ result: 'refused', schedule: undefined });
    expect([isExpected, isFoundBeside]).to.deep.equal([true, false]);
  });

  it('says that the budget was used up', () => {
    const cell = beside('one at a time', 'kmap', { budget: { steps: 10 } });
    expect([found(cell), cell.isExpected]).to.deep.equal(['outOfBudget', true]);
    expect(cell.outcome.result === 'outOfBudget' && cell.outcome.counts.steps).to.equal(10);
  });

  it('stops at a signal', () => {
    const cell = beside('one at a time', 'kmap', { signal: { aborted: true } });
    expect(found(cell)).to.equal('outOfBudget');
  });

  it('is not as its contract says where that knows of no limit', () => {
    const kmap = columnOf('kmap');
    const contract = {
      ...kmap.contract,
      nesting: { order: 'any', limitedBy: 'nothing', beyond: 'none' },
    } as const;
    const cell = beside('original', { ...kmap, contract }, { pools: { pkmapSlots: 2 } });
    expect([found(cell), cell.isExpected]).to.deep.equal(['deadlock', false]);
  });

  it('finds wrong bytes of the second user', () => {
    const kmap = columnOf('kmap');
    const swapped: Column = {
      ...kmap,
      on: (machine) => (context) => {
        const bound = kmap.on(machine)(context);
        const other = machine.allocPage({ zone: 'highmem' });
        return context.name === 'second user' ? faultInjection(bound, { mapInstead: () => other }) : bound;
      },
    };
    const cell = beside('one at a time', swapped);
    expect([found(cell), cell.isExpected]).to.deep.equal(['final-check', false]);
  });

  it('refuses a second user that holds no page, and options that it does not know', () => {
    expect(() => beside('original', 'kmap', { held: 0 })).to.throw(ConfigError, 'held of exploreBeside is 0');
    expect(() => beside('original', 'kmap', { seconds: 1 } as BesideOptions)).to.throw(
      ConfigError,
      'seconds',
    );
  });
});
