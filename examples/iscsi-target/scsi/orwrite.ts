/** ORWRITE (16): bits of the data are set on the disk. */
import { blocksOf, blockUsage, bytesOf, forcesUnitAccess } from './blocks.ts';
import { GOOD, moved } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { slices } from './slices.ts';
import { admitBlocks } from './write.ts';

export const ORWRITE: ScsiCommand = {
  name: 'ORWRITE (16)',
  opcode: 0x8b,
  usage: blockUsage(16, 0xf8),
  writes: true,
  admit: ({ cdb, unit }) => admitBlocks(unit, cdb, 16),
  *run({ cdb, store, data, dataBytes }) {
    if (data === undefined) return GOOD;
    const offset = bytesOf(blocksOf(cdb, 16).lba);
    for (const { at, bytes } of slices(offset, dataBytes)) {
      if (at > 0) yield bytes;
      const bits = new Uint8Array(bytes);
      const before = new Uint8Array(bytes);
      const failure = data.read(bits, at) ?? store.range(offset + at, bytes).read(before, 0);
      if (failure !== undefined) return moved(failure);
      for (const [i, byte] of before.entries()) bits[i] = (bits[i] ?? 0) | byte;
      const wrong = data.write(bits, at) ?? store.put(offset + at, data, at, bytes, true);
      if (wrong !== undefined) return moved(wrong);
    }
    return GOOD;
  },
  durable: forcesUnitAccess,
};
