/** Which blocks a command names: the four shapes of read and write CDBs, checked against the disk. */
import { BLOCK_BYTES } from '../store/store.ts';
import type { Cdb, LogicalUnit } from './command.ts';
import { INVALID_FIELD_IN_CDB, LBA_OUT_OF_RANGE } from './sense.ts';
import type { Sense } from './sense.ts';

/** A run of blocks. */
export interface Blocks {
  readonly lba: number;
  readonly count: number;
}

/** Sizes of CDBs. */
export type CdbSize = 6 | 10 | 12 | 16;

/** USAGE DATA of a CDB with blocks: `flags` for byte 1, everything of address and count. */
export function blockUsage(size: CdbSize, flags: number): readonly number[] {
  if (size === 6) return [0x1f, 0xff, 0xff, 0xff, 0x07];
  const rest = {
    10: [0x1f, 0xff, 0xff, 0x07],
    12: [0xff, 0xff, 0xff, 0xff, 0x1f, 0x07],
    16: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x07],
  };
  return [flags, 0xff, 0xff, 0xff, 0xff, ...rest[size]];
}

/** Reads address and count. */
export function blocksOf(cdb: Cdb, size: CdbSize): Blocks {
  if (size === 6) return { lba: cdb.u32(0) & 0x1f_ffff, count: cdb.u8(4) === 0 ? 256 : cdb.u8(4) };
  if (size === 10) return { lba: cdb.u32(2), count: cdb.u16(7) };
  if (size === 12) return { lba: cdb.u32(2), count: cdb.u32(6) };
  return { lba: cdb.u64(2), count: cdb.u32(10) };
}

/** Most blocks of one transfer: 64 MiB. A target with less room for data has a lower limit. */
export const MAX_TRANSFER_BLOCKS = 131072;

/** Refuses blocks that are not there. */
export function checkRange(unit: LogicalUnit, { lba, count }: Blocks): Sense | undefined {
  return lba > unit.blocks || lba + count > unit.blocks || (count === 0 && lba >= unit.blocks)
    ? LBA_OUT_OF_RANGE
    : undefined;
}

/** RDPROTECT, WRPROTECT, VRPROTECT: the disk has no protection information, so they must be 0. */
function protect(cdb: Cdb): Sense | undefined {
  return cdb.u8(1) >> 5 === 0 ? undefined : INVALID_FIELD_IN_CDB;
}

/** Refuses blocks that are not there, or more than one transfer may have. */
export function checkTransfer(
  unit: LogicalUnit,
  cdb: Cdb,
  size: CdbSize,
  blocks: Blocks = blocksOf(cdb, size),
): Sense | undefined {
  const wrong = (size === 6 ? undefined : protect(cdb)) ?? checkRange(unit, blocks);
  return wrong ?? (blocks.count > unit.maxTransferBlocks ? INVALID_FIELD_IN_CDB : undefined);
}

/** FUA of reads and writes: what is read or written has to be on the medium before the response. */
export function forcesUnitAccess(cdb: Cdb): boolean {
  return (cdb.u8(1) & 0x08) !== 0;
}

/** Bytes of a number of blocks. */
export function bytesOf(blocks: number): number {
  return blocks * BLOCK_BYTES;
}
