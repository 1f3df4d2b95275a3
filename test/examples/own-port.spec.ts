import { expect } from 'chai';
import { auditPort, defineMatrix, rowsOf, runRow } from 'scatterlist/ports';
import ownPort from '../../examples/own-port.ts';

describe("the example of a user's own port", () => {
  const content = Uint8Array.from({ length: 4000 }, (_, i) => (i * 7) & 0xff);
  const load = () => ownPort.load({ name: 'x', content });

  it('does over every backend what the contract says', async () => {
    const matrix = defineMatrix({ ports: [ownPort] });
    const loaded = await load();
    const cells = rowsOf(matrix).flatMap((row) => [...runRow(matrix, row, loaded)]);
    expect(cells.filter(({ isExpected }) => !isExpected)).to.deep.equal([]);
    const results = new Set(cells.map(({ outcome }) => outcome.result));
    expect([...results].sort()).to.deep.equal(['refused', 'verified', 'violation']);
  });

  it('is local, and kmap_local is the best for it', async () => {
    const { sites, faults } = auditPort(await load(), 'original');
    expect(sites.map(({ isLocal, best }) => [isLocal, best])).to.deep.equal([[true, 'kmap_local']]);
    expect(faults).to.deep.equal([]);
  });
});
