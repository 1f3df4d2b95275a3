import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import sinon from 'sinon';
import { defineProgram, explain, formatSaved, parseSchedule, replayFile } from 'scatterlist/explore';
import type { Program, ReplayOptions, SavedSchedule, TaskEnv } from 'scatterlist/explore';

interface Shared {
  n: number;
}

function program(
  add: (env: TaskEnv<Shared>) => Generator<undefined, void, void>,
  check: (env: Shared) => boolean = ({ n }) => n === 2,
): Program<Shared> {
  return defineProgram<Shared>({ setup: () => ({ n: 0 }), tasks: { one: add, two: add }, check });
}

const broken = program(function* (env) {
  const seen = env.n;
  yield;
  env.n = seen + 1;
});
const fixed = program(function* (env) {
  env.n += 1;
  yield;
});
/** The schedule is not possible any more: a task has one step. */
const oneStep = program(function* (env) {
  env.n += 1;
});
const otherRule = program(function* (env) {
  yield;
  throw new Error(`lost at ${String(env.n)}`);
});

describe('replayFile', () => {
  let folder = '';
  let file: URL;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'replay file-'));
    file = write({});
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (changes: Partial<SavedSchedule>): URL => {
    const saved = {
      program: 'lost.ts',
      rule: 'final-check',
      schedule: '0.1.1.0',
      actors: ['one', 'two'],
      library: '9.8.7',
      ...changes,
    };
    const path = join(folder, 'lost.schedule');
    writeFileSync(path, formatSaved(saved));
    return pathToFileURL(path);
  };
  const path = (): string => join(folder, 'lost.schedule');

  it('returns what explain does, from a path, a URL and the text of one', () => {
    const want = explain(broken, parseSchedule('0.1.1.0'));
    for (const from of [path(), file, file.href]) {
      const told = replayFile(broken, from);
      expect([told.schedule, told.exact, told.names]).to.deep.equal([want.schedule, true, ['one', 'two']]);
      expect(told.violation?.what).to.equal(want.violation?.what);
    }
    expect(replayFile(fixed, file).violation).to.equal(undefined);
  });

  it('passes where the program does what is expected', () => {
    expect(replayFile(broken, file, { expect: 'broken' }).violation?.rule).to.equal('final-check');
    expect(replayFile(fixed, file, { expect: 'fixed' })).to.include({ violation: undefined, exact: true });
    // The nearest possible schedule.
    expect(replayFile(oneStep, file, { expect: 'fixed' })).to.include({ violation: undefined, exact: false });
  });

  const three = defineProgram<Shared>({ ...fixed, tasks: { ...fixed.tasks, three: function* () {} } });
  const renamed = defineProgram<Shared>({
    ...fixed,
    tasks: { one: function* () {}, 'two\n': function* () {} },
  });
  const wrong: readonly (readonly [Program<Shared>, ReplayOptions['expect'], RegExp])[] = [
    [broken, 'fixed', /lost\.schedule still breaks final-check: [^\n]+$/],
    [fixed, 'broken', /lost\.schedule does not break final-check any more: no rule is broken$/],
    [
      otherRule,
      'broken',
      /lost\.schedule (?:does not break final-check any more: exception|does not fit the program any more): /,
    ],
    [otherRule, 'fixed', /lost\.schedule does not break final-check, but exception: Error: lost at 0$/],
    [
      oneStep,
      undefined,
      /lost\.schedule does not fit the program any more: 2 of its steps are left when the program ends; it was saved from lost\.ts by version 9\.8\.7$/,
    ],
    [oneStep, 'broken', /does not fit the program any more/],
    [
      three,
      'fixed',
      /does not fit the program any more: it has the actors "one", "two", "three", and the schedule was made for the actors "one", "two"; /,
    ],
    [renamed, 'fixed', /it has the actors "one", "two\\n", and/],
  ];
  for (const [i, [changed, expects, message]] of wrong.entries())
    it(`throws one line if not: ${String(i)}, ${String(expects)}`, () => {
      const options = expects === undefined ? {} : { expect: expects };
      expect(() => replayFile(changed, file, options))
        .to.throw(Error, message)
        .with.property('message')
        .that.does.not.match(/\n/);
    });

  it('names the file that cannot be read', () => {
    expect(() => replayFile(broken, join(folder, 'none'))).to.throw(/none cannot be read: ENOENT/);
    expect(() => replayFile(broken, new URL('none', file))).to.throw(/none cannot be read: ENOENT/);
    expect(() => replayFile(broken, 'file://host/none')).to.throw(/^file:\/\/host\/none cannot be read: /);
    expect(() => replayFile(broken, folder)).to.throw(/cannot be read: EISDIR/);
    writeFileSync(join(folder, 'bad'), 'bad');
    expect(() => replayFile(broken, join(folder, 'bad'))).to.throw(/bad: it is no saved schedule$/);
  });

  it('refuses other options', () => {
    expect(() => replayFile(broken, file, { expect: 'no' as never })).to.throw(
      "expect is 'no'; it must be 'broken' or 'fixed'",
    );
    expect(() => replayFile(broken, file, { expects: 'fixed' } as never)).to.throw(/no option 'expects'/);
  });

  it('says that it cannot read a file where the host has no files', () => {
    const stub = sinon.stub(process, 'getBuiltinModule').value(undefined);
    try {
      expect(() => replayFile(broken, path())).to.throw(
        /lost\.schedule cannot be read here: replayFile needs Node 20\.16 or later$/,
      );
    } finally {
      stub.restore();
    }
  });
});
