/** READ CAPACITY (10) and (16). */
import { BLOCK_BYTES } from '../store/store.ts';
import { truncated } from './command.ts';
import type { ScsiCommand } from './command.ts';

const readCapacity10: ScsiCommand = {
  name: 'READ CAPACITY (10)',
  opcode: 0x25,
  usage: [0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x01, 0x07],
  run: ({ unit }) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, Math.min(unit.blocks - 1, 0xffff_ffff));
    view.setUint32(4, BLOCK_BYTES);
    return { status: 'good', data: new Uint8Array(view.buffer) };
  },
};

const readCapacity16: ScsiCommand = {
  name: 'READ CAPACITY (16)',
  opcode: 0x9e,
  serviceAction: 0x10,
  usage: [0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x07],
  run: ({ cdb, unit }) => {
    const view = new DataView(new ArrayBuffer(32));
    const last = unit.blocks - 1;
    view.setUint32(0, Math.floor(last / 2 ** 32));
    view.setUint32(4, last >>> 0);
    view.setUint32(8, BLOCK_BYTES);
    // Eight logical blocks make a physical one: a page.
    view.setUint8(13, 3);
    // LBPME and LBPRZ: thin, and unmapped blocks read as zeros.
    view.setUint8(14, 0xc0);
    return truncated(new Uint8Array(view.buffer), cdb.u32(10));
  },
};

export const CAPACITIES: readonly ScsiCommand[] = [readCapacity10, readCapacity16];
