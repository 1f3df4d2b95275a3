import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import type { MapBackend } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { checkEntries, checkListRange, checkSkip } from '../../../lib/scatterlist/list/check-skip.ts';
import { violationOf } from '../../kernel/violations.ts';

function ask(semantics: 'strict' | 'compatible', bytes: number): string {
  const backend = kmapLocal(createMachine({ semantics }).task());
  return violationOf(() => checkSkip(backend, bytes));
}

describe('checkSkip', () => {
  it('strict: refuses what is no count of bytes', () => {
    expect(ask('strict', 1.5)).to.equal('bad-number');
    expect([0, 1, -1, NaN].map((n) => ask('strict', n))).to.deep.equal([
      'none',
      'none',
      'miter-negative-skip',
      'miter-negative-skip',
    ]);
  });

  it('compatible: lets every whole number pass, which C converts', () => {
    expect(ask('compatible', -1)).to.equal('none');
    expect(ask('compatible', 1.5)).to.equal('bad-number');
  });
});

describe('counts of entries and bytes', () => {
  const said = (semantics: 'strict' | 'compatible', act: (backend: MapBackend) => void): string => {
    try {
      act(kmapLocal(createMachine({ semantics }).task()));
    } catch (error) {
      if (error instanceof ViolationError) return error.violation.what;
      throw error;
    }
    return 'none';
  };
  const words = (name: string, n: number) =>
    `${name} is ${String(n)}; it must be a whole number from 0 to 9007199254740991`;

  it('are whole numbers; of entries Infinity is all there are, and C converts what is whole', () => {
    for (const semantics of ['strict', 'compatible'] as const) {
      const entries = (n: number) => said(semantics, (backend) => checkEntries(backend, 'nents', n));
      for (const n of [0, 5, Infinity, Number.MAX_SAFE_INTEGER]) expect(entries(n)).to.equal('none');
      for (const n of [1.5, NaN, -Infinity]) expect(entries(n)).to.equal(words('nents', n));
      expect(entries(-1)).to.equal(semantics === 'strict' ? words('nents', -1) : 'none');
    }
  });

  it('are looked at each: the skip, the bytes, the entries of the list', () => {
    const range = (origNents: number, skip: number, bytes: number) =>
      said('strict', (backend) => checkListRange({ sgl: null, origNents }, backend, skip, bytes));
    expect([range(2, 0, 0), range(Infinity, 1, 1)]).to.deep.equal(['none', 'none']);
    expect(range(2, 1.5, 1)).to.equal(words('skip', 1.5));
    expect(range(2, -1, 1)).to.equal('skip of -1 bytes');
    expect(range(2, 0, -1)).to.equal(words('lengthBytes', -1));
    expect(range(-1, 0, 1)).to.equal(words('origNents', -1));
    expect(range(Infinity, 0, -1)).to.equal(words('lengthBytes', -1));
  });
});
