/** Commands that move no blocks: TEST UNIT READY, REQUEST SENSE, SYNCHRONIZE CACHE, PRE-FETCH. */
import { blocksOf, blockUsage, checkRange } from './blocks.ts';
import { check, GOOD, truncated } from './command.ts';
import type { Cdb, Outcome, Request, ScsiCommand } from './command.ts';
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

const IMMED = 0x02;

function ranged(
  name: string,
  opcode: number,
  size: 10 | 16,
): Omit<ScsiCommand, 'durable' | 'run'> & { readonly run: (request: Request) => Outcome } {
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

/** PRE-FETCH: the whole disk is in memory, so only the range is checked. */
function preFetch(opcode: number, size: 10 | 16): ScsiCommand {
  return ranged('PRE-FETCH', opcode, size);
}

/** SYNCHRONIZE CACHE: the whole disk is written back, for any range. With IMMED the response does not wait for it. */
function synchronizeCache(opcode: number, size: 10 | 16): ScsiCommand {
  const command = ranged('SYNCHRONIZE CACHE', opcode, size);
  return {
    ...command,
    run: (request) => {
      const outcome = command.run(request);
      if (outcome.status === 'good' && isImmediate(request.cdb)) void request.unit.cache?.flush();
      return outcome;
    },
    durable: (cdb) => !isImmediate(cdb),
  };
}

function isImmediate(cdb: Cdb): boolean {
  return (cdb.u8(1) & IMMED) !== 0;
}

export const CONTROLS: readonly ScsiCommand[] = [
  testUnitReady,
  requestSense,
  synchronizeCache(0x35, 10),
  synchronizeCache(0x91, 16),
  preFetch(0x34, 10),
  preFetch(0x90, 16),
];
