import { expect } from 'chai';
import fc from 'fast-check';
import { exhaustive, explore } from 'scatterlist/explore';
import type { ExhaustiveOptions, Program, TaskEnv } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal, memcpyFromPage, memcpyToPage } from 'scatterlist/machine';
import type { Page } from 'scatterlist';
import type { DirectMapping, Sleeping } from 'scatterlist/machine';
import { found } from './programs.ts';

interface Shared {
  readonly page: Page;
}

type Body = (env: TaskEnv<Shared>) => Sleeping<unknown>;

function* frees({ machine, page }: TaskEnv<Shared>): Sleeping<void> {
  yield;
  machine.freePage(page);
}

function rulesOf(program: Partial<Program<Shared>>): readonly string[] {
  const rules = new Set<string>();
  explore(
    {
      machine: { cpus: 2, pageSize: 256 },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: {},
      ...program,
    },
    exhaustive(),
    {
      shrink: false,
      onSchedule: ({ violation }) => {
        rules.add(violation?.rule ?? 'fine');
        return true;
      },
    },
  );
  return [...rules].sort();
}

describe('pages that are freed while others run', () => {
  const users: Readonly<Record<string, Body>> = {
    *'a copy out of the page'({ task, page }) {
      yield;
      memcpyFromPage(task, new Uint8Array(1), page, 0);
    },
    *'a copy into the page'({ task, page }) {
      yield;
      memcpyToPage(task, page, 0, Uint8Array.of(1));
    },
    *'its bytes as an array'({ task, page }) {
      yield;
      const m = kmapLocalPage(task, page);
      m.bytes[0] = 1;
      kunmapLocal(task, m);
    },
    *'its bytes past all mappings'({ machine, page }) {
      yield;
      machine.physical(page)[0] = 1;
    },
  };
  for (const [name, user] of Object.entries(users)) {
    it(`meet ${name} in both orders`, () => {
      expect(rulesOf({ tasks: { user, frees } })).to.deep.equal(['fine', 'use-after-free']);
    });
  }

  it('meet a map in all three orders', () => {
    function* maps({ task, page }: TaskEnv<Shared>): Sleeping<void> {
      yield;
      const m = kmapLocalPage(task, page);
      yield;
      kunmapLocal(task, m);
    }
    for (const tasks of [
      { maps, frees },
      { frees, maps },
    ])
      expect(rulesOf({ tasks })).to.deep.equal(['fine', 'freed-while-mapped']);
  });

  it('meet a device that takes the bytes, or that keeps them', () => {
    function* takes({ machine, page }: { machine: TaskEnv<Shared>['machine']; page: Page }): Sleeping<void> {
      yield;
      machine.physical(page)[0] = 1;
    }
    function* keeps({ machine, page }: { machine: TaskEnv<Shared>['machine']; page: Page }): Sleeping<void> {
      const bytes = machine.physical(page);
      yield;
      bytes[0] = 1;
    }
    for (const run of [takes, keeps]) {
      expect(rulesOf({ tasks: { frees }, devices: { disk: run } })).to.include.members([
        'fine',
        'use-after-free',
      ]);
    }
  });

  it('are two at once', () => {
    expect(rulesOf({ tasks: { frees, again: frees } })).to.deep.equal(['double-free']);
  });

  it('are reported with the schedule, and who freed', () => {
    const outcome = explore(
      {
        machine: { cpus: 2, pageSize: 256 },
        setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
        tasks: { user: users['a copy out of the page']!, frees },
      } satisfies Program<Shared>,
      exhaustive(),
    );
    const { violation, schedule } = found(outcome);
    expect(violation.rule).to.equal('use-after-free');
    expect(schedule.length).to.be.above(2);
    expect(violation.details.find(({ label }) => label === 'freed')?.text).to.match(
      /^by task "frees" on cpu0/,
    );
  });
});

