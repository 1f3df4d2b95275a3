/**
 * Clause: lists of every shape are read and written exactly, through pools of ordinary size and of one.
 */
import type { MachineOptions } from '../machine/config.ts';
import { CYCLE_MODEL } from '../machine/ledger.ts';
import type { CountName, LedgerCounts } from '../machine/ledger.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { Contract } from '../mapping/contract.ts';
import { sgCompare, sgCopyList } from '../scatterlist/copy/list-to-list.ts';
import {
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgFill,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from '../scatterlist/copy/sg-copy.ts';
import { SgMiter } from '../scatterlist/map/sg-miter.ts';
import { check, errorOf, same, sameBytes, valueOf } from './check.ts';
import type { Clause } from './clause.ts';
import { capacity } from './capacity.ts';
import { namedPools } from './pools.ts';
import { Rig, mappableKinds, pattern } from './rig.ts';
import { SHAPES, ShapedList } from './shapes.ts';
import type { Shape } from './shapes.ts';
import { VARIANTS } from './variants.ts';
import type { Variant } from './variants.ts';

/** A limit of one mapping at a time, if there is a limit. */
function poolOfOne(pageSize: number, contract: Contract): Variant {
  const bounceSlots = Math.ceil(pageSize / 2048);
  // The longest entry of the shapes covers three pages; a guard page follows it.
  const sizes = { pkmapSlots: 1, kmMaxIdx: 2, bounceSlots, vmallocPages: 4 };
  return { title: 'pools of one', options: { mode: 'checked', ...namedPools(contract, sizes) } };
}

function reads(rig: Rig, list: ShapedList): void {
  const { backend } = rig;
  const want = list.bytes;
  const out = new Uint8Array(want.length + 5).fill(0xdd);
  same(valueOf(sgCopyToBuffer(list.list, out, backend), 'sgCopyToBuffer'), want.length, 'bytes copied');
  sameBytes(out.subarray(0, want.length), want, 'sgCopyToBuffer');
  check(
    out.subarray(want.length).every((byte) => byte === 0xdd),
    'sgCopyToBuffer wrote past the bytes it copied',
  );
  for (const skip of [1, Math.floor(want.length / 2), Math.max(0, want.length - 1)]) {
    const part = new Uint8Array(9);
    const expected = want.subarray(skip, skip + 9);
    same(
      valueOf(sgPcopyToBuffer(list.list, part, backend, skip), 'sgPcopyToBuffer'),
      skip > want.length ? 0 : expected.length,
      `bytes copied from ${String(skip)}`,
    );
    sameBytes(part.subarray(0, expected.length), expected, `sgPcopyToBuffer from ${String(skip)}`);
  }
  const walked: number[] = [];
  const it = new SgMiter(list.list.sgl, backend, 'fromSg', list.list.origNents);
  while (valueOf(it.next(), 'SgMiter.next')) {
    const chunk = new Uint8Array(it.length);
    it.mapping.copyTo(chunk);
    walked.push(...chunk);
  }
  it.stop();
  sameBytes(Uint8Array.from(walked), want, 'SgMiter');
}

function writes(rig: Rig, list: ShapedList): void {
  const { backend } = rig;
  const length = list.length;
  const steps: readonly (readonly [title: string, bytes: Uint8Array, skip: number, run: () => number])[] = [
    ...[0, 3].map((skip) => {
      const bytes = pattern(Math.max(0, length - skip - 1), 90 + skip);
      return [
        `sgPcopyFromBuffer from ${String(skip)}`,
        bytes,
        skip,
        () => valueOf(sgPcopyFromBuffer(list.list, bytes, backend, skip), 'sgPcopyFromBuffer'),
      ] as const;
    }),
    [
      'sgFill',
      new Uint8Array(length).fill(0x3c),
      0,
      () => valueOf(sgFill(list.list, 0x3c, { lengthBytes: length }, backend), 'sgFill'),
    ],
    [
      'sgZeroBuffer',
      new Uint8Array(Math.floor(length / 2)),
      1,
      () => valueOf(sgZeroBuffer(list.list, Math.floor(length / 2), backend, 1), 'sgZeroBuffer'),
    ],
    [
      'sgCopyFromBuffer',
      pattern(length, 91),
      0,
      () => valueOf(sgCopyFromBuffer(list.list, pattern(length + 5, 91), backend), 'sgCopyFromBuffer'),
    ],
  ];
  for (const [title, bytes, skip, run] of steps) {
    const want = list.written(list.memory, bytes, skip);
    same(run(), Math.max(0, Math.min(bytes.length, length - skip)), `bytes done by ${title}`);
    sameBytes(list.memory, want, `memory after ${title}`);
  }
}

function pair(rig: Rig, shape: Shape, kind: MemoryKind): void {
  const to = new ShapedList(rig, shape, kind, 1);
  const reversed: Shape = { ...shape, segments: (size) => [...shape.segments(size)].reverse() };
  const from = new ShapedList(rig, reversed, kind, 50);
  const length = from.length;
  const want = to.written(to.memory, from.bytes);
  const unchanged = from.memory;
  const range = { lengthBytes: length };
  same(valueOf(sgCopyList(to.list, from.list, range, rig.backend), 'sgCopyList'), length, 'bytes copied');
  sameBytes(to.memory, want, 'memory after sgCopyList');
  sameBytes(from.memory, unchanged, 'the source of sgCopyList');
  const equal = valueOf(sgCompare(to.list, from.list, range, rig.backend), 'sgCompare');
  // An entry that overlaps another may have been overwritten; then the lists differ at the changed bytes.
  const [left, right] = [to.bytes, from.bytes];
  const differsAt = left.findIndex((byte, i) => byte !== right[i]);
  same(equal.equal ? -1 : equal.atByte, differsAt, 'where sgCompare finds a difference');
}

function pairNeedsTwo(rig: Rig, shape: Shape, kind: MemoryKind): void {
  const list = new ShapedList(rig, shape, kind, 1);
  const other = new ShapedList(rig, shape, kind, 2);
  const before = list.memory;
  const range = { lengthBytes: list.length };
  const copied = sgCopyList(list.list, other.list, range, rig.backend);
  if (range.lengthBytes === 0) same(valueOf(copied, 'sgCopyList of nothing'), 0, 'bytes copied');
  else errorOf(copied, 'sgCopyList with room for one mapping');
  sameBytes(list.memory, before, 'memory after the refusal');
}

/** The work of one test, and its cost. With a trace every piece is mapped, even if the backend has `pass`. */
function costOf(rig: Rig, shape: Shape, kind: MemoryKind, usePair: Use | undefined): LedgerCounts {
  const list = new ShapedList(rig, shape, kind, 3);
  reads(rig, list);
  writes(rig, list);
  usePair?.(rig, shape, kind);
  rig.checkClean('afterwards');
  return rig.machine.ledger;
}

type Use = (rig: Rig, shape: Shape, kind: MemoryKind) => void;

function sameCosts(got: LedgerCounts, want: LedgerCounts): void {
  for (const name of Object.keys(CYCLE_MODEL).filter(isCount))
    same(got[name], want[name], `${name} counted by pass, compared with mapping each piece`);
}

function isCount(name: string): name is CountName {
  return name in CYCLE_MODEL;
}

/** Shapes of lists. */
export const hostileShapes: Clause = ({ describe, it, subject, contract }) => {
  const { pageSize } = new Rig(subject, {}).machine;
  const one = poolOfOne(pageSize, contract);
  for (const variant of [...VARIANTS, one]) {
    describe(variant.title, () => {
      const options: MachineOptions = { ...subject.machine, ...variant.options };
      for (const kind of mappableKinds(contract)) {
        const { beyond } = contract.except?.[kind]?.nesting ?? contract.nesting;
        const room =
          variant === one
            ? Math.min(1, capacity(contract, kind, options))
            : capacity(contract, kind, options);
        for (const shape of SHAPES) {
          it(`${kind}: ${shape.title}`, () => {
            const isRefused = beyond !== 'violation' && capacity(contract, kind, options) < 2;
            const usePair = room >= 2 ? pair : isRefused ? pairNeedsTwo : undefined;
            const rig = new Rig(subject, variant.options);
            const cost = costOf(rig, shape, kind, usePair);
            if (rig.backend.pass === undefined) return;
            const traced = new Rig(subject, { ...variant.options, trace: true });
            sameCosts(cost, costOf(traced, shape, kind, usePair));
          });
        }
      }
    });
  }
};
