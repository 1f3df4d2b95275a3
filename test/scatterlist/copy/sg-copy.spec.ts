import { expect } from 'chai';
import fc from 'fast-check';
import {
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgFill,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from 'scatterlist';
import type { MapBackend, SgList } from 'scatterlist';
import { faultInjection, kmapLocal } from 'scatterlist/backends';
import type { MachineOptions } from 'scatterlist/machine';
import { AS_LINUX, violationOf } from '../../kernel/violations.ts';
import { COMBINATIONS, OracleMachine, PAGE, PAGES, places, shapes } from './oracle-fixture.ts';
import type { Shape } from './oracle-fixture.ts';

const OPERATIONS = ['copyTo', 'copyFrom', 'pcopyTo', 'pcopyFrom', 'zero', 'fill'] as const;

interface Job {
  readonly shape: Shape;
  readonly operation: (typeof OPERATIONS)[number];
  readonly skip: number;
  readonly length: number;
  readonly pokes: readonly (readonly [number, number])[];
}

const jobs: fc.Arbitrary<Job> = fc.record({
  shape: shapes(),
  operation: fc.constantFrom(...OPERATIONS),
  skip: fc.nat(6 * PAGE),
  length: fc.nat(6 * PAGE),
  pokes: fc.array(fc.tuple(fc.nat(PAGES * PAGE), fc.nat(255)), { maxLength: 20 }),
});

interface Outcome {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly doneBytes: number };
}

/** Does the job through the library. */
function perform(list: SgList<never>, backend: MapBackend, job: Job, buffer: Uint8Array): Outcome {
  switch (job.operation) {
    case 'copyTo':
      return sgCopyToBuffer(list, buffer, backend);
    case 'copyFrom':
      return sgCopyFromBuffer(list, buffer, backend);
    case 'pcopyTo':
      return sgPcopyToBuffer(list, buffer, backend, job.skip);
    case 'pcopyFrom':
      return sgPcopyFromBuffer(list, buffer, backend, job.skip);
    case 'zero':
      return sgZeroBuffer(list, job.length, backend, job.skip);
    case 'fill':
      return sgFill(list, 0xab, { lengthBytes: job.length, skipBytes: job.skip }, backend);
  }
}

/** Does the first `limit` bytes of the job on plain bytes; answers how many there were to do. */
function performPlainly(memory: Uint8Array, job: Job, buffer: Uint8Array, limit = Infinity): number {
  const skip = job.operation.startsWith('copy') ? 0 : job.skip;
  const at = places(job.shape, skip, Math.min(job.length, limit));
  for (const [i, place] of at.entries()) {
    if (job.operation.endsWith('copyTo') || job.operation === 'copyTo') buffer[i] = memory[place] ?? 0;
    else if (job.operation === 'zero') memory[place] = 0;
    else memory[place] = job.operation === 'fill' ? 0xab : (buffer[i] ?? 0);
  }
  return at.length;
}

function buffers(length: number): [Uint8Array, Uint8Array] {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + 5) & 0xff);
  return [bytes, Uint8Array.from(bytes)];
}

describe('copy helpers over random lists do what they do on plain bytes', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind, kind] of COMBINATIONS) {
      it(`${mode}: ${name} on ${kind}`, () => {
        fc.assert(
          fc.property(jobs, (job) => {
            const world = new OracleMachine(bind, kind, { mode }).poke(job.pokes);
            const [buffer, plain] = buffers(job.length);
            const outcome = perform(world.list(job.shape), world.backend, job, buffer);
            expect(outcome).to.deep.equal({ ok: true, value: performPlainly(world.oracle, job, plain) });
            expect(Buffer.compare(buffer, plain), 'buffer').to.equal(0);
            world.check();
          }),
          { numRuns: 60 },
        );
      });
    }
  }
});

