/** READ (6), (10), (12), (16). */
import { blocksOf, blockUsage, bytesOf, checkTransfer, forcesUnitAccess } from './blocks.ts';
import type { CdbSize } from './blocks.ts';
import { check } from './command.ts';
import type { ScsiCommand } from './command.ts';

function read(opcode: number, size: CdbSize): ScsiCommand {
  return {
    name: `READ (${String(size)})`,
    opcode,
    usage: blockUsage(size, 0xf8),
    run: ({ cdb, unit, store }) => {
      const wrong = checkTransfer(unit, cdb, size);
      if (wrong !== undefined) return check(wrong);
      const { lba, count } = blocksOf(cdb, size);
      return { status: 'good', data: store.range(bytesOf(lba), bytesOf(count)) };
    },
    durable: (cdb) => size !== 6 && forcesUnitAccess(cdb),
  };
}

export const READS: readonly ScsiCommand[] = [read(0x08, 6), read(0x28, 10), read(0xa8, 12), read(0x88, 16)];