type Op = 'free' | 'alloc' | 'load' | 'store' | 'map' | 'touch' | 'unmap' | 'raw' | 'keep' | 'write kept';

const ops: readonly Op[] = [
  'free',
  'alloc',
  'load',
  'store',
  'map',
  'touch',
  'unmap',
  'raw',
  'keep',
  'write kept',
];

function* body(
  { task, machine, box }: TaskEnv<{ box: { page: Page } }>,
  todo: readonly Op[],
): Sleeping<number> {
  let seen = 1;
  let kept: Uint8Array | undefined;
  const maps: DirectMapping[] = [];
  for (const op of todo) {
    const { page } = box;
    if (op === 'free') machine.freePage(page);
    else if (op === 'alloc') {
      const made = machine.tryAllocPage('highmem');
      if (made.ok) box.page = made.value;
    } else if (op === 'load' || op === 'store') {
      const m = kmapLocalPage(task, page);
      if (op === 'load') seen = seen * 3 + m.load8(0);
      else m.store8(0, seen);
      kunmapLocal(task, m);
    } else if (op === 'map') maps.push(kmapLocalPage(task, page));
    else if (op === 'touch') seen = seen * 3 + (maps.at(-1)?.load8(0) ?? 0);
    else if (op === 'unmap') {
      const m = maps.pop();
      if (m !== undefined) kunmapLocal(task, m);
    } else if (op === 'raw') seen += machine.physical(page)[0] ?? 0;
    else if (op === 'keep') kept = machine.physical(page);
    else if (kept !== undefined) kept[0] = seen;
    yield;
  }
  return seen;
}

/** Larger trees are not compared. */
const MOST = 300;

function reach(
  tasks: readonly (readonly Op[])[],
  allow: boolean,
  options: ExhaustiveOptions,
): readonly string[] | undefined {
  const ends = new Set<string>();
  const program: Program<{ box: { page: Page } }> = {
    machine: { cpus: 1, pageSize: 256, highmemPages: 2 },
    mayKeepMappings: true,
    allow: allow ? ['freed-while-mapped', 'use-after-free'] : [],
    setup: (machine) => ({ box: { page: machine.allocPage({ zone: 'highmem' }) } }),
    tasks: Object.fromEntries(tasks.map((todo, i) => [`t${String(i)}`, (env) => body(env, todo)])),
    check: ({ memory, box, results, machine }) => {
      ends.add(
        JSON.stringify([
          memory.load8(box.page, 0),
          box.page.pfn,
          machine.hardware.memory.freePages('highmem'),
          results,
        ]),
      );
    },
  };
  const outcome = explore(program, exhaustive(options), {
    budget: { schedules: MOST },
    shrink: false,
    onSchedule: ({ violation }) => {
      if (violation !== undefined) ends.add(`${violation.rule} by ${violation.context?.name ?? '-'}`);
      return true;
    },
  });
  return outcome.counts.schedules < MOST ? [...ends].sort() : undefined;
}

describe('reduction of programs that allocate and free', function () {
  // Against hanging only: it takes longer on a host whose cores are shared.
  this.timeout(300_000);

  it('reaches exactly what brute force reaches', () => {
    const rules = new Set<string>();
    const todo = fc.array(fc.constantFrom(...ops), { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(todo, { minLength: 2, maxLength: 2 }), fc.boolean(), (tasks, allow) => {
        const brute = reach(tasks, allow, { sleepSets: false, visited: false });
        if (brute === undefined) return;
        for (const end of brute) rules.add(end.split(' ')[0] ?? '');
        for (const options of [{}, { sleepSets: false }, { visited: false }]) {
          expect(reach(tasks, allow, options), JSON.stringify(options)).to.deep.equal(brute);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 60), seed: Number(process.env['SEED'] ?? 5) },
    );
    expect([...rules]).to.include.members(['use-after-free', 'freed-while-mapped', 'double-free']);
  });
});
