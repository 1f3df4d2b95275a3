/** Every rule has a case; each report names the rule, the line, the context. */
import { expect } from 'chai';
import { createMachine, ViolationError } from 'scatterlist';
import type { MachineOptions, Violation } from 'scatterlist';
import { RULES } from 'scatterlist/machine';
import { read, repositoryFiles } from '../architecture/repository.ts';
import { callerLine } from './case.ts';
import type { Case } from './case.ts';
import { CONTEXT } from './cases/context.ts';
import { DMA } from './cases/dma.ts';
import { LIFETIME } from './cases/lifetime.ts';
import { MEMORY } from './cases/memory.ts';

const CASES: Readonly<Record<string, readonly Case[]>> = {
  'lifetime.ts': LIFETIME,
  'context.ts': CONTEXT,
  'memory.ts': MEMORY,
  'dma.ts': DMA,
};

/** What the rules that are not about one mapping are named in: specs of the lists and of the explorer. */
const OTHER_SPECS = repositoryFiles()
  .filter((file) => file.endsWith('.spec.ts') && !file.startsWith('test/violations/'))
  .map(read)
  .join('\n');
const SOURCES = repositoryFiles()
  .filter((file) => file.startsWith('lib/') && file !== 'lib/machine/rules.ts')
  .map(read)
  .join('\n');

/** The violation that ends the case, and the line that the case marked. */
function breakIt(given: Case, options: MachineOptions): { violation?: Violation; line: number } {
  const machine = createMachine({ ...given.machine, ...options }, given.parts);
  let line = 0;
  try {
    given.run(machine, () => {
      line = callerLine() + 1;
    });
  } catch (error) {
    if (!(error instanceof ViolationError)) throw error;
    return { violation: error.violation, line };
  }
  return { line };
}

describe('the rules', () => {
  const rules = Object.keys(RULES);

  it('each have a case here or in the spec of what they are about', () => {
    const here = new Set<string>(
      Object.values(CASES)
        .flat()
        .map(({ rule }) => rule),
    );
    const without = rules.filter((rule) => !here.has(rule) && !OTHER_SPECS.includes(`'${rule}'`));
    expect(without).to.deep.equal([]);
  });

  it('are each enforced somewhere', () => {
    expect(rules.filter((rule) => !SOURCES.includes(`'${rule}'`))).to.deep.equal([]);
  });

  for (const [file, cases] of Object.entries(CASES)) {
    for (const given of cases) {
      const [kind, name, cpu] = given.by ?? ['task', 'driver', 0];

      it(`${given.rule}: ${given.name}`, () => {
        const { violation, line } = breakIt(given, {});
        expect(violation?.rule).to.equal(given.rule);
        expect(violation?.what).to.match(given.what);
        expect(violation?.severity).to.equal(given.severity ?? 'warn');
        expect(violation?.foundAt?.file.endsWith(`test/violations/cases/${file}`)).to.equal(true);
        expect(violation?.foundAt?.line).to.equal(line);
        const context = violation?.context;
        expect([context?.kind, context?.name, context?.cpu]).to.deep.equal([kind, name, cpu]);
        const report = new ViolationError(violation!).message;
        expect(report).to.contain(`rule: ${given.rule}`);
        expect(report).to.contain(`${file}:${String(line)}`);
        expect(report).to.contain(`"${name}" on cpu${String(cpu)}`);
        expect(Math.max(...report.split('\n').map((text) => text.length))).to.be.at.most(120);
      });

      if (given.severity === 'bug') {
        it(`${given.rule}: ${given.name}; ends the operation where the machine records, too`, () => {
          expect(breakIt(given, { onViolation: 'record' }).violation?.rule).to.equal(given.rule);
        });
      } else {
        it(`${given.rule}: ${given.name}; goes on where the machine records`, () => {
          const machine = createMachine({ ...given.machine, onViolation: 'record' }, given.parts);
          const answer = given.run(machine, () => undefined);
          expect(machine.violations[0]?.rule).to.equal(given.rule);
          if ('goesOn' in given) expect(answer).to.deep.equal(given.goesOn);
        });
      }
    }
  }
});
