/**
 * Programs that do not end, grow without bound or are absurdly large, and the ways in which the command can run them.
 */

/** One program, as the text of its file. */
export interface HostileProgram {
  readonly name: string;
  readonly text: string;
  /** What is replayed, before one more task fails. */
  readonly replay: Replay;
}

/** A schedule, which begins with the same steps again and again. Task 0 is the one that fails. */
interface Replay {
  readonly round: readonly (number | string)[];
  readonly times: number;
  /** Steps after them. */
  readonly end: readonly number[];
  /** Names of the other actors. */
  readonly actors: readonly string[];
}

/** A program whose options are written as JavaScript; `{fails}` is where one more task can break a rule at the end. */
function program(name: string, options: string, before = '', replay: Partial<Replay> = {}): HostileProgram {
  const text = `import { defineProgram, maybe } from 'scatterlist/explore';
${before}
export default defineProgram({ ${options} });
`;
  return {
    name,
    text,
    replay: { round: [1, 2], times: 1500, end: [0, 0, 0], actors: ['a', 'b'], ...replay },
  };
}

/** The program has one task besides the one that fails. */
const ALONE: Partial<Replay> = { round: [1], actors: ['a'] };
const LONG: Partial<Replay> = { times: 50_000 };
const NAMES = Array.from({ length: 500 }, (_, i) => `t${String(i)}`);

const FOREVER = '*a() { for (;;) yield; }, *b() { for (;;) yield; }';

export const HOSTILE: readonly HostileProgram[] = [
  program('yields for ever', `tasks: { ${FOREVER} }`),
  program('yields for ever in a million steps', `maxSteps: 1e6, tasks: { ${FOREVER} }`, '', LONG),
  program('yields for ever in any number of steps', `maxSteps: Infinity, tasks: { ${FOREVER} }`, '', LONG),
  program(
    'counts while it waits',
    'setup: () => ({ done: false }), tasks: { *a(env) { let tries = 0; while (!env.done) { tries += 1; yield; } return tries; }, *b(env) { for (;;) { void env.done; yield; } } }',
  ),
  program(
    'counts in what is shared',
    'maxSteps: 1e6, setup: () => ({ n: 0 }), tasks: { *a(env) { for (;;) { env.n += 1; yield; } }, *b(env) { for (;;) { env.n += 1; yield; } } }',
    '',
    LONG,
  ),
  program(
    'grows a ring of plain objects',
    `setup: () => { const head = {}; head.next = head; head.prev = head; return { head }; },
  tasks: { *a({ head }) { for (;;) { const one = { next: head, prev: head.prev }; head.prev.next = one; head.prev = one; yield; } }, *b({ head }) { for (;;) { void head.next; yield; } } }`,
  ),
  program(
    'shares an array of 300,000 elements',
    'setup: () => ({ list: Array(300000).fill(0) }), tasks: { *a({ list }) { for (let i = 0; ; i += 1) { list[i % 300000] += 1; yield; } }, *b({ list }) { for (;;) { void list[7]; yield; } } }',
  ),
  program(
    'shares a map of 100,000 entries and 50 MB of bytes',
    'setup: () => ({ map: new Map(Array.from({ length: 100000 }, (_, i) => [i, { i }])), bytes: new Uint8Array(5e7) }), tasks: { *a({ map, bytes }) { for (let i = 0; ; i += 1) { map.set(i % 100000, { i }); bytes[i] = 1; yield; } }, *b({ map }) { for (;;) { void map.get(7); yield; } } }',
  ),
  program(
    'nests shared objects 100,000 deep',
    'setup: () => { let deep = {}; for (let i = 0; i < 100000; i += 1) deep = { deep }; return { deep, n: 0 }; }, tasks: { *a(env) { for (;;) { env.n += 1; yield; } }, *b(env) { for (;;) { void env.deep.deep; yield; } } }',
  ),
  program(
    'calls generators 100,000 deep',
    'tasks: { *a() { yield* down(1e5); }, *b() { for (;;) yield; } }',
    'function* down(n) { if (n > 0) yield* down(n - 1); for (;;) yield; }',
    // The stack overflows in its first step.
    { round: [1], times: 1, end: [] },
  ),
  program(
    'is interrupted a million times',
    `setup: () => ({ n: 0 }), tasks: { ${FOREVER} }, interrupts: { i: { kind: 'hardirq', times: 1e6, run: (env) => { env.n += 1; } }, j: { kind: 'nmi', times: maybe(1e6), run: (env) => { env.n += 1; } } }`,
    '',
    { round: [1, 3, 2, 4], actors: ['a', 'b', 'i', 'j'] },
  ),
  program(
    'has 500 tasks',
    'setup: () => ({ n: 0 }), tasks: Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`t${i}`, function* (env) { for (;;) { env.n += 1; yield; } }]))',
    '',
    { round: NAMES.map((_, i) => 1 + i), times: 6, actors: NAMES },
  ),
  program('does not return from a step', 'tasks: { *a() { yield; for (;;); }, *b() { yield; } }', '', {
    round: [1, 1],
    times: 1,
  }),
  program('does not return from setup', 'setup: () => { for (;;); }, tasks: { *a() { yield; } }', '', ALONE),
  program('does not return from its check', 'tasks: { *a() { yield; } }, check: () => { for (;;); }', '', {
    ...ALONE,
    times: 2,
  }),
  program(
    'shares a string that doubles',
    "setup: () => ({ text: 'x' }), tasks: { *a(env) { for (;;) { if (env.text.length < 1e8) env.text += env.text; yield; } }, *b(env) { for (;;) { void env.text; yield; } } }",
  ),
  program(
    'throws and notes long texts',
    "tasks: { *a({ note }) { for (;;) { note('x'.repeat(1e7)); yield; } }, *b() { yield; throw new Error('y'.repeat(1e7)); } }",
    '',
    { round: [1] },
  ),
  program(
    'allocates in its steps',
    'setup: () => ({ list: [] }), tasks: { *a({ list }) { for (;;) { list.push(new Uint8Array(1e6).fill(1)); yield; } }, *b({ list }) { for (;;) { void list.length; yield; } } }',
  ),
  program(
    'allocates in one step',
    'tasks: { *a() { const kept = []; for (;;) kept.push(Array(1e5).fill(0.5)); } }',
    '',
    ALONE,
  ),
  program(
    'leaves what it allocates for the next schedule',
    'tasks: { *a() { kept.push(new Uint8Array(1e6).fill(1)); yield; }, *b() { yield; yield; } }',
    'const kept = [];',
    { round: [1, 1, 2, 2, 2], times: 1 },
  ),
  program(
    'chooses among a thousand, a thousand times',
    'setup: () => ({ n: 0 }), tasks: { *a(env) { for (let i = 0; i < 1000; i += 1) { env.n += env.choose(1000); yield; } } }',
    '',
    { ...ALONE, round: [1, '=999'], times: 1000 },
  ),
  program(
    'has a machine of four million pages',
    `machine: { lowmemPages: 2 ** 18, highmemPages: 2 ** 22 }, setup: (machine) => ({ pages: machine.allocPages(4, { zone: 'highmem' }) }), tasks: { ${FOREVER} }`,
  ),
];

