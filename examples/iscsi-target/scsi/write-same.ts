/** WRITE SAME (10) and (16): one block of data over many, or many unmapped. */
import { BLOCK_BYTES } from '../store/store.ts';
import { blocksOf, blockUsage, bytesOf, checkRange } from './blocks.ts';
import type { Blocks, CdbSize } from './blocks.ts';
import { check, moved } from './command.ts';
import type { Cdb, LogicalUnit, ScsiCommand } from './command.ts';
import { COMMUNICATION_FAILURE, INVALID_FIELD_IN_CDB } from './sense.ts';
import { SLICE_BYTES } from './slices.ts';
import { unmapBlocks } from './unmap.ts';

const ANCHOR = 0x10;
const UNMAP = 0x08;
const NDOB = 0x01;
/** Blocks written at a time. */
const STRIDE = SLICE_BYTES / BLOCK_BYTES;

/** A number of 0 blocks means all blocks up to the end. */
function run(unit: LogicalUnit, cdb: Cdb, size: CdbSize): Blocks {
  const { lba, count } = blocksOf(cdb, size);
  return { lba, count: count === 0 ? unit.blocks - lba : count };
}

function writeSame(opcode: number, size: 10 | 16): ScsiCommand {
  const hasData = (cdb: Cdb): boolean => size === 10 || (cdb.u8(1) & NDOB) === 0;
  return {
    name: `WRITE SAME (${String(size)})`,
    opcode,
    usage: blockUsage(size, size === 16 ? 0xf9 : 0xf8),
    writes: true,
    admit: ({ cdb, unit, expectedBytes }) => {
      const wanted = hasData(cdb) ? BLOCK_BYTES : 0;
      if (cdb.u8(1) >> 5 !== 0 || (cdb.u8(1) & ANCHOR) !== 0 || expectedBytes !== wanted)
        return INVALID_FIELD_IN_CDB;
      return checkRange(unit, blocksOf(cdb, size)) ?? { bytes: wanted };
    },
    *run({ cdb, unit, store, data }) {
      const { lba, count } = run(unit, cdb, size);
      // Like the kernel's target, this does not check the contents of the block of data.
      if ((cdb.u8(1) & UNMAP) !== 0) return yield* unmapBlocks(store, { lba, count });
      const block = new Uint8Array(BLOCK_BYTES);
      const failure = data?.read(block, 0);
      if (failure !== undefined) return moved(failure);
      const stride = Math.min(STRIDE, count);
      const copies = store.stage(bytesOf(stride));
      if (copies === undefined) return check(COMMUNICATION_FAILURE);
      try {
        let wrong = undefined;
        for (let i = 0; i < stride; i += 1) wrong ??= copies.write(block, bytesOf(i));
        for (let done = 0; done < count && wrong === undefined; done += stride) {
          wrong = store.put(bytesOf(lba + done), copies, 0, bytesOf(Math.min(stride, count - done)));
          yield bytesOf(stride);
        }
        return moved(wrong);
      } finally {
        copies.release();
      }
    },
  };
}

export const WRITE_SAMES: readonly ScsiCommand[] = [writeSame(0x41, 10), writeSame(0x93, 16)];
