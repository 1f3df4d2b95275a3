import { expect } from 'chai';
import type { ExampleEntry } from '../../../site/lab/session/program.ts';
import { Session } from '../../../site/lab/session/session.ts';
import { collectExamples } from '../../../tools/site-lab/examples.ts';
import { refusalOf, valueOf } from './session/programs.ts';

const EXAMPLES = collectExamples();
const HAS_USING = Number(process.versions.node.split('.')[0]) >= 24;

/** The rules that an example breaks: in the plain order and, if that is not enough, in the order that a search finds. */
async function brokenRules({ program, configuration = {}, rule }: ExampleEntry): Promise<readonly string[]> {
  const session = new Session();
  valueOf(await session.load({ program, configuration }));
  const run = valueOf(session.run());
  expect(run.moments.length).to.be.greaterThan(1);
  const plain = run.violation?.rule;
  if (plain === rule && plain !== undefined) return [plain];
  const strategy = { kind: 'exhaustive' } as const;
  const result = valueOf(session.explore({ strategy, bounds: { milliseconds: 20_000 } }, () => undefined));
  return [plain, result.found?.violation?.rule].filter((found) => found !== undefined);
}

describe('the programs to choose from', () => {
  it('are of every kind, each with a name of its own and a sentence', () => {
    const groups = new Map<string, number>();
    for (const { group } of EXAMPLES) groups.set(group, (groups.get(group) ?? 0) + 1);
    expect(groups.get('start')).to.be.at.least(3);
    expect(groups.get('port')).to.be.at.least(25);
    expect(groups.get('bug')).to.be.at.least(30);
    expect(groups.get('example')).to.be.at.least(9);
    const names = EXAMPLES.map(({ name }) => name);
    expect(names).to.have.length(new Set(names).size);
    const mute = EXAMPLES.filter(({ about }) => about.length < 20 || about.length > 300);
    expect(mute.map(({ name, about }) => `${name}: ${about}`)).to.deep.equal([]);
  });

  const breaking = EXAMPLES.filter(({ rule }) => rule !== undefined);
  // A browser that can read them runs them; Node 20 cannot.
  const unreadable = breaking.filter(({ program }) => !HAS_USING && /^\s*using \w+ =/m.test(program.text));
  for (const { name, program } of unreadable)
    it(`${name} needs using declarations`, async () => {
      const reply = await new Session().load({ program, configuration: {} });
      expect(refusalOf(reply)).to.match(/this browser has no using declarations/);
    });

  for (const example of breaking.filter((one) => !unreadable.includes(one)))
    it(`${example.name} breaks ${example.rule ?? ''}`, async () => {
      expect(await brokenRules(example)).to.include(example.rule);
    });

  // All ports take longer than a spec may: one of a single file, and one that needs files beside it.
  for (const name of ['own-port', 'zero-first-sg'])
    it(`${name} runs over the backend that is chosen`, async () => {
      const { program } = EXAMPLES.find((one) => one.name === name) ?? expect.fail(name);
      const session = new Session();
      const { port } = valueOf(await session.load({ program, configuration: { backend: 'kmap_local' } }));
      expect(port?.backend).to.equal('kmap_local');
      expect(valueOf(session.run()).ending).to.equal('ended');
    });
});
