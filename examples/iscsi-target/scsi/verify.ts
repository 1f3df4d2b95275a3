/** VERIFY and WRITE AND VERIFY (10), (12), (16). */
import { blocksOf, blockUsage, bytesOf, checkTransfer } from './blocks.ts';
import type { CdbSize } from './blocks.ts';
import { check, GOOD, moved } from './command.ts';
import type { Admission, Outcome, Request, ScsiCommand } from './command.ts';
import { INVALID_FIELD_IN_CDB, miscompare } from './sense.ts';
import { writeData } from './write.ts';

/** BYTCHK: 0 checks the medium, 1 compares with the data, 3 with one block of data repeated. */
function byteCheck({ cdb }: Pick<Request, 'cdb'>): number {
  return (cdb.u8(1) >> 1) & 3;
}

function admit(request: Omit<Request, 'data' | 'dataBytes'>, size: CdbSize): Admission {
  const { cdb, unit } = request;
  const mode = byteCheck(request);
  if (mode === 2) return INVALID_FIELD_IN_CDB;
  const { count } = blocksOf(cdb, size);
  return (
    checkTransfer(unit, cdb, size) ?? { bytes: bytesOf(mode === 3 && count > 0 ? 1 : mode === 0 ? 0 : count) }
  );
}

/** Compares the disk with the data, block by block where one block is repeated. */
function compare(request: Request, size: CdbSize): Outcome {
  const { cdb, store, data, dataBytes } = request;
  const mode = byteCheck(request);
  if (mode === 0 || data === undefined || dataBytes === 0) return GOOD;
  const { lba, count } = blocksOf(cdb, size);
  for (let i = 0; i < (mode === 3 ? count : 1); i += 1) {
    const { failure, atByte } = store.compare(bytesOf(lba + i), data, 0, dataBytes);
    if (failure !== undefined) return moved(failure);
    if (atByte >= 0) return check(miscompare(bytesOf(i) + atByte));
  }
  return GOOD;
}

function verify(opcode: number, size: CdbSize): ScsiCommand {
  return {
    name: `VERIFY (${String(size)})`,
    opcode,
    usage: blockUsage(size, 0xf6),
    admit: (request) => admit(request, size),
    run: (request) => compare(request, size),
    durable: () => true,
  };
}

function writeAndVerify(opcode: number, size: CdbSize): ScsiCommand {
  return {
    name: `WRITE AND VERIFY (${String(size)})`,
    opcode,
    usage: blockUsage(size, 0xf6),
    writes: true,
    admit: ({ cdb, unit }) => checkTransfer(unit, cdb, size) ?? { bytes: bytesOf(blocksOf(cdb, size).count) },
    run: (request) => {
      const written = writeData(request, blocksOf(request.cdb, size).lba, false);
      return written.status === 'good' ? compare(request, size) : written;
    },
    durable: () => true,
  };
}

export const VERIFIES: readonly ScsiCommand[] = [
  verify(0x2f, 10),
  verify(0xaf, 12),
  verify(0x8f, 16),
  writeAndVerify(0x2e, 10),
  writeAndVerify(0xae, 12),
  writeAndVerify(0x8e, 16),
];
