/** Ports with an escape or a data race: the explorer finds it, and exhausts the conversions. */
import { expect } from 'chai';
import { KMAP, KMAP_LOCAL } from 'scatterlist/backends';
import { explain, explore, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { COLUMNS, exploreBeside } from 'scatterlist/ports';
import type { LoadedPort, Port, PortProgram } from 'scatterlist/ports';
import qibUserSdma from '../../examples/drivers/infiniband/qib-user-sdma.ts';
import { PORT as kvmStealTime } from '../../examples/exhibits/kvm-steal-time.ts';
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

  it('kvm-steal-time: a copy back into a page of the guest overwrites its request; an exchange in the page does not', async () => {
    const loaded = await kvmStealTime.load(INPUT);
    const checked = (variant: string, backend: typeof KMAP | typeof KMAP_LOCAL): Program => {
      const { program, verify } = over(loaded, variant, backend);
      return { ...program, check: (final) => void verify(final, final.machine) };
    };
    for (const backend of [KMAP, KMAP_LOCAL]) {
      const lost = explore(checked('original', backend));
      expect(lost.kind === 'violation' && lost.violation.rule).to.equal('lost-write');
      const raced = explore({ ...checked('original', backend), dataRaces: true });
      expect(raced.kind === 'violation' && raced.violation.rule).to.equal('data-race');
      expect(explore(checked('mapped', backend)).kind).to.equal('exhausted');
    }
    const column = COLUMNS.find(({ contract }) => contract === KMAP_LOCAL);
    if (column === undefined) throw new Error('no column');
    const beside = (variant: string) =>
      exploreBeside({ port: loaded, variant, memory: 'highmem', column }, { budget: { schedules: 5000 } });
    const { outcome, isExpected, isFoundBeside } = beside('original');
    expect(outcome.result === 'violation' && outcome.violation.rule).to.equal('lost-write');
    // One order of events does not show it, and no contract allows it.
    expect([isExpected, isFoundBeside]).to.deep.equal([false, true]);
    expect(beside('mapped').outcome.result).to.equal('exhausted');
  });
});
