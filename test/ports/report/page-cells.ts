/** The records of cells of the small port, for the tests of the reports. */
import { COLUMNS, CONFIGURATIONS, defineMatrix, recordOf, runRow } from 'scatterlist/ports';
import type { CellRecord } from 'scatterlist/ports';
import type { MemoryKind } from 'scatterlist';
import { LOADED, PAGE_PORT } from '../page-port.ts';

const { '32-bit': narrow = {}, '64-bit': wide = {} } = CONFIGURATIONS;

/** The cells of some variants over some backends on a 32-bit and a 64-bit machine. */
export function pageCells(
  variants: readonly string[],
  backends: readonly string[],
  memory: MemoryKind = 'highmem',
): readonly CellRecord[] {
  const matrix = defineMatrix({
    ports: [PAGE_PORT],
    columns: COLUMNS.filter(({ contract }) => backends.includes(contract.name)),
    configurations: { '32-bit': narrow, '64-bit': wide },
  });
  return variants.flatMap((variant) =>
    [...runRow(matrix, { port: PAGE_PORT, variant, memory }, LOADED)].map((cell) => recordOf(cell)),
  );
}

/** The first of some cells. */
export function firstOf(cells: readonly CellRecord[]): CellRecord {
  const [first] = cells;
  if (first === undefined) throw new Error('no cell');
  return first;
}
