import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { failingAt } from '../../lib/conformance/failing-at.ts';

describe('failingAt', () => {
  const answers = (failAt: number): { codes: readonly string[]; asked: readonly number[] } => {
    const machine = createMachine();
    const page = machine.allocPage({ zone: 'highmem' });
    const { backend, asked } = failingAt(kmapLocal(machine.task()), failAt);
    const codes = [10, 20, 30].map((length) => {
      const mapped = backend.map(page, 0, length);
      if (mapped.ok) backend.unmap(mapped.value);
      return mapped.ok
        ? 'ok'
        : `${mapped.error.code} ${String('attempt' in mapped.error && mapped.error.attempt)}`;
    });
    machine.checkLeaks();
    return { codes, asked };
  };

  it('fails the map of one number, and counts every one', () => {
    expect(answers(1)).to.deep.equal({ codes: ['ok', 'Injected 1', 'ok'], asked: [10, 20, 30] });
    expect(answers(0).codes).to.deep.equal(['Injected 0', 'ok', 'ok']);
  });

  it('fails none for -1', () => {
    expect(answers(-1).codes).to.deep.equal(['ok', 'ok', 'ok']);
  });
});
