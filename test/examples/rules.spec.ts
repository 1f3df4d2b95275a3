/** Each rule has an example in examples/rules, of which the explorer reports exactly that rule. */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Outcome, Program, explore as Explore } from 'scatterlist/explore';
import { RULES } from 'scatterlist/machine';
import { itInC, ruleOfFile } from '../c/support.ts';

const FOLDER = join(import.meta.dirname, '../../examples/rules');
const FILES = readdirSync(FOLDER);

interface Loaded {
  readonly program: Program;
  /** Of the copy of the library that the program uses. */
  readonly explore: typeof Explore;
}

async function load(file: string): Promise<Loaded> {
  const { default: program } = (await import(pathToFileURL(join(FOLDER, file)).href)) as { default: Program };
  return { program, explore: (await import('scatterlist/explore')).explore };
}

function ruleOf(outcome: Outcome): string {
  return outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;
}

describe('the examples of rules', () => {
  it('are one for each rule', () => {
    const named = FILES.map((file) => file.replace(/\.(ts|c)$/, ''));
    expect(named).to.have.members(Object.keys(RULES));
  });

  for (const file of FILES.filter((name) => name.endsWith('.ts'))) {
    it(`${file} breaks its rule, and no other before it`, async () => {
      const { program, explore } = await load(file);
      expect(ruleOf(explore(program))).to.equal(file.replace('.ts', ''));
    });
  }

  for (const file of FILES.filter((name) => name.endsWith('.c'))) {
    itInC(`${file} breaks its rule, and no other before it`, () => {
      expect(ruleOfFile(join(FOLDER, file))).to.equal(file.replace('.c', ''));
    });
  }
});