/** How the command runs a program; `fails` adds a task that breaks a rule, so that its schedule is shrunk. */
export interface Mode {
  readonly name: string;
  readonly fails: boolean;
  args(file: string, schedule: string): readonly string[];
}

const explore = (name: string, fails: boolean, ...more: readonly string[]): Mode => ({
  name,
  fails,
  args: (file) => ['explore', file, ...more],
});

export const MODES: readonly Mode[] = [
  explore('explore', false),
  explore('random', false, '--strategy', 'random'),
  explore('pct', false, '--strategy', 'pct:4294967295'),
  explore('round-robin', false, '--strategy', 'round-robin'),
  explore('bound', false, '--strategy', 'bound:4294967295'),
  explore('determinism', false, '--strategy', 'determinism'),
  explore('shrink', true, '--strategy', 'random'),
  explore('workers', false, '--workers', '2'),
  { name: 'replay', fails: true, args: (file, schedule) => ['replay', file, schedule] },
];

/** A saved schedule of a program that fails. */
export function scheduleOf({ replay: { round, times, end, actors } }: HostileProgram): string {
  const steps = Array.from({ length: times }, () => round).flat();
  return JSON.stringify({
    format: 1,
    program: 'hostile.mjs',
    rule: 'exception',
    schedule: [...steps, ...end].join('.'),
    actors: ['z', ...actors],
    library: '0.1.0',
  });
}

/** The file of a program in a mode. */
export function textFor({ text }: HostileProgram, { fails }: Mode): string {
  if (!fails) return text;
  const task = `*z() { yield; yield; throw new Error('at last'); },`;
  return text
    .replace(/tasks: (Object\.\w+\(.*\)) \}\);/, `tasks: { ${task} ...$1 } });`)
    .replace(/tasks: \{(?! \*z)/, `tasks: { ${task}`);
}