describe('a map that fails leaves the bytes before it done and the rest untouched', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind, kind] of COMBINATIONS) {
      it(`${mode}: ${name} on ${kind}`, () => {
        fc.assert(
          fc.property(jobs, fc.nat(4), (job, failAt) => {
            const world = new OracleMachine((task) => faultInjection(bind(task), { failAt }), kind, {
              mode,
            }).poke(job.pokes);
            const [buffer, plain] = buffers(job.length);
            const { ok, value, error } = perform(world.list(job.shape), world.backend, job, buffer);
            if (ok) expect(value).to.equal(performPlainly(world.oracle, job, plain));
            else {
              expect(error).to.deep.include({ code: 'Injected', attempt: failAt });
              const done = error?.doneBytes ?? -1;
              expect(performPlainly(world.oracle, job, plain, done)).to.equal(done);
            }
            expect(Buffer.compare(buffer, plain), 'buffer').to.equal(0);
            world.check();
          }),
          { numRuns: 30 },
        );
      });
    }
  }

  it('and every map can be the one that fails', () => {
    const shape = {
      entries: [
        [0, 0, 3 * PAGE],
        [5, 10, 20],
      ],
      chunks: [1, 1],
      nents: 2,
    };
    for (let failAt = 0; failAt < 4; failAt += 1) {
      const world = new OracleMachine((task) => faultInjection(kmapLocal(task), { failAt }), 'highmem').poke(
        [],
      );
      const result = sgZeroBuffer(world.list(shape), 4 * PAGE, world.backend);
      expect(result).to.deep.equal({
        ok: false,
        error: { code: 'Injected', attempt: failAt, doneBytes: failAt * PAGE },
      });
    }
  });
});

describe('copy helpers and empty entries', () => {
  // An empty entry that begins a page on, then two pages of data.
  const shape = {
    entries: [
      [0, PAGE, 0],
      [4, 0, 2 * PAGE],
    ],
    chunks: [2],
    nents: 2,
  };

  function copied(options: MachineOptions): {
    readonly ret: unknown;
    readonly first: number;
    readonly maps: number;
  } {
    const world = new OracleMachine(kmapLocal, 'highmem', options).poke([
      [4 * PAGE, 1],
      [5 * PAGE, 2],
    ]);
    const buffer = new Uint8Array(4 * PAGE);
    const result = sgCopyToBuffer(world.list(shape), buffer, world.backend);
    world.check();
    return { ret: result.ok && result.value, first: buffer[0] ?? 0, maps: world.machine.ledger.maps };
  }

  for (const mode of ['checked', 'direct'] as const) {
    it(`${mode}, strict: are passed over`, () => {
      expect(copied({ mode })).to.deep.equal({ ret: 2 * PAGE, first: 1, maps: 2 });
    });

    it(`${mode}, compatible: are mapped, and cost the next entry its first page`, () => {
      expect(copied({ mode, ...AS_LINUX })).to.deep.equal({ ret: PAGE, first: 2, maps: 2 });
    });
  }
});

describe('copy helpers and a negative skip', () => {
  const shape = { entries: [[0, 10, 20]], chunks: [1], nents: 1 };
  const calls = {
    sgPcopyToBuffer: (list: SgList<never>, backend: MapBackend) =>
      sgPcopyToBuffer(list, new Uint8Array(4), backend, -2),
    sgPcopyFromBuffer: (list: SgList<never>, backend: MapBackend) =>
      sgPcopyFromBuffer(list, new Uint8Array(4), backend, -2),
    sgZeroBuffer: (list: SgList<never>, backend: MapBackend) => sgZeroBuffer(list, 4, backend, -2),
    sgCopyList: (list: SgList<never>, backend: MapBackend) =>
      sgCopyList(list, list, { lengthBytes: 4, skipSecondBytes: -2 }, backend),
  };

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, call] of Object.entries(calls)) {
      it(`${mode}, strict: is refused by ${name}`, () => {
        const world = new OracleMachine(kmapLocal, 'highmem', { mode }).poke([]);
        expect(violationOf(() => call(world.list(shape), world.backend))).to.equal('miter-negative-skip');
        world.check();
      });
    }

    it(`${mode}, compatible: reaches before the entry`, () => {
      const world = new OracleMachine(kmapLocal, 'highmem', { mode, ...AS_LINUX }).poke([
        [8, 1],
        [10, 3],
      ]);
      const buffer = new Uint8Array(4);
      const result = sgPcopyToBuffer(world.list(shape), buffer, world.backend, -2);
      expect(result).to.deep.equal({ ok: true, value: 4 });
      expect([...buffer]).to.deep.equal([1, 7, 3, 7]);
      world.check();
    });
  }
});
