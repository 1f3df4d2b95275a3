import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { checkDeterminism, explain, explore, frontier, shrink } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { steadily } from '../../lib/explore/steady.ts';

const CALLS: readonly (readonly [what: string, call: () => unknown])[] = [
  ['Math.random', () => Math.random()],
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['performance.now', () => performance.now()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(4))],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['process.hrtime', () => process.hrtime()],
  ['process.hrtime.bigint', () => process.hrtime.bigint()],
  ['setTimeout', () => setTimeout(() => undefined, 0)],
  [
    'queueMicrotask',
    () => {
      queueMicrotask(() => undefined);
    },
  ],
];

function* idle(): Generator<undefined, void, void> {
  yield;
}

/** The places in a program where a function may be called. */
function programs(call: () => unknown): readonly (readonly [who: string, program: Program])[] {
  return [
    [
      'task "a"',
      {
        tasks: {
          *a() {
            yield;
            call();
          },
        },
      },
    ],
    [
      'device "nic"',
      {
        tasks: { idle },
        devices: {
          *nic() {
            yield;
            call();
          },
        },
      },
    ],
    ['interrupt "i"', { tasks: { idle }, interrupts: { i: { kind: 'hardirq', run: () => void call() } } }],
    [
      'interrupt "i"',
      {
        machine: { preemptRt: true },
        tasks: { idle },
        interrupts: { i: { kind: 'hardirq', run: () => void call() } },
      },
    ],
    ['setup', { tasks: { idle }, setup: () => ({ n: call() }) }],
    ['check', { tasks: { idle }, check: () => call() === undefined }],
  ];
}

describe('steadily', () => {
  for (const [what, call] of CALLS) {
    it(`refuses ${what} in every part of a program, and nowhere else`, () => {
      const before = [Math.random, Date, Date.now, setTimeout, Reflect.ownKeys(performance).length];
      for (const [who, program] of programs(call))
        for (const run of [
          () => explore(program),
          () => explain(program, [0, 0]),
          () => shrink(program, [0, 0], 'leak'),
          () => checkDeterminism(program),
        ])
          expect(run, who)
            .to.throw(ConfigError)
            .with.property(
              'message',
              `${who} calls ${what}, so no schedule can be repeated; use choose or a constant`,
            );
      expect([Math.random, Date, Date.now, setTimeout, Reflect.ownKeys(performance).length]).to.deep.equal(
        before,
      );
      expect(() => explore({ tasks: { idle } }, undefined, { onSchedule: () => void call() })).not.to.throw();
    });
  }

  it('refuses them where a search is divided', () => {
    expect(() =>
      frontier(
        {
          tasks: {
            idle,
            *a() {
              Math.random();
              yield;
            },
          },
        },
        4,
      ),
    ).to.throw(ConfigError, 'Math.random');
  });

  it('does not let a program catch it', () => {
    const program: Program = {
      tasks: {
        *a() {
          try {
            Math.random();
          } catch {
            yield;
          }
        },
      },
    };
    expect(() => explore(program)).to.throw(ConfigError, 'task "a" calls Math.random');
  });

  it('lets a program have dates that are given', () => {
    const program: Program = {
      setup: () => ({ made: new Date(5) }),
      tasks: { idle },
      check: () => new Date(2020, 1) instanceof Date && Date.UTC(1970) === 0,
    };
    expect(explore(program).kind).to.equal('exhausted');
    expect(steadily({ running: 'x' }, () => class extends Date {}).name).to.equal('');
  });
});
