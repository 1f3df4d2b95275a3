/** The command as users get it, with programs that do not end by themselves. Needs `npm run build`. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const COMMAND = join(ROOT, 'dist', 'cli', 'scatterlist.js');

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command; signals are sent as soon as it prints `ready`, each after the one before had some time. */
function run(args: readonly string[], ...signals: readonly NodeJS.Signals[]): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [COMMAND, ...args], { cwd: ROOT });
    const text = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      const begins = !text.out.includes('ready');
      text.out += chunk.toString();
      if (!begins || !text.out.includes('ready')) return;
      for (const [i, signal] of signals.entries()) setTimeout(() => child.kill(signal), 300 * (i + 1));
    });
    child.stderr.on('data', (chunk: Buffer) => {
      text.err += chunk.toString();
    });
    child.on('close', (code) => {
      resolve({ code, ...text });
    });
  });
}

describe('the watched command', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(ROOT, 'test', 'watched-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `import { defineProgram } from 'scatterlist/explore';\n${text}\n`);
    return path;
  };
  const tasks = (text: string): string => `export default defineProgram({ tasks: { ${text} } });`;

  const wrong: readonly (readonly [name: string, text: string, says: RegExp])[] = [
    [
      'loop.ts',
      `enum Kind { Endless }\ninterface Unused { readonly x: Kind }\n${tasks('*a() { yield; },\n *b() { yield;\nfor (;;); }')}`,
      /^scatterlist: \S+loop\.ts cannot be run: task "b" has not returned for \d\.\d s, after schedule '[01.]+' \(at \S+loop\.ts:6:\d+\)\n$/,
    ],
    [
      'handler.mjs',
      'export default defineProgram({ tasks: { *a() {} }, interrupts: { i: { kind: "hardirq", run() { for (;;); } } } });',
      /interrupt "i" has not returned/,
    ],
    [
      'check.mjs',
      'export default defineProgram({ tasks: { *a() {} }, check() { for (;;); } });',
      /check has not returned/,
    ],
    [
      'setup.mjs',
      'export default defineProgram({ setup() { for (;;); }, tasks: { *a() {} } });',
      /setup has not returned/,
    ],
    [
      'exits.mjs',
      tasks('*a() { yield; process.exit(7); }'),
      /exits\.mjs cannot be run: task "a" ended the process with code 7, after schedule '0\.0'\n$/,
    ],
    ['exits-0.mjs', 'process.exit(0);', /exits-0\.mjs cannot be run: it ended the process with code 0\n$/],
    [
      'waits.mjs',
      'await new Promise(() => {});',
      /waits\.mjs cannot be run: it ended the process with code \d+\n$/,
    ],
    [
      'late.mjs',
      'setTimeout(() => { throw new TypeError("too\\nlate"); });\nawait new Promise((r) => setTimeout(r, 1000));',
      /late\.mjs cannot be run: TypeError: too late \(at \S+:2:\d+\)\n$/,
    ],
  ];
  // Some at the same time, because most of the time is waiting.
  for (const few of [wrong.slice(0, 3), wrong.slice(3, 5), wrong.slice(5)]) {
    it(`ends with one line and 2: ${few.map(([name]) => name).join(', ')}`, async () => {
      await Promise.all(
        few.map(async ([name, text, says]) => {
          const { code, out, err } = await run(['explore', file(name, text), '--budget', '1s']);
          expect(err, err)
            .to.match(says)
            .and.match(/^scatterlist: [^\n]*\n$/);
          expect([code, out], err).to.deep.equal([2, '']);
        }),
      );
    });
  }

  const ENDLESS = `const t = () => function* (env) { for (let i = 0; i < 9; i += 1) { env.n += 1; yield; env.m[i] = env.n; yield; } };
export default defineProgram({ setup: () => { globalThis.told ??= console.log('ready') ?? true; return { n: 0, m: [] }; }, tasks: { a: t(), b: t(), c: t(), d: t() } });`;

  it('prints on Ctrl-C what was found so far, and ends at once on the second', async () => {
    const endless = file('endless.mjs', ENDLESS);
    const stuck = file('stuck.mjs', tasks('*a() { console.log("ready"); for (;;); }'));
    const [once, json, term, twice] = await Promise.all([
      run(['explore', endless], 'SIGINT'),
      run(['explore', endless, '--json'], 'SIGINT'),
      run(['explore', stuck], 'SIGTERM'),
      run(['explore', stuck], 'SIGINT', 'SIGINT'),
    ]);
    expect(once.out).to.match(
      /Nothing found: interrupted; nothing is proven\. \d+ schedules, [1-9]\d* steps, /,
    );
    expect([once.code, once.err]).to.deep.equal([3, '']);
    expect(JSON.parse(json.out.replace('ready', ''))).to.deep.include({
      kind: 'outOfBudget',
      limit: 'stopped',
      what: 'interrupted',
    });
    expect(json.code).to.equal(3);
    expect(term.out).to.match(/Nothing found: interrupted; nothing is proven/);
    expect(term.err).to.match(
      /^scatterlist: \S+stuck\.mjs: task "a" has not returned for \d\.\d s, after schedule '0' \(at/,
    );
    expect(term.code).to.equal(3);
    expect([twice.code, twice.err]).to.deep.equal([130, '']);
  });

  it('tells what was found although shrinking it does not return', async () => {
    const path = file(
      'shrinks.mjs',
      `export default defineProgram({
  setup: () => ({ order: [] }),
  tasks: {
    *b({ order }) { order.push('b'); yield; },
    *a({ order }) { yield; if (order.length === 0) for (;;); throw new Error('broken'); },
  },
});`,
    );
    const { code, out, err } = await run(['explore', path, '--budget', '1s']);
    expect(out).to.match(/^exception: Error: broken\. Schedule '0[01.]+'\. \d+ schedules, /);
    expect(err).to.match(/task "a" has not returned for/);
    expect(code).to.equal(1);
  });

  it('bounds the memory, in a step, over steps and outside the heap', async () => {
    const paths = [
      file('step.mjs', tasks('*a() { const kept = []; for (;;) kept.push({ a: 1 }); }')),
      file(
        'buffers.mjs',
        tasks('*a() { const kept = []; for (;;) { kept.push(new Uint8Array(1e6).fill(1)); yield; } }'),
      ),
    ];
    for (const path of paths) {
      const { code, out } = await run(['explore', path, '--memory', '256M']);
      expect(out).to.match(
        /^Nothing found: memory budget of 256 MB used up; nothing is proven\. \d+ schedules, /,
      );
      expect(code).to.equal(3);
    }
  });
});
