import { inspect } from 'node:util';
import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmapLocalPage } from 'scatterlist/machine';
import { callSite } from '../../lib/machine/call-site.ts';
import { callerLine } from '../violations/case.ts';

/** The line of this call's caller. */
const here = (): number => callerLine();

describe('call sites', () => {
  it('are the first line outside this library, however deep the call', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const [line, m] = [here(), kmapLocalPage(task, page)];
    const site = m.describe().mappedAt;
    expect(site?.file).to.match(/\/test\/machine\/call-site\.spec\.ts$/);
    expect(site?.line).to.equal(line);
    expect(site?.column).to.be.greaterThan(1);
  });

  it('are a file, a line and a column for whoever prints a report or writes it as JSON', () => {
    const machine = createMachine();
    const m = kmapLocalPage(machine.task(), machine.allocPage({ zone: 'highmem' }));
    const line = here() - 1;
    const site = m.describe().mappedAt;
    expect(inspect(site)).to.match(
      new RegExp(`call-site\\.spec\\.ts',\\s*line: ${String(line)},\\s*column: [0-9]+`),
    );
    const written: unknown = JSON.parse(JSON.stringify({ site }));
    expect(written).to.deep.equal({ site: { file: site?.file, line, column: site?.column } });
  });

  it('have no file where the runtime gives no stack', () => {
    expect(JSON.parse(JSON.stringify(callSite(0)))).to.deep.equal({ file: '', line: 0, column: 0 });
  });

  it('are not taken where the machine keeps none, and leave the stack limit alone', () => {
    const before = Error.stackTraceLimit;
    for (const options of [{ callSites: false }, { mode: 'direct' }] as const) {
      const machine = createMachine(options);
      const m = kmapLocalPage(machine.task(), machine.allocPage({ zone: 'lowmem' }));
      expect(m.describe().mappedAt).to.equal(undefined);
    }
    const machine = createMachine();
    kmapLocalPage(machine.task(), machine.allocPage({ zone: 'lowmem' }));
    expect(Error.stackTraceLimit).to.equal(before);
  });
});
