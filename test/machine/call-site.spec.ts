import { join } from 'node:path';
import { inspect } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { build } from 'esbuild';
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

  it('are the program of the reader where the library is bundled into one file', async () => {
    const contents = `
      import { createMachine } from 'scatterlist';
      import { explain } from 'scatterlist/explore';
      import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
      globalThis.bundled = { createMachine, kmapLocalPage, kunmapLocal };
      globalThis.tell = () => {
        const told = explain(globalThis.program, []);
        const site = (name) => told.siteOf(told.events.find(({ event }) => event === name));
        return [globalThis.alone, site('map'), site('switch')].map(({ file, line }) => (file === 'program.js' ? line : file));
      };`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: join(import.meta.dirname, '../..') },
      bundle: true,
      write: false,
      conditions: ['source'],
    });
    const realm = createContext({});
    runInContext(outputFiles[0]?.text ?? '', realm, { filename: 'bundle.js' });
    const program = `
      const { createMachine, kmapLocalPage, kunmapLocal } = bundled;
      const machine = createMachine();
      globalThis.alone = kmapLocalPage(machine.task(), machine.allocPage({ zone: 'highmem' })).describe().mappedAt;
      globalThis.program = {
        setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
        tasks: { *one({ task, page }) { kunmapLocal(task, kmapLocalPage(task, page)); } },
      };`;
    runInContext(program, realm, { filename: 'program.js' });
    const sites: unknown = runInContext('tell()', realm, { filename: 'bundle.js' });
    // No line of the program made the switch.
    expect(JSON.stringify(sites)).to.match(/^\[4,7,"node:.*"\]$/);
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
