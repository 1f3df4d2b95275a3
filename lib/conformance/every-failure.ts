/**
 * Clause: if any map of a walk fails, no mapping leaks, the bytes before it are complete and counted, and the bytes
 * after it are unchanged.
 */
import type { ScatterlistError } from '../base/errors.ts';
import type { Result } from '../base/result.ts';
import { ok } from '../base/result.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { sgCompare, sgCopyList } from '../scatterlist/copy/list-to-list.ts';
import {
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgFill,
  sgPcopyFromBuffer,
  sgZeroBuffer,
} from '../scatterlist/copy/sg-copy.ts';
import { SgMiter } from '../scatterlist/map/sg-miter.ts';
import { check, same, sameBytes } from './check.ts';
import type { Clause } from './clause.ts';
import { capacity } from './capacity.ts';
import { failingAt } from './failing-at.ts';
import { Rig, mappableKinds, pattern } from './rig.ts';
import { ShapedList } from './shapes.ts';
import type { Shape } from './shapes.ts';
import { VARIANTS } from './variants.ts';

const SHAPE: Shape = {
  title: 'entries within a page, over pages and of one byte',
  pages: 5,
  layout: 'contiguous',
  segments: (size) => [
    { page: 0, offset: 60, lengthBytes: 200 },
    { page: 1, offset: size - 100, lengthBytes: size },
    { page: 4, offset: size - 1, lengthBytes: 1 },
    { page: 3, offset: 17, lengthBytes: 300 },
  ],
};

interface Failed {
  readonly code: string;
  readonly attempt?: number;
}

/** The result of a walk: the bytes done, and the error if there was one. */
interface Outcome {
  readonly doneBytes: number;
  readonly error: Failed | undefined;
}

interface Walk {
  readonly title: string;
  /** Mappings held at once; with two, each part of the walk is mapped twice. */
  readonly mappings: 1 | 2;
  /** The bytes that it writes to the list from `skipBytes` on; `undefined` if it only reads. */
  readonly writes: ((lists: Lists) => Uint8Array) | undefined;
  readonly skipBytes: number;
  readonly run: (lists: Lists, backend: MapBackend) => Outcome;
}

interface Lists {
  readonly list: ShapedList;
  readonly other: ShapedList;
  readonly length: number;
}

function outcome(result: Result<number, ScatterlistError & { readonly doneBytes: number }>): Outcome {
  return result.ok
    ? { doneBytes: result.value, error: undefined }
    : { doneBytes: result.error.doneBytes, error: result.error };
}

const FILL = 0xa7;
const SKIP = 150;

const WALKS: readonly Walk[] = [
  {
    title: 'sgCopyToBuffer',
    mappings: 1,
    writes: undefined,
    skipBytes: 0,
    run: ({ list, length }, backend) => {
      const want = list.bytes;
      const out = new Uint8Array(length);
      const got = outcome(sgCopyToBuffer(list.list, out, backend));
      sameBytes(out.subarray(0, got.doneBytes), want.subarray(0, got.doneBytes), 'bytes before the failure');
      check(
        out.subarray(got.doneBytes).every((byte) => byte === 0),
        'sgCopyToBuffer wrote behind the failure',
      );
      return got;
    },
  },
  {
    title: 'sgCopyFromBuffer',
    mappings: 1,
    writes: ({ length }) => pattern(length, 77),
    skipBytes: 0,
    run: ({ list, length }, backend) => outcome(sgCopyFromBuffer(list.list, pattern(length, 77), backend)),
  },
  {
    title: 'sgPcopyFromBuffer',
    mappings: 1,
    writes: ({ length }) => pattern(length - SKIP, 78),
    skipBytes: SKIP,
    run: ({ list, length }, backend) =>
      outcome(sgPcopyFromBuffer(list.list, pattern(length - SKIP, 78), backend, SKIP)),
  },
  {
    title: 'sgFill',
    mappings: 1,
    writes: ({ length }) => new Uint8Array(length).fill(FILL),
    skipBytes: 0,
    run: ({ list, length }, backend) => outcome(sgFill(list.list, FILL, { lengthBytes: length }, backend)),
  },
  {
    title: 'sgZeroBuffer',
    mappings: 1,
    writes: ({ length }) => new Uint8Array(length),
    skipBytes: 0,
    run: ({ list, length }, backend) => outcome(sgZeroBuffer(list.list, length, backend)),
  },
  {
    title: 'SgMiter',
    mappings: 1,
    writes: ({ length }) => new Uint8Array(length).fill(FILL),
    skipBytes: 0,
    run: ({ list }, backend) => {
      const it = new SgMiter(list.list.sgl, backend, 'toSg', list.list.origNents);
      for (let doneBytes = 0; ; doneBytes += it.length) {
        const next = it.next();
        if (!next.ok || !next.value) {
          it.stop();
          return { doneBytes, error: next.ok ? undefined : next.error };
        }
        it.mapping.fill(FILL);
      }
    },
  },
  {
    title: 'sgCopyList',
    mappings: 2,
    writes: ({ other }) => other.bytes,
    skipBytes: 0,
    run: ({ list, other, length }, backend) =>
      outcome(sgCopyList(list.list, other.list, { lengthBytes: length }, backend)),
  },
  {
    title: 'sgCompare',
    mappings: 2,
    writes: undefined,
    skipBytes: 0,
    run: ({ list, other, length }, backend) => {
      other.memory = other.written(other.memory, list.bytes);
      const compared = sgCompare(list.list, other.list, { lengthBytes: length }, backend);
      return outcome(compared.ok ? ok(compared.value.equal ? length : compared.value.atByte) : compared);
    },
  },
];

