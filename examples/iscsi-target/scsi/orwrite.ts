/** ORWRITE (16): bits of the data are set on the disk. */
import { blocksOf, blockUsage, bytesOf, checkTransfer, forcesUnitAccess } from './blocks.ts';
import { GOOD, moved } from './command.ts';
import type { ScsiCommand } from './command.ts';

export const ORWRITE: ScsiCommand = {
  name: 'ORWRITE (16)',
  opcode: 0x8b,
  usage: blockUsage(16, 0xf8),
  writes: true,
  admit: ({ cdb, unit }) => checkTransfer(unit, cdb, 16) ?? { bytes: bytesOf(blocksOf(cdb, 16).count) },
  run: ({ cdb, store, data, dataBytes }) => {
    if (data === undefined || dataBytes === 0) return GOOD;
    const offset = bytesOf(blocksOf(cdb, 16).lba);
    const bits = new Uint8Array(dataBytes);
    const before = new Uint8Array(dataBytes);
    const failure = data.read(bits, 0) ?? store.range(offset, dataBytes).read(before, 0);
    if (failure !== undefined) return moved(failure);
    for (const [i, byte] of before.entries()) bits[i] = (bits[i] ?? 0) | byte;
    return moved(data.write(bits, 0) ?? store.put(offset, data, 0, dataBytes, true));
  },
  durable: forcesUnitAccess,
};
