/** INQUIRY and its vital product data pages. */
import { check, truncated } from './command.ts';
import type { LogicalUnit, ScsiCommand } from './command.ts';
import { MAX_COMPARE_BLOCKS } from './compare-and-write.ts';
import { INVALID_FIELD_IN_CDB } from './sense.ts';
import { MAX_UNMAP_DESCRIPTORS } from './unmap.ts';
import { MAX_ATOMIC_BLOCKS } from './write.ts';

/** The blocks of a page, the best unit to write and to unmap. */
const GRANULARITY = 8;
const SERIAL = 'SCATTERLIST0001';

function ascii(text: string, length: number): Uint8Array {
  return Buffer.from(text.padEnd(length).slice(0, length), 'latin1');
}

function standard(): Uint8Array {
  const data = new Uint8Array(96);
  data[2] = 0x06; // SPC-4
  data[3] = 0x02;
  data[4] = data.length - 5;
  data[7] = 0x02; // command queueing
  data.set(ascii('LINUX', 8), 8);
  data.set(ascii('SCATTERLIST', 16), 16);
  data.set(ascii('1.0', 4), 32);
  // SAM-5, SPC-4, SBC-3, iSCSI
  for (const [i, version] of [0x00a0, 0x0460, 0x04c0, 0x0960].entries()) {
    data[58 + 2 * i] = version >> 8;
    data[59 + 2 * i] = version & 0xff;
  }
  return data;
}

function deviceIdentification(unit: LogicalUnit): Uint8Array {
  const naa = [0x60, 0x01, 0x40, 0x5f, ...ascii(unit.targetName.slice(-12), 12)];
  const vendor = [...ascii('LINUX', 8), ...ascii(SERIAL, SERIAL.length)];
  return Uint8Array.from([0x01, 0x03, 0, naa.length, ...naa, 0x02, 0x01, 0, vendor.length, ...vendor]);
}

function blockLimits({ maxTransferBlocks }: LogicalUnit): Uint8Array {
  const view = new DataView(new ArrayBuffer(60));
  // Offsets are those of the page, less its header of four bytes.
  view.setUint8(5 - 4, MAX_COMPARE_BLOCKS);
  view.setUint16(6 - 4, GRANULARITY);
  view.setUint32(8 - 4, maxTransferBlocks);
  view.setUint32(12 - 4, 512);
  view.setUint32(20 - 4, 0xffff_ffff);
  view.setUint32(24 - 4, MAX_UNMAP_DESCRIPTORS);
  view.setUint32(28 - 4, GRANULARITY);
  view.setUint32(32 - 4, 0x8000_0000);
  view.setUint32(44 - 4, Math.min(MAX_ATOMIC_BLOCKS, maxTransferBlocks));
  return new Uint8Array(view.buffer);
}

function blockCharacteristics(): Uint8Array {
  const data = new Uint8Array(60);
  data[1] = 1; // a medium that does not rotate
  return data;
}

// LBPU, LBPWS, LBPWS10, LBPRZ; thin.
const PROVISIONING = Uint8Array.from([0, 0xe4, 0x02, 0]);

const PAGES: Readonly<Record<number, (unit: LogicalUnit) => Uint8Array>> = {
  0x00: () => Uint8Array.from(Object.keys(PAGES), Number),
  0x80: () => ascii(SERIAL, SERIAL.length),
  0x83: deviceIdentification,
  0xb0: blockLimits,
  0xb1: blockCharacteristics,
  0xb2: () => PROVISIONING,
};

export const INQUIRY: ScsiCommand = {
  name: 'INQUIRY',
  opcode: 0x12,
  usage: [0x01, 0xff, 0xff, 0xff, 0x07],
  ignoresReservation: true,
  run: ({ cdb, unit }) => {
    const page = cdb.u8(2);
    if ((cdb.u8(1) & 1) === 0) {
      return page === 0 ? truncated(standard(), cdb.u16(3)) : check(INVALID_FIELD_IN_CDB);
    }
    const body = PAGES[page]?.(unit);
    if (body === undefined) return check(INVALID_FIELD_IN_CDB);
    return truncated(Uint8Array.from([0, page, 0, body.length, ...body]), cdb.u16(3));
  },
};

/** The INQUIRY data of a unit that does not exist: there is no device, and there cannot be one. */
export function absentUnit(allocationLength: number): Uint8Array {
  const data = standard();
  data[0] = 0x7f;
  return data.subarray(0, allocationLength);
}
