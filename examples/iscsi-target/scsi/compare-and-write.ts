/** COMPARE AND WRITE: the second half of the data is written if the disk holds the first. */
import { bytesOf, checkTransfer, forcesUnitAccess } from './blocks.ts';
import type { Blocks } from './blocks.ts';
import { check, GOOD, moved } from './command.ts';
import type { Cdb, ScsiCommand } from './command.ts';
import { INVALID_FIELD_IN_CDB, miscompare } from './sense.ts';

/** The most blocks of one command, whose field for them is a byte; the block limits page has this number, too. */
export const MAX_COMPARE_BLOCKS = 255;

function blocks(cdb: Cdb): Blocks {
  return { lba: cdb.u64(2), count: cdb.u8(13) };
}

export const COMPARE_AND_WRITE: ScsiCommand = {
  name: 'COMPARE AND WRITE',
  opcode: 0x89,
  usage: [0xf8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0x1f, 0x07],
  writes: true,
  admit: ({ cdb, unit, expectedBytes }) => {
    const { count } = blocks(cdb);
    const wrong = checkTransfer(unit, cdb, 16, blocks(cdb));
    if (wrong !== undefined) return wrong;
    return expectedBytes === 2 * bytesOf(count) ? { bytes: expectedBytes } : INVALID_FIELD_IN_CDB;
  },
  run: ({ cdb, store, data }) => {
    const { lba, count } = blocks(cdb);
    if (data === undefined || count === 0) return GOOD;
    const { failure, atByte } = store.compare(bytesOf(lba), data, 0, bytesOf(count));
    if (failure !== undefined) return moved(failure);
    if (atByte >= 0) return check(miscompare(atByte));
    return moved(store.put(bytesOf(lba), data, bytesOf(count), bytesOf(count)));
  },
  durable: forcesUnitAccess,
};
