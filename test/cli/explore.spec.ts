import { expect } from 'chai';
import sinon from 'sinon';
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explain, explore as search, formatReport, parseSchedule } from 'scatterlist/explore';
import {
  exhaustive,
  frontier,
  pct,
  preemptionBound,
  random,
  roundRobin,
  shard as part,
} from 'scatterlist/explore';
import type { Outcome, Strategy } from 'scatterlist/explore';
import addOne from '../../examples/explore/atomic-to-local.ts';
import { explore } from '../../lib/cli/explore.ts';
import { replay } from '../../lib/cli/replay.ts';
import { UsageError } from '../../lib/cli/usage-error.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples', 'explore');
const example = join(examples, 'atomic-to-local.ts');

interface Ran {
  readonly code: number;
  readonly out: string;
}

/** A report without its lines, which depend on the loader. */
function lineless(text: string): string {
  return text.replaceAll(/\.ts:\d+/g, '.ts');
}

/** Runs a subcommand here, with what it prints caught. */
async function run(name: 'explore' | 'replay', ...args: readonly string[]): Promise<Ran> {
  const printed: string[] = [];
  const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    const code = await (name === 'explore' ? explore(args) : replay(args));
    return { code, out: printed.join('') };
  } finally {
    write.restore();
  }
}

