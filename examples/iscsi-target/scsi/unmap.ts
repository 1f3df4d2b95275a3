/** Thin provisioning: UNMAP and GET LBA STATUS. */
import type { Store } from '../store/store.ts';
import { bytesOf, checkRange } from './blocks.ts';
import type { Blocks } from './blocks.ts';
import { check, GOOD, moved, parameterList, truncated } from './command.ts';
import type { ScsiCommand, Work } from './command.ts';
import {
  INVALID_FIELD_IN_CDB,
  INVALID_FIELD_IN_PARAMETERS,
  LBA_OUT_OF_RANGE,
  PARAMETER_LIST_LENGTH,
} from './sense.ts';
import { SLICE_BYTES, slices } from './slices.ts';

/** The most descriptors of one UNMAP; the block limits page has this number, too. */
export const MAX_UNMAP_DESCRIPTORS = 256;
/** The number of blocks whose status is read in one slice. */
const STATUS_BLOCKS = 16384;
const HEADER = 8;
const DESCRIPTOR = 16;

/** Unmapping a page takes about as long as copying this many bytes. */
const COST_SHARE = 16;

/** Unmaps blocks, which takes long where there are many. */
export function* unmapBlocks(store: Store, { lba, count }: Blocks): Work {
  const offset = bytesOf(lba);
  for (const { at, bytes } of slices(offset, bytesOf(count), COST_SHARE * SLICE_BYTES)) {
    const failure = store.unmap(offset + at, bytes);
    if (failure !== undefined) return moved(failure);
    yield Math.ceil(bytes / COST_SHARE);
  }
  return GOOD;
}

export const UNMAP: ScsiCommand = {
  name: 'UNMAP',
  opcode: 0x42,
  usage: [0x00, 0x00, 0x00, 0x00, 0x00, 0x1f, 0xff, 0xff, 0x07],
  writes: true,
  admit: ({ cdb }) => ((cdb.u8(1) & 1) !== 0 ? INVALID_FIELD_IN_CDB : { bytes: cdb.u16(7) }),
  *run(request) {
    const { unit, store, dataBytes } = request;
    if (dataBytes === 0) return GOOD;
    if (dataBytes < HEADER) return check(PARAMETER_LIST_LENGTH);
    const list = parameterList(request);
    if (!(list instanceof Uint8Array)) return list;
    const view = new DataView(list.buffer);
    const ranges = [];
    const end = Math.min(HEADER + view.getUint16(2), dataBytes);
    for (let at = HEADER; at + DESCRIPTOR <= end; at += DESCRIPTOR) {
      const lba = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
      ranges.push({ lba, count: view.getUint32(at + 8) });
    }
    if (ranges.length > MAX_UNMAP_DESCRIPTORS) return check(INVALID_FIELD_IN_PARAMETERS);
    // If one range is wrong, none is unmapped.
    if (ranges.some((range) => range.count > 0 && checkRange(unit, range) !== undefined))
      return check(LBA_OUT_OF_RANGE);
    for (const range of ranges) {
      const ended = yield* unmapBlocks(store, range);
      if (ended.status !== 'good') return ended;
    }
    return GOOD;
  },
};

/** Consecutive blocks that are all mapped or all unmapped. */
interface Run {
  readonly lba: number;
  readonly mapped: boolean;
  count: number;
}

/** Adds blocks to the runs; returns false if they need a new run and there is no room for one. */
function addRuns(
  runs: Run[],
  store: Store,
  { from, end, most }: { readonly from: number; readonly end: number; readonly most: number },
): boolean {
  let last = runs.at(-1);
  for (let lba = from; lba < end; lba += 1) {
    const mapped = store.isMapped(lba);
    if (last?.mapped === mapped) last.count += 1;
    else if (runs.length < most) runs.push((last = { lba, mapped, count: 1 }));
    else return false;
  }
  return true;
}

export const GET_LBA_STATUS: ScsiCommand = {
  name: 'GET LBA STATUS',
  opcode: 0x9e,
  serviceAction: 0x12,
  usage: [0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x07],
  *run({ cdb, unit, store }) {
    const first = cdb.u64(2);
    if (first >= unit.blocks) return check(LBA_OUT_OF_RANGE);
    const room = Math.max(1, Math.floor((cdb.u32(10) - HEADER) / DESCRIPTOR));
    const runs: Run[] = [];
    const most = Math.min(room, 1024);
    let lba = first;
    while (lba < unit.blocks) {
      const end = Math.min(lba + STATUS_BLOCKS, unit.blocks);
      if (!addRuns(runs, store, { from: lba, end, most })) break;
      lba = end;
      yield SLICE_BYTES;
    }
    yield SLICE_BYTES / 4;
    const view = new DataView(new ArrayBuffer(HEADER + runs.length * DESCRIPTOR));
    view.setUint32(0, 4 + runs.length * DESCRIPTOR);
    for (const [i, { lba, mapped, count }] of runs.entries()) {
      const at = HEADER + i * DESCRIPTOR;
      view.setUint32(at, Math.floor(lba / 2 ** 32));
      view.setUint32(at + 4, lba >>> 0);
      view.setUint32(at + 8, count);
      view.setUint8(at + 12, mapped ? 0 : 1);
    }
    return truncated(new Uint8Array(view.buffer), cdb.u32(10));
  },
};
