/** Ports whose address goes to another context: the explorer finds it under local maps, and exhausts the conversions. */
import { expect } from 'chai';
import { KMAP, KMAP_LOCAL } from 'scatterlist/backends';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import { COLUMNS } from 'scatterlist/ports';
import type { LoadedPort, Port, PortProgram } from 'scatterlist/ports';
import qibUserSdma from '../../examples/drivers/infiniband/qib-user-sdma.ts';
import vmciNotify from '../../examples/drivers/misc/vmci-notify.ts';

const INPUT = { name: 'a few bytes', content: Uint8Array.from({ length: 20 }, (_, i) => i + 1) };

function over(loaded: LoadedPort, variant: string, backend: typeof KMAP | typeof KMAP_LOCAL): PortProgram {
  const column = COLUMNS.find(({ contract }) => contract === backend);
  if (column === undefined) throw new Error(`no column for ${backend.name}`);
  return loaded.program(variant, 'highmem', column);
}

const PORTS: readonly (readonly [port: Port, local: string, schedule: string])[] = [
  [vmciNotify, 'map per write', '0.2.1'],
  [qibUserSdma, 'map per piece', '0.3.0.2.1'],
];

describe('ports in every order', () => {
  for (const [port, local, schedule] of PORTS) {
    it(`${port.name}: a local map escapes; kmap, and a map for each use, are explored to the end`, async () => {
      const loaded = await port.load(INPUT);
      const escaping = over(loaded, 'original', KMAP_LOCAL).program;
      const outcome = explore(escaping);
      if (outcome.kind !== 'violation') throw new Error(`it ended with ${outcome.kind}`);
      expect(outcome.violation.rule).to.equal('wrong-task');
      expect(String(outcome.schedule)).to.equal(schedule);
      const told = explain(escaping, parseSchedule(schedule));
      expect(told.exact).to.equal(true);
      expect(told.violation?.rule).to.equal('wrong-task');
      expect(explore(over(loaded, 'original', KMAP).program).kind).to.equal('exhausted');
      expect(explore(over(loaded, local, KMAP_LOCAL).program).kind).to.equal('exhausted');
    });
  }
});