describe('scatterlist explore', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'explore-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('reports the violation with the line that replays it, and writes both files', async () => {
    const [trace, html] = [join(folder, 'out.json'), join(folder, 'out.html')];
    const { code, out } = await run('explore', example, '--trace', trace, '--html', html);
    expect(code).to.equal(1);
    const line = /scatterlist replay (\S+) '([^']*)'/.exec(out);
    expect(line?.[1]).to.equal(example);
    expect(JSON.parse(readFileSync(trace, 'utf8'))).to.have.property('traceEvents').that.is.not.empty;
    expect(readFileSync(html, 'utf8')).to.match(/^<!doctype html>/);
    const again = await run('replay', example, line?.[2] ?? '');
    expect(again.code).to.equal(1);
    expect(out).to.include(again.out.trimEnd());
  });

  it('explores in shards whose reports merge', async () => {
    const reports = [];
    for (const shard of ['1/2', '2/2']) {
      const file = join(folder, `${shard.replace('/', '-')}.json`);
      writeFileSync(file, (await run('explore', example, '--json', '--shard', shard)).out);
      reports.push(file);
    }
    const { code, out } = await run('explore', '--merge', ...reports);
    expect(code).to.equal(1);
    expect(out).to.match(/lost-write/);
  });

  it('tells exhausted from out of budget by its exit code', async () => {
    expect((await run('explore', example, '--strategy', 'bound:0')).code).to.equal(0);
    expect((await run('explore', join(examples, 'nested-kmap.ts'), '--budget', '1')).code).to.equal(3);
  });

  it('says what is wrong with a command line or a file', async () => {
    writeFileSync(join(folder, 'none.mjs'), 'export default {};\n');
    const wrong = [
      ['explore'],
      ['explore', join(folder, 'none.mjs')],
      ['explore', example, '--strategy', 'best'],
      ['explore', example, '--shard', '3/2'],
      ['replay', example, '0.9.9'],
    ] as const;
    for (const [name, ...args] of wrong) {
      const error: unknown = await run(name, ...args).catch((reason: unknown) => reason);
      expect(error, args.join(' ')).to.be.instanceOf(UsageError);
    }
  });

  /** A file with a program of its own, in a folder of the package, so that it finds the library. */
  const program = (name: string, text: string): string => {
    const path = join(within, name);
    writeFileSync(path, `import { defineProgram } from 'scatterlist/explore';\nexport default ${text};\n`);
    return path;
  };
  let within = '';
  before(() => {
    within = mkdtempSync(join(import.meta.dirname, 'programs-'));
  });
  after(() => {
    rmSync(within, { recursive: true });
  });

  const THREE = 'tasks: { *a() { yield; yield; }, *b() { yield; yield; }, *c() { yield; yield; } }';
  const quiet = (): string => program('quiet.mts', `defineProgram({ ${THREE} })`);
  const json = async (...args: readonly string[]): Promise<Outcome> =>
    JSON.parse((await run('explore', '--json', ...args)).out) as Outcome;
  const timeless = ({ counts, ...rest }: Outcome) => ({ ...rest, counts: { ...counts, milliseconds: 0 } });

  describe('--strategy', () => {
    const strategies: readonly (readonly [text: string, make: () => Strategy])[] = [
      ['exhaustive', () => exhaustive()],
      ['brute', () => exhaustive({ sleepSets: false, visited: false })],
      ['bound', () => preemptionBound(1)],
      ['bound:0', () => preemptionBound(0)],
      ['bound:2', () => preemptionBound(2)],
      ['random', () => random({ seed: 1, schedules: Infinity })],
      ['random:0', () => random({ seed: 0, schedules: Infinity })],
      ['random:4294967295', () => random({ seed: 2 ** 32 - 1, schedules: Infinity })],
      ['pct', () => pct({ seed: 1, schedules: Infinity })],
      ['pct:7', () => pct({ seed: 7, schedules: Infinity })],
      ['round-robin', () => roundRobin()],
    ];
    for (const [text, make] of strategies) {
      it(`${text} explores as the function of the library does`, async () => {
        const { default: defined } = (await import(quiet())) as { default: typeof addOne };
        for (const budget of [7, 100]) {
          const want = search(defined, make(), { budget: { schedules: budget } });
          const got = await json(quiet(), '--strategy', text, '--budget', String(budget));
          expect(timeless(got)).to.deep.equal(timeless(want));
        }
        const want = search(addOne, make(), { budget: { schedules: 3 } });
        const got = await json(example, '--strategy', text, '--budget', '3');
        expect([got.kind, timeless(got).counts]).to.deep.equal([want.kind, timeless(want).counts]);
      });
    }

    for (const text of ['random:4294967296', 'pct:4294967296', 'bound:', 'brute:1', 'round-robin:2', '']) {
      it(`takes no "${text}"`, async () => {
        const error: unknown = await run('explore', example, '--strategy', text).catch((e: unknown) => e);
        expect(error).to.be.instanceOf(UsageError);
      });
    }

    it('is exhaustive where none is given', async () => {
      expect(timeless(await json(quiet()))).to.deep.equal(
        timeless(await json(quiet(), '--strategy', 'exhaustive')),
      );
    });
  });

  it('determinism runs the program twice: 3 if nothing differs, 2 if something does', async () => {
    const same = await run('explore', quiet(), '--json', '--strategy', 'determinism');
    expect(same.code).to.equal(3);
    const outcome: unknown = JSON.parse(same.out);
    expect(outcome).to.deep.include({
      kind: 'outOfBudget',
      strategy: 'determinism check',
      limit: 'strategy',
      unseen: [],
    });
    expect(outcome).to.have.nested.property('counts.schedules', 100);
    expect(outcome).to.have.nested.property('counts.steps').that.is.above(300);
    const leaky = program(
      'leaky.mts',
      '((runs) => defineProgram({ setup: () => ({ seen: { n: 0 } }), tasks: { *a({ seen }) { yield; seen.n = runs += 1; yield; } } }))(0)',
    );
    const { code, out } = await run('explore', leaky, '--strategy', 'determinism');
    expect(code).to.equal(2);
    expect(out).to.match(
      /^The program is not deterministic: the second run differs from the first at step \d+\. /,
    );
  });

  it('says why it left no order out, and what it could follow', async () => {
    const file = program(
      'closure.mts',
      `defineProgram({
  setup: () => {
    let n = 0;
    return { get: () => n, set: (to) => { n = to; } };
  },
  tasks: { *a({ get, set }) { const seen = get(); yield; set(seen); }, *b({ get, set }) { set(get()); } },
})`,
    );
    const { code, out } = await run('explore', file);
    expect(code).to.equal(0);
    expect(out.split('\n').slice(1)).to.deep.equal([
      'Every order was tried one by one, because there is state that the explorer cannot follow:',
      '  the variable "n" of closure.mts changes; it is used by the Function that is shared',
      '  It can follow what lies in plain objects that setup returns.',
      '',
    ]);
  });

  it('does not say that round-robin explored to the end', async () => {
    const { code, out } = await run('explore', quiet(), '--strategy', 'round-robin');
    expect(code).to.equal(3);
    expect(out).to.match(
      /^Nothing found by the schedules of this strategy, which tries only some; nothing is proven\. 1 /,
    );
  });

  describe('--budget', () => {
    it('counts schedules, and seconds where it ends in s', async () => {
      for (const [text, limit, schedules] of [
        ['0', 'schedules', undefined],
        ['5', 'schedules', 5],
        ['0s', 'milliseconds', undefined],
      ] as const) {
        const got = await json(quiet(), '--strategy', 'brute', '--budget', text);
        expect(got).to.include({ kind: 'outOfBudget', limit });
        if (schedules !== undefined) expect(got.counts.schedules).to.equal(schedules);
      }
      for (const text of ['5s', '999999999999999', '999999999999999s'])
        expect(await json(quiet(), '--strategy', 'brute', '--budget', text)).to.include({
          kind: 'exhausted',
        });
    });

    it('of seconds is thousands of milliseconds', async () => {
      const endless = ['explore', '--json', quiet(), '--strategy', 'random', '--budget', '2s'] as const;
      const [name, ...args] = endless;
      const now = sinon.stub(Date, 'now');
      let at = 0;
      now.callsFake(() => (at += 100));
      try {
        const outcome = JSON.parse((await run(name, ...args)).out) as Outcome;
        expect(outcome).to.include({ kind: 'outOfBudget', limit: 'milliseconds' });
        expect(outcome.counts.milliseconds).to.be.within(2000, 2400);
      } finally {
        now.restore();
      }
    });

    for (const text of ['', 's', '1m', '5 s', '5.5', 'a5', '1'.repeat(16)]) {
      it(`takes no "${text}"`, async () => {
        const error: unknown = await run('explore', example, `--budget=${text}`).catch((e: unknown) => e);
        expect(error)
          .to.be.instanceOf(UsageError)
          .with.property('message')
          .that.contains(`(60s), not ${text}`);
      });
    }
  });

  describe('--shard', () => {
    it('explores a part of the search, and the parts are all of it', async () => {
      const { default: defined } = (await import(quiet())) as { default: typeof addOne };
      for (const count of [1, 2, 5]) {
        const beginnings = frontier(defined, 8 * count);
        for (let index = 0; index < count; index += 1) {
          const want = search(defined, exhaustive({ prefixes: part(beginnings, index, count) }));
          const got = await json(quiet(), '--shard', `${String(index + 1)}/${String(count)}`);
          expect(timeless(got)).to.deep.equal(timeless(want));
        }
      }
    });

    it('may be the last of very many, which has nothing left to do', async () => {
      // Few schedules, because all are laid out to be divided.
      const tiny = program('tiny.mts', 'defineProgram({ tasks: { *a() { yield; }, *b() { yield; } } })');
      expect(await json(tiny, '--shard', '9999/9999')).to.include({ kind: 'exhausted' });
    });

    for (const text of ['', '/', '1/', '/1', '0/0', '0/1', '2/1', '1/2/3', 'a/b', '10000/10000', '1/2x']) {
      it(`takes no "${text}"`, async () => {
        const error: unknown = await run('explore', example, `--shard=${text}`).catch((e: unknown) => e);
        expect(error)
          .to.be.instanceOf(UsageError)
          .with.property('message')
          .that.contains('--shard takes I/N');
      });
    }
  });

  describe('options that exclude each other', () => {
    const values: Readonly<Record<string, readonly string[]>> = {
      merge: ['--merge'],
      strategy: ['--strategy', 'random'],
      budget: ['--budget', '5'],
      trace: ['--trace', 'x.json'],
      html: ['--html', 'x.html'],
      workers: ['--workers', '1'],
      shard: ['--shard', '1/1'],
    };
    for (const [one, others] of [
      ['merge', ['strategy', 'budget', 'trace', 'html', 'workers', 'shard']],
      ['workers', ['strategy', 'shard']],
      ['shard', ['strategy']],
    ] as const) {
      for (const other of others) {
        it(`--${one} and --${other}, in either order`, async () => {
          for (const order of [
            [one, other],
            [other, one],
          ]) {
            const args = order.flatMap((name) => values[name] ?? []);
            const error: unknown = await run('explore', example, ...args).catch((e: unknown) => e);
            expect(error)
              .to.be.instanceOf(UsageError)
              .with.property('message', `--${one} and --${other}: one or the other`);
          }
        });
      }
    }

    it('and no others: a shard has a budget and files', async () => {
      const args = [
        '--shard',
        '1/1',
        '--budget',
        '9s',
        '--trace',
        join(folder, 't'),
        '--html',
        join(folder, 'h'),
      ];
      expect((await run('explore', quiet(), ...args)).code).to.equal(0);
    });
  });

  describe('--merge', () => {
    const counts = { schedules: 10, steps: 20, states: 30, pruned: 40, milliseconds: 1234 };
    const told = '10 schedules, 20 steps, 30 states, 40 cut short, 1.23 s (s)\n';
    const violation = { rule: 'leak', what: 'it is held', details: [] };
    const outcomes = [
      [{ kind: 'exhausted' }, 0, `No rule is broken: explored to the end. ${told}`],
      [
        { kind: 'outOfBudget', limit: 'steps', progress: 0.5 },
        3,
        `Nothing found before the budget of steps ended; nothing is proven. ${told}`,
      ],
      [
        { kind: 'outOfBudget', limit: 'strategy' },
        3,
        `Nothing found by the schedules of this strategy, which tries only some; nothing is proven. ${told}`,
      ],
      [
        { kind: 'outOfBudget', limit: 'handlers', what: 'it waits' },
        3,
        `Nothing found, but some schedules could not be explored to their end: it waits; nothing is proven. ${told}`,
      ],
      [
        { kind: 'nondeterministic', what: 'it differs', schedule: '0.1' },
        2,
        `The program is not deterministic: it differs. Schedule '0.1'. ${told}`,
      ],
      [
        { kind: 'violation', violation, schedule: '1.0', switches: 1 },
        1,
        `leak: it is held. Schedule '1.0'. ${told}`,
      ],
    ] as const;
    for (const [outcome, code, text] of outcomes) {
      it(`tells of ${outcome.kind} in one line, and ends with ${String(code)}`, async () => {
        const file = join(folder, `${outcome.kind}.json`);
        writeFileSync(file, JSON.stringify({ ...outcome, strategy: 's', counts, unseen: [] }));
        expect(await run('explore', '--merge', file)).to.deep.equal({ code, out: text });
        const again = await run('explore', '--merge', '--json', file);
        expect([again.code, JSON.parse(again.out)]).to.deep.equal([
          code,
          { ...outcome, strategy: 's', counts, unseen: [] },
        ]);
        expect(again.out.endsWith('}\n')).to.equal(true);
      });
    }

    it('takes no report of more than 64 MiB', async () => {
      const file = join(folder, 'long.json');
      writeFileSync(file, '');
      truncateSync(file, 2 ** 26 + 1);
      const error: unknown = await run('explore', '--merge', file).catch((e: unknown) => e);
      expect(error)
        .to.be.instanceOf(UsageError)
        .with.property('message', `${file}: it has 67108865 bytes, and the limit is 67108864`);
    });
  });

  describe('its report', () => {
    const { stdout } = process;
    const columns = (width: number | undefined): void => {
      Object.defineProperty(stdout, 'columns', { value: width, configurable: true, writable: true });
    };

    it('is as wide as the terminal, and 80 columns where there is none', async () => {
      for (const width of [60, undefined]) {
        const before = stdout.columns;
        columns(width);
        try {
          const { out } = await run('explore', example);
          const schedule = /'([^']*)'/.exec(out)?.[1] ?? '';
          const told = explain(addOne, parseSchedule(schedule));
          const report = lineless(formatReport(told, { width: width ?? 80, file: example }));
          const printed = lineless(out);
          expect(printed.slice(0, report.length)).to.equal(report);
          expect(printed.slice(report.length)).to.match(/^ {2}\d+ schedules, .* s \(.*\)\n$/);
          expect(lineless((await run('replay', example, schedule)).out)).to.equal(report);
        } finally {
          columns(before);
        }
      }
    });

    it('is written to the files that are asked for, and to no other', async () => {
      for (const [option, other, begins] of [
        ['trace', 'html', /^\{.*"traceEvents":\[\{/s],
        ['html', 'trace', /^<!doctype html>/],
      ] as const) {
        for (const [name, ...args] of [
          ['explore', example],
          ['replay', example, '0.1'],
        ] as const) {
          const files = { trace: join(folder, `${name}.trace`), html: join(folder, `${name}.html`) };
          for (const file of Object.values(files)) rmSync(file, { force: true });
          await run(name, ...args, `--${option}`, files[option]);
          expect(readFileSync(files[option], 'utf8'), name).to.match(begins);
          expect(existsSync(files[other])).to.equal(false);
        }
      }
    });

    it('has no files where nothing is found', async () => {
      const file = join(folder, 'nothing.html');
      expect((await run('explore', quiet(), '--html', file)).code).to.equal(0);
      expect(existsSync(file)).to.equal(false);
    });
  });

  describe('its progress', () => {
    // The explorer comes with the program, so a program can bring one that says what a test wants.
    const reporting = (part: string): string =>
      program(
        'reporting.mts',
        `(() => {
  const program = defineProgram({ ${THREE} });
  const key = Object.getOwnPropertySymbols(program)[0];
  const counts = { schedules: 12, steps: 10_000, states: 34, pruned: 0, milliseconds: 5000 };
  const explore = (_program, _strategy, { onProgress }) => {
    onProgress(counts, ${part});
    return { kind: 'exhausted', strategy: 's', counts, unseen: [] };
  };
  return { ...program, [key]: { ...program[key], explore } };
})()`,
      );
    const errors = async (tty: boolean, file: string): Promise<string> => {
      let written = '';
      const isTTY = process.stderr.isTTY;
      Object.defineProperty(process.stderr, 'isTTY', { value: tty, configurable: true, writable: true });
      const write = sinon.stub(process.stderr, 'write').callsFake((text) => {
        written += String(text);
        return true;
      });
      try {
        await run('explore', file);
      } finally {
        write.restore();
        Object.defineProperty(process.stderr, 'isTTY', { value: isTTY, configurable: true, writable: true });
      }
      return written;
    };

    for (const [part, text] of [
      ['0.25', '25.0 %, 12 schedules, 34 states, 2,000 steps/s, 5.0 s, about 15 s left'],
      ['0.3', '30.0 %, 12 schedules, 34 states, 2,000 steps/s, 5.0 s, about 12 s left'],
      ['0', '0.0 %, 12 schedules, 34 states, 2,000 steps/s, 5.0 s, at most 55 s left'],
      ['undefined', '12 schedules, 34 states, 2,000 steps/s, 5.0 s, at most 55 s left'],
      [
        'undefined, 2000',
        'a rule is broken; shrinking the schedule, at most 2 s left; 12 schedules, 34 states, 5.0 s',
      ],
    ] as const) {
      it(`on a terminal is one line, cleared at the end: ${part} explored`, async () => {
        const file = reporting(part).replace('reporting', `reporting-${part}`);
        writeFileSync(file, readFileSync(join(within, 'reporting.mts')));
        expect(await errors(true, file)).to.equal(`\r\u001b[K${text}\r\u001b[K`);
        expect(await errors(false, file)).to.equal('');
      });
    }
  });
});
