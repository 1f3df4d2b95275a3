import { expect } from 'chai';
import { CONFIGURATIONS, defineMatrix, describeOutcome, rowsOf, runRow } from 'scatterlist/ports';
import { PORTS } from '../../examples/drivers/index.ts';

/** More than a page, and no multiple of a word. */
const CONTENT = Uint8Array.from({ length: 5003 }, (_, i) => (i * i + (i >> 3)) & 0xff);

describe('every port', () => {
  // The places of mappings are part of no verdict, and finding them takes a quarter of the time.
  const configurations = Object.fromEntries(
    Object.entries(CONFIGURATIONS).map(([name, options]) => [name, { ...options, callSites: false }]),
  );
  const matrix = defineMatrix({ ports: PORTS, configurations });
  for (const row of rowsOf(matrix)) {
    const { port, variant, memory } = row;
    it(`${port.name}, ${variant}, on ${memory} pages does over each backend what its contract says`, async () => {
      const loaded = await port.load({ name: 'test', content: CONTENT });
      const cells = [...runRow(matrix, row, loaded)];
      const odd = cells.filter(({ isExpected }) => !isExpected);
      expect(
        odd.map(
          ({ configuration, column, outcome, expectation }) =>
            `${configuration}, ${column.contract.name}: ${describeOutcome(outcome)}; expected: ${expectation.result}, because ${expectation.because}`,
        ),
      ).to.deep.equal([]);
      expect(cells.some(({ outcome }) => outcome.result === 'verified')).to.equal(
        cells.every(({ observed }) => observed.violation === undefined),
      );
    });
  }

  it('has sites in its own source only', async () => {
    for (const port of PORTS) {
      const loaded = await port.load({ name: 'test', content: CONTENT });
      const [variant] = Object.keys(port.variants);
      const [memory] = port.memory;
      if (variant === undefined || memory === undefined) throw new Error(port.name);
      const [cell] = runRow(matrix, { port, variant, memory }, loaded);
      for (const { site } of cell?.observed.needs ?? []) expect(site?.file).to.match(/examples\/drivers\//);
    }
  });
});
