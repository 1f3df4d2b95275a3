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
  const ran = new Map<string, Promise<Ran>>();
  // All at the same time, because most of the time is waiting.
  before(() => {
    folder = mkdtempSync(join(ROOT, 'test', 'watched-'));
    for (const [name, text] of wrong) ran.set(name, run(['explore', file(name, text), '--budget', '1s']));
    const endless = file('endless.mjs', ENDLESS);
    const stuck = file('stuck.mjs', tasks('*a() { console.log("ready"); for (;;); }'));
    ran.set('endless', run(['explore', endless, '--json'], 'SIGINT'));
    ran.set('terminated', run(['explore', stuck], 'SIGTERM'));
    ran.set('twice', run(['explore', stuck], 'SIGINT', 'SIGINT'));
    ran.set('shrinks', run(['explore', file('shrinks.mjs', SHRINKS), '--budget', '3s']));
    // Three tasks that take a while, so that other threads have time to help.
    for (const [name, check] of [
      ['helped.mjs', 'memory.load8(page, 0) > 0'],
      ['found.mjs', 'memory.load8(page, 0) !== 1'],
    ] as const) {
      const text = `import { program } from '../real/campaign-program.mjs';
        export default defineProgram({ ...program, check: ({ memory, page }) => ${check} });`;
      ran.set(name, run(['explore', file(name, text), '--workers', '2', '--json']));
    }
    for (const [name, text] of full) ran.set(name, run(['explore', file(name, text), '--memory', '256M']));
  });
  const of = async (name: string): Promise<Ran> => {
    const found = await ran.get(name);
    if (found === undefined) throw new Error(`no run "${name}"`);
    return found;
  };
  after(async () => {
    await Promise.all(ran.values());
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
      'exits.mjs',
      tasks('*a() { yield; process.exit(7); }'),
      /exits\.mjs cannot be run: task "a" ended the process with code 7, after schedule '0\.0'\n$/,
    ],
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
  for (const [name, , says] of wrong) {
    it(`ends with one line and 2: ${name}`, async () => {
      const { code, out, err } = await of(name);
      expect(err, err)
        .to.match(says)
        .and.match(/^scatterlist: [^\n]*\n$/);
      expect([code, out], err).to.deep.equal([2, '']);
    });
  }

  it('comes with other threads to what it comes to alone', async () => {
    const [good, bad] = [await of('helped.mjs'), await of('found.mjs')];
    expect([good.code, good.err, bad.code, bad.err]).to.deep.equal([0, '', 1, '']);
    expect(JSON.parse(good.out)).to.include({ kind: 'exhausted', strategy: 'exhaustive' });
    expect(JSON.parse(bad.out)).to.have.nested.property('violation.rule', 'lost-write');
  });

  const ENDLESS = `const t = () => function* (env) { for (let i = 0; i < 9; i += 1) { env.n += 1; yield; env.m[i] = env.n; yield; } };
export default defineProgram({ setup: () => { globalThis.told ??= console.log('ready') ?? true; return { n: 0, m: [] }; }, tasks: { a: t(), b: t(), c: t(), d: t() } });`;

  const SHRINKS = `export default defineProgram({
  setup: () => ({ order: [] }),
  tasks: {
    *b({ order }) { order.push('b'); yield; },
    *a({ order }) { yield; if (order.length === 0) for (;;); throw new Error('broken'); },
  },
});`;

  it('prints what was found so far, on Ctrl-C and where shrinking does not return', async () => {
    const json = await of('endless');
    const term = await of('terminated');
    const twice = await of('twice');
    const found = await of('shrinks');
    const outcome: unknown = JSON.parse(json.out.replace('ready', ''));
    expect(outcome).to.deep.include({ kind: 'outOfBudget', limit: 'stopped', what: 'interrupted' });
    expect(outcome).to.have.nested.property('counts.steps').that.is.above(0);
    expect([json.code, json.err]).to.deep.equal([3, '']);
    expect(term.out).to.match(/Nothing found: interrupted; nothing is proven/);
    expect(term.err).to.match(
      /^scatterlist: \S+stuck\.mjs: task "a" has not returned for \d\.\d s, after schedule '0' \(at/,
    );
    expect(term.code).to.equal(3);
    // The second one ends it at once.
    expect([twice.code, twice.err]).to.deep.equal([130, '']);
    expect(found.out).to.match(/^exception: Error: broken\. Schedule '0[01.]+'\. \d+ schedules, /);
    expect(found.err).to.match(/task "a" has not returned for/);
    expect(found.code).to.equal(1);
  });

  const full: readonly (readonly [name: string, text: string])[] = [
    ['step.mjs', tasks('*a() { const kept = []; for (;;) kept.push(new Array(1e5).fill(0.5)); }')],
    [
      'buffers.mjs',
      tasks('*a() { const kept = []; for (;;) { kept.push(new Uint8Array(2e7).fill(1)); yield; } }'),
    ],
  ];
  for (const [name] of full) {
    it(`bounds the memory: ${name}`, async () => {
      const { code, out } = await of(name);
      expect(out).to.match(
        /^Nothing found: memory budget of 256 MB used up; nothing is proven\. \d+ schedules, /,
      );
      expect(code).to.equal(3);
    });
  }
});