interface Run extends Lists {
  readonly rig: Rig;
  readonly outcome: Outcome;
  readonly asked: readonly number[];
  readonly want: Uint8Array;
}

function runOnce(rig: Rig, walk: Walk, kind: MemoryKind, failAt: number): Run {
  const list = new ShapedList(rig, SHAPE, kind, 10);
  const other = new ShapedList(
    rig,
    { ...SHAPE, segments: (size) => [...SHAPE.segments(size)].reverse() },
    kind,
    20,
  );
  const lists: Lists = { list, other, length: list.length };
  const bytes = walk.writes?.(lists) ?? new Uint8Array(0);
  const before = list.memory;
  const { backend, asked } = failingAt(rig.backend, failAt);
  const got = walk.run(lists, backend);
  const want = list.written(before, bytes.subarray(0, got.doneBytes), walk.skipBytes);
  return { ...lists, rig, outcome: got, asked, want };
}

/** The bytes done before the n-th map, from the lengths that a walk without a failure maps. */
function doneBefore(asked: readonly number[], n: number, mappings: number): number {
  const parts = Math.floor(n / mappings);
  let done = 0;
  for (let i = 0; i < parts; i += 1) done += asked[i * mappings] ?? 0;
  return done;
}

function failEach(newRig: () => Rig, walk: Walk, kind: MemoryKind): void {
  const undisturbed = runOnce(newRig(), walk, kind, -1);
  const all = undisturbed.length - walk.skipBytes;
  same(undisturbed.outcome.error?.code, undefined, 'error of an undisturbed walk');
  same(undisturbed.outcome.doneBytes, all, 'bytes done by an undisturbed walk');
  check(undisturbed.asked.length > walk.mappings, 'the walk maps too little to be disturbed');
  sameBytes(undisturbed.list.memory, undisturbed.want, 'memory after an undisturbed walk');
  undisturbed.rig.checkClean('after an undisturbed walk');
  for (let n = 0; n < undisturbed.asked.length; n += 1) {
    const { rig, list, outcome: got, want } = runOnce(newRig(), walk, kind, n);
    const what = `with map ${String(n)} of ${String(undisturbed.asked.length)} failed`;
    same(got.error?.code, 'Injected', `error ${what}`);
    same(got.error?.attempt, n, `attempt ${what}`);
    const done = Math.min(all, doneBefore(undisturbed.asked, n, walk.mappings));
    same(got.doneBytes, done, `bytes done ${what}`);
    sameBytes(list.memory, want, `memory ${what}`);
    rig.checkClean(what);
  }
}

function refusedWithOne(rig: Rig, walk: Walk, kind: MemoryKind, code: string): void {
  const { outcome: got, list, want } = runOnce(rig, walk, kind, -1);
  same(got.error?.code, code, 'error of a pair of mappings where one can be held');
  same(got.doneBytes, 0, 'bytes done');
  sameBytes(list.memory, want, 'memory');
  rig.checkClean('afterwards');
}

/** Every failure of every walk. */
export const everyFailure: Clause = ({ describe, it, subject, contract }) => {
  for (const { title, options } of VARIANTS) {
    describe(title, () => {
      for (const kind of mappableKinds(contract)) {
        const { beyond } = contract.except?.[kind]?.nesting ?? contract.nesting;
        const room = capacity(contract, kind, { ...subject.machine, ...options });
        for (const walk of WALKS) {
          if (walk.mappings > room) {
            it(`${walk.title} over ${kind} needs two mappings, so it fails with ${beyond} at once`, () => {
              refusedWithOne(new Rig(subject, options), walk, kind, beyond);
            });
          } else {
            it(`${walk.title} over ${kind}: each map failed in turn`, () => {
              failEach(() => new Rig(subject, options), walk, kind);
            });
          }
        }
      }
    });
  }
};
