import { expect } from 'chai';
import { COLUMNS, CONFIGURATIONS, defineMatrix, rowsOf, runRow } from 'scatterlist/ports';
import type { ConfiguredCell } from 'scatterlist/ports';
import { LOADED, PAGE_PORT } from './page-port.ts';

describe('defineMatrix', () => {
  it('has the backends of the library and five configurations, unless it is told otherwise', () => {
    const matrix = defineMatrix({ ports: [PAGE_PORT] });
    expect(matrix.columns).to.equal(COLUMNS);
    expect(matrix.configurations).to.equal(CONFIGURATIONS);
  });

  const [kmap] = COLUMNS;
  const refused: readonly (readonly [string, () => unknown, string])[] = [
    ['no port', () => defineMatrix({ ports: [] }), 'a matrix has at least one port'],
    ['two ports of one name', () => defineMatrix({ ports: [PAGE_PORT, PAGE_PORT] }), 'two ports'],
    [
      'two backends of one name',
      () => defineMatrix({ ports: [PAGE_PORT], columns: kmap === undefined ? [] : [kmap, kmap] }),
      'two backends of the matrix have the name "kmap"',
    ],
    [
      'what is no port',
      () => defineMatrix({ ports: [{ ...PAGE_PORT, name: 'copy' }] }),
      'a port of the matrix was not made by definePort',
    ],
  ];
  for (const [what, work, message] of refused)
    it(`refuses ${what}`, () => {
      expect(work).to.throw(message);
    });

  it('has a row for each variant on each kind of memory', () => {
    const rows = rowsOf(defineMatrix({ ports: [PAGE_PORT] }));
    const variants = Object.keys(PAGE_PORT.variants).length;
    expect(rows).to.have.length(4 * variants);
  });

  it('runs a row over every backend in every configuration, each cell as the contracts say', () => {
    const matrix = defineMatrix({ ports: [PAGE_PORT] });
    const variants = ['original', 'older first', 'used by a handler', 'in a handler', 'reads its CPU'];
    for (const variant of variants)
      for (const memory of ['highmem', 'iomem'] as const) {
        const cells: ConfiguredCell[] = [...runRow(matrix, { port: PAGE_PORT, variant, memory }, LOADED)];
        expect(cells).to.have.length(COLUMNS.length * Object.keys(CONFIGURATIONS).length);
        const odd = cells.filter(({ isExpected }) => !isExpected);
        expect(
          odd.map(({ configuration, column, outcome, expectation }) => [
            variant,
            memory,
            configuration,
            column.contract.name,
            outcome,
            expectation,
          ]),
        ).to.deep.equal([]);
      }
  });

  it('knows on which kernels a read of the CPU number while mapped is reported', () => {
    const configurations = Object.fromEntries(
      [true, false].flatMap((highmem) =>
        [true, false].flatMap((preemptRt) =>
          (['strict', 'compatible'] as const).flatMap((semantics) =>
            [true, false].map((forceMap) => {
              const options = { highmem, preemptRt, semantics, forceMap };
              return [JSON.stringify(options), options];
            }),
          ),
        ),
      ),
    );
    const matrix = defineMatrix({ ports: [PAGE_PORT], configurations });
    for (const memory of PAGE_PORT.memory) {
      const cells = [...runRow(matrix, { port: PAGE_PORT, variant: 'reads its CPU', memory }, LOADED)];
      const odd = cells.filter(({ isExpected }) => !isExpected);
      expect(
        odd.map((cell) => [memory, cell.configuration, cell.column.contract.name, cell.outcome.result]),
      ).to.deep.equal([]);
    }
  });
});
