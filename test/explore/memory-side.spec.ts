import { expect } from 'chai';
import fc from 'fast-check';
import { exhaustive, explore } from 'scatterlist/explore';
import type { ExhaustiveOptions, Program, TaskEnv } from 'scatterlist/explore';
import {
  BouncePool,
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
  flushDcachePage,
  kmapLocalPage,
  kunmapLocal,
  vmap,
} from 'scatterlist/machine';
import type { DmaAddr, Page } from 'scatterlist';
import type { Sleeping } from 'scatterlist/machine';

// What caches and devices do behind the CPU's back must not be pruned away: random programs with a cache
// of two colours and a bounced device reach the same ends with and without reduction.

type Op =
  | 'yield'
  | 'load'
  | 'store'
  | 'bytes'
  | 'load other'
  | 'flush'
  | 'unmap'
  | 'for cpu'
  | 'for device'
  | 'write';

interface Shape {
  readonly tasks: readonly (readonly Op[])[];
  readonly dcacheColours: number;
  readonly bounced: boolean;
}

const ops: readonly Op[] = [
  ...(['yield', 'load', 'store', 'bytes', 'load other', 'flush'] as const),
  ...(['unmap', 'for cpu', 'for device', 'write'] as const),
];

const shapes: fc.Arbitrary<Shape> = fc.record({
  tasks: fc.array(fc.array(fc.constantFrom(...ops), { minLength: 2, maxLength: 5 }), {
    minLength: 2,
    maxLength: 2,
  }),
  dcacheColours: fc.constantFrom(0, 1, 2),
  bounced: fc.boolean(),
});

interface Shared {
  readonly page: Page;
  readonly device: DmaDevice;
}

function* body({ task, page, device }: TaskEnv<Shared>, todo: readonly Op[]): Sleeping<number> {
  let address: DmaAddr | undefined;
  let kept: ReturnType<typeof vmap> | undefined;
  let seen = 1;
  for (const op of todo) {
    if (op === 'load other') {
      // Addresses of both colours, which the kernel flushes only where they are mapped and unmapped.
      kept ??= vmap(task, [page, page]);
      if (kept.ok) {
        seen = seen * 2 + kept.value.load8(0);
        kept.value.store8(256, seen + 1);
      }
    } else if (op === 'load' || op === 'store' || op === 'bytes') {
      const m = kmapLocalPage(task, page);
      if (op === 'store') m.store8(0, seen + 1);
      else if (op === 'bytes') m.bytes[0] = (m.bytes[0] ?? 0) + seen;
      else seen = seen * 2 + m.load8(0);
      kunmapLocal(task, m);
    } else if (op === 'flush') flushDcachePage(task, page);
    else if (op !== 'yield') {
      if (address === undefined) {
        const mapped = dmaMapPage(task, device, page, 0, 8, 'bidirectional');
        if (!mapped.ok) return seen;
        address = mapped.value;
      }
      if (op === 'for cpu') dmaSyncSingleForCpu(task, device, address, 8, 'bidirectional');
      else if (op === 'for device') dmaSyncSingleForDevice(task, device, address, 8, 'bidirectional');
      else if (op === 'write') device.write(address, Uint8Array.of(seen + 16));
      else {
        dmaUnmapPage(task, device, address, 8, 'bidirectional');
        address = undefined;
      }
    }
    yield;
  }
  return seen;
}

/** Larger trees are not compared. */
const MOST = 300;

function reach(
  { tasks, dcacheColours, bounced }: Shape,
  options: ExhaustiveOptions,
): readonly string[] | undefined {
  const ends = new Set<string>();
  const program: Program<Shared> = {
    machine: { cpus: 1, pageSize: 256, bounceSlots: 2, dcacheColours },
    mayKeepMappings: true,
    setup: (machine) => {
      const bounce = { pool: new BouncePool(machine), always: true };
      return {
        page: machine.allocPage({ zone: 'highmem' }),
        device: new DmaDevice(machine, bounced ? { bounce } : {}),
      };
    },
    tasks: Object.fromEntries(tasks.map((todo, i) => [`t${String(i)}`, (env) => body(env, todo)])),
    check: ({ memory, page, results }) => {
      ends.add(JSON.stringify([memory.load8(page, 0), results]));
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

describe('reduction of programs with caches and devices', function () {
  // Against hanging only: it takes a minute on a host whose cores are shared.
  this.timeout(300_000);

  it('reaches exactly what brute force reaches', () => {
    const rules = new Set<string>();
    fc.assert(
      fc.property(shapes, (shape) => {
        const brute = reach(shape, { sleepSets: false, visited: false });
        if (brute === undefined) return;
        for (const end of brute) rules.add(end.split(' ')[0] ?? '');
        for (const options of [{}, { sleepSets: false }, { visited: false }]) {
          expect(reach(shape, options), JSON.stringify(options)).to.deep.equal(brute);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 45), seed: Number(process.env['SEED'] ?? 7) },
    );
    expect([...rules]).to.include.members(['stale-cache', 'dma-cpu-access', 'dma-device-access']);
  });
});
