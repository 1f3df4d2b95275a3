import { expect } from 'chai';
import { createMachine } from 'scatterlist';

describe('memory errors', () => {
  const machine = createMachine();
  const [bad, good] = machine.allocPages(2, { zone: 'lowmem' });
  if (!bad || !good) throw new Error('no pages');
  const { memoryErrors } = machine;

  it('take the whole cache line of a byte', () => {
    memoryErrors.poison(bad, 300);
    memoryErrors.poison(bad, 100);
    expect(memoryErrors.firstIn(bad, 0, 64)).to.equal(undefined);
    expect(memoryErrors.firstIn(bad, 0, 65)).to.equal(64);
    expect(memoryErrors.firstIn(bad, 127, 1)).to.equal(64);
    expect(memoryErrors.firstIn(bad, 128, 128)).to.equal(undefined);
    expect(memoryErrors.firstIn(bad, 128, 4096)).to.equal(256);
    expect(memoryErrors.firstIn(good, 0, 4096)).to.equal(undefined);
  });
});
