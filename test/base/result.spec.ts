import { expect } from 'chai';
import { done, err, ok } from 'scatterlist';
import type { Result } from 'scatterlist';

describe('Result', () => {
  it('narrows on ok and survives a structured clone', () => {
    const results: readonly Result<number, { code: 'A' } | { code: 'B' }>[] = [ok(7), err({ code: 'A' })];
    const told = results.map((r) => (r.ok ? r.value : r.error.code));
    expect(told).to.deep.equal([7, 'A']);
    expect(structuredClone(results)).to.deep.equal(results);
    expect(done).to.deep.equal({ ok: true, value: undefined });
  });

  it('needs no check where nothing can fail', () => {
    const sure: Result<number, never> = ok(3);
    expect(sure.value).to.equal(3);
  });
});
