import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { checkOnePage } from '../../../lib/kernel/core/one-page.ts';
import { violationOf } from '../violations.ts';

describe('checkOnePage', () => {
  const machine = createMachine({ onViolation: 'record', pageSize: 1024 });
  const task = machine.task('mapper');
  const page = machine.allocPage({ zone: 'highmem' });
  const rules = (pageOffset: number, lengthBytes: number): readonly string[] => {
    const before = machine.violations.length;
    checkOnePage(task, page, pageOffset, lengthBytes);
    return machine.violations.slice(before).map((violation) => violation.rule);
  };

  it('says nothing of a map within its page, empty or whole', () => {
    for (const [offset, length] of [
      [0, 1024],
      [1023, 1],
      [1024, 0],
      [5, 0],
    ] as const)
      expect(rules(offset, length)).to.deep.equal([]);
  });

  it('reports a map that begins before its page or ends after it', () => {
    for (const [offset, length] of [
      [0, 1025],
      [1023, 2],
      [-1, 1],
    ] as const)
      expect(rules(offset, length)).to.deep.equal(['page-overrun']);
    expect(machine.violations[0]?.what).to.contain('1025 bytes at offset 0');
  });

  it('lets a compatible machine map as Linux does', () => {
    const linux = createMachine({ onViolation: 'record', semantics: 'compatible' });
    checkOnePage(linux.task(), linux.allocPage({ zone: 'highmem' }), 101, 2 ** 32 - 1);
    expect(linux.violations).to.deep.equal([]);
  });

  it('reports a number that is not whole, on any machine', () => {
    for (const semantics of ['strict', 'compatible'] as const) {
      const throwing = createMachine({ semantics });
      const high = throwing.allocPage({ zone: 'highmem' });
      const rule = (offset: number, length: number): string =>
        violationOf(() => {
          checkOnePage(throwing.task(), high, offset, length);
        });
      for (const [offset, length] of [
        [0.5, 1],
        [NaN, 1],
        [0, 0.5],
        [0, Infinity],
      ] as const)
        expect(rule(offset, length)).to.equal('bad-number');
      expect(rule(0, -1)).to.equal(semantics === 'strict' ? 'bad-number' : 'none');
    }
  });
});
