import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { actorNames, checkProgram } from '../../lib/explore/program.ts';
import type { Program } from '../../lib/explore/program.ts';

describe('checkProgram', () => {
  const tick = (times: number): Partial<Program> => ({
    interrupts: { tick: { kind: 'hardirq', times, run: () => undefined } },
  });

  it('refuses numbers that no program has', () => {
    for (const [part, says] of [
      [{ maxSteps: 0 }, 'maxSteps is 0'],
      [{ maxSteps: 1.5 }, 'maxSteps is 1.5'],
      [{ starvationBound: -1 }, 'starvationBound is -1'],
      [tick(-1), 'times of interrupt "tick" is -1'],
      [{ machine: { cpus: 0 } }, 'cpus is 0'],
    ] as const)
      expect(() => {
        checkProgram({ tasks: {}, ...part });
      }, says).to.throw(ConfigError, says);
  });

  it('takes the least of them, and no bound', () => {
    for (const part of [
      { maxSteps: 1 },
      { maxSteps: Infinity },
      { starvationBound: 0 },
      { starvationBound: Infinity },
      tick(0),
      tick(Infinity),
      { interrupts: { tick: { kind: 'hardirq', run: () => undefined } as const } },
    ])
      expect(() => {
        checkProgram({ tasks: {}, ...part });
      }, JSON.stringify(part)).not.to.throw();
  });
});

describe('actorNames', () => {
  it('numbers tasks, then interrupts, then devices', () => {
    expect(actorNames({ devices: { nic: 1 }, tasks: { a: 1, b: 1 }, interrupts: { rx: 1 } })).to.deep.equal([
      'a',
      'b',
      'rx',
      'nic',
    ]);
  });
});
