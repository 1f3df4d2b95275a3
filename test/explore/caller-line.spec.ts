/** No report names the line that called the explorer: what it ran there is not the program. */
import { expect } from 'chai';
import { basename } from 'node:path';
import { chromeTrace, explain, explore, formatReport, htmlReport, parseSchedule } from 'scatterlist/explore';
import type { Choice, Program } from 'scatterlist/explore';
import { CONTEXT } from '../violations/cases/context.ts';
import { DMA } from '../violations/cases/dma.ts';
import { LIFETIME } from '../violations/cases/lifetime.ts';
import { MEMORY } from '../violations/cases/memory.ts';
import { BROKEN, programOf } from './broken-programs.ts';
import { found } from './programs.ts';

const HERE = basename(import.meta.filename);

/** All that is told of a schedule. */
function everythingTold(
  program: Program,
  schedule: readonly Choice[],
): { readonly rule: string; readonly text: string } {
  const told = explain(program, schedule);
  const parts = [told.violation, chromeTrace(told)].map((part) => JSON.stringify(part));
  return {
    rule: told.violation?.rule ?? 'none',
    text: [...parts, formatReport(told, { rows: Infinity }), htmlReport(told)].join('\n'),
  };
}

describe('the line that called the explorer', () => {
  for (const [name, program] of Object.entries(BROKEN)) {
    it(`is not named in a report of ${name}`, () => {
      const outcome = found(explore(program));
      expect(JSON.stringify(outcome)).not.to.contain(HERE);
      const { rule, text } = everythingTold(program, parseSchedule(outcome.schedule));
      expect(name.split(':')[0]).to.equal(rule);
      expect(text).not.to.contain(HERE);
    });
  }

  it('is not named in a report of any rule that the machine judges', () => {
    const rules = new Set<string>();
    for (const given of [...LIFETIME, ...CONTEXT, ...MEMORY, ...DMA]) {
      const { rule, text } = everythingTold(programOf(given), [0]);
      rules.add(rule);
      expect(text, given.name).not.to.contain(HERE);
      // The line of the program is.
      if (rule === given.rule) expect(text, given.name).to.match(/(?:lifetime|context|memory|dma)\.ts:\d+/);
    }
    expect(rules.size).to.be.greaterThan(40);
  });
});
