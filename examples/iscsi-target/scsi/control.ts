/** Commands that move no blocks: TEST UNIT READY, REQUEST SENSE, SYNCHRONIZE CACHE, PRE-FETCH. */
import { blocksOf, blockUsage, checkRange } from './blocks.ts';
import { check, GOOD, truncated } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { encodeSense } from './sense.ts';

const testUnitReady: ScsiCommand = {
  name: 'TEST UNIT READY',
  opcode: 0x00,
  usage: [0x00, 0x00, 0x00, 0x00, 0x07],
  run: () => GOOD,
};

const requestSense: ScsiCommand = {
  name: 'REQUEST SENSE',
  opcode: 0x03,
  usage: [0x01, 0x00, 0x00, 0xff, 0x07],
  ignoresReservation: true,
  run: ({ cdb }) => truncated(encodeSense({ key: 0, code: 0 }), cdb.u8(4)),
};

/** The disk is memory: nothing waits to be written or read ahead, only the range is checked. */
function ranged(name: string, opcode: number, size: 10 | 16): ScsiCommand {
  return {
    name: `${name} (${String(size)})`,
    opcode,
    usage: blockUsage(size, 0x06),
    run: ({ cdb, unit }) => {
      const wrong = checkRange(unit, blocksOf(cdb, size));
      return wrong === undefined ? GOOD : check(wrong);
    },
  };
}

export const CONTROLS: readonly ScsiCommand[] = [
  testUnitReady,
  requestSense,
  ranged('SYNCHRONIZE CACHE', 0x35, 10),
  ranged('SYNCHRONIZE CACHE', 0x91, 16),
  ranged('PRE-FETCH', 0x34, 10),
  ranged('PRE-FETCH', 0x90, 16),
];
