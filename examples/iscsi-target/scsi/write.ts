/** WRITE (6), (10), (12), (16) and WRITE ATOMIC (16). Data are written to the disk when all of them have come. */
import {
  blocksOf,
  blockUsage,
  bytesOf,
  checkTransfer,
  forcesUnitAccess,
  MAX_TRANSFER_BLOCKS,
} from './blocks.ts';
import type { Blocks, CdbSize } from './blocks.ts';
import { GOOD, moved } from './command.ts';
import type { Admission, Cdb, LogicalUnit, Request, ScsiCommand, Work } from './command.ts';
import { INVALID_FIELD_IN_CDB } from './sense.ts';
import { slices } from './slices.ts';

/** What a command wants if it has a block of data for each of its blocks. */
export function admitBlocks(unit: LogicalUnit, cdb: Cdb, size: CdbSize): Admission {
  return checkTransfer(unit, cdb, size) ?? { bytes: bytesOf(blocksOf(cdb, size).count), partial: true };
}

/** Writes the data of a command that have come, in whole blocks from its first block. */
export function* writeData({ store, data, dataBytes }: Request, lba: number, spent: boolean): Work {
  const offset = bytesOf(lba);
  for (const { at, bytes } of slices(offset, data === undefined ? 0 : dataBytes)) {
    if (at > 0) yield bytes;
    const failure = data && store.put(offset + at, data, at, bytes, spent);
    if (failure !== undefined) return moved(failure);
  }
  return GOOD;
}

function write(opcode: number, size: CdbSize): ScsiCommand {
  return {
    name: `WRITE (${String(size)})`,
    opcode,
    usage: blockUsage(size, 0xf8),
    writes: true,
    admit: ({ cdb, unit }) => admitBlocks(unit, cdb, size),
    run: (request) => writeData(request, blocksOf(request.cdb, size).lba, true),
    durable: (cdb) => size !== 6 && forcesUnitAccess(cdb),
  };
}

/** The most blocks of an atomic write, which is not cut into slices; the block limits page has this number, too. */
export const MAX_ATOMIC_BLOCKS = MAX_TRANSFER_BLOCKS;

function atomicBlocks(cdb: Cdb): Blocks {
  return { lba: cdb.u64(2), count: cdb.u16(12) };
}

const writeAtomic: ScsiCommand = {
  name: 'WRITE ATOMIC (16)',
  opcode: 0x9c,
  usage: [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0xff, 0xff, 0x1f, 0x07],
  writes: true,
  admit: ({ cdb, unit }) => {
    const blocks = atomicBlocks(cdb);
    // Boundaries are not supported: the whole write is atomic.
    if (cdb.u16(10) !== 0 || blocks.count > MAX_ATOMIC_BLOCKS) return INVALID_FIELD_IN_CDB;
    return checkTransfer(unit, cdb, 16, blocks) ?? { bytes: bytesOf(blocks.count) };
  },
  run: ({ cdb, store, data, dataBytes }) =>
    data === undefined ? GOOD : moved(store.put(bytesOf(atomicBlocks(cdb).lba), data, 0, dataBytes, true)),
  durable: forcesUnitAccess,
};

export const WRITES: readonly ScsiCommand[] = [
  write(0x0a, 6),
  write(0x2a, 10),
  write(0xaa, 12),
  write(0x8a, 16),
  writeAtomic,
];
