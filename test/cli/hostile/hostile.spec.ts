/** Some hostile programs, each in one way of running it; `npm run test:hostile` has all. Needs `npm run build`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { faultsOf, run } from './command.ts';
import { HOSTILE, MODES, textFor } from './programs.ts';

const CHEAP: readonly (readonly [program: string, mode: string])[] = [
  ['counts while it waits', 'random'],
  ['grows a ring of plain objects', 'random'],
  ['shares an array of 300,000 elements', 'random'],
  ['allocates in one step', 'bound'],
  ['chooses among a thousand, a thousand times', 'replay'],
  ['nests shared objects 100,000 deep', 'bound'],
  ['shares a string that doubles', 'pct'],
];

describe('the command with a hostile program', function () {
  this.timeout(110_000);
  // Bounds of time are of the clock, and other specs run beside this one.
  this.retries(2);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(import.meta.dirname, '..', 'programs-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  for (const [name, how] of CHEAP) {
    it(`ends within time and memory: ${name}, ${how}`, async () => {
      const program = HOSTILE.find((one) => one.name === name);
      const mode = MODES.find((one) => one.name === how);
      if (program === undefined || mode === undefined) throw new Error(`no ${name}, ${how}`);
      const ran = await run(program, mode, folder);
      expect(faultsOf(ran), ran.err).to.deep.equal([]);
    });
  }

  it('has one more task that fails where its schedule is to be shrunk', () => {
    const shrinks = MODES.find(({ name }) => name === 'shrink');
    for (const program of HOSTILE)
      expect(shrinks === undefined ? '' : textFor(program, shrinks), program.name).to.contain("'at last'");
  });
});
