/** VERIFY and WRITE AND VERIFY (10), (12), (16). */
import { PAGE_BYTES } from '../store/provisioning.ts';
import { BLOCK_BYTES } from '../store/store.ts';
import { blocksOf, blockUsage, bytesOf, checkTransfer } from './blocks.ts';
import type { CdbSize } from './blocks.ts';
import { check, GOOD, moved } from './command.ts';
import type { Admission, Request, ScsiCommand, Work } from './command.ts';
import { INVALID_FIELD_IN_CDB, miscompare } from './sense.ts';
import { SLICE_BYTES } from './slices.ts';
import { admitBlocks, writeData } from './write.ts';

/** BYTCHK: 0 checks the medium, 1 compares with the data, 3 with one block of data repeated. */
function byteCheck({ cdb }: Pick<Request, 'cdb'>): number {
  return (cdb.u8(1) >> 1) & 3;
}

function admit(request: Omit<Request, 'data' | 'dataBytes'>, size: CdbSize): Admission {
  const { cdb, unit } = request;
  const mode = byteCheck(request);
  if (mode === 2) return INVALID_FIELD_IN_CDB;
  const { count } = blocksOf(cdb, size);
  const wrong = checkTransfer(unit, cdb, size);
  if (wrong !== undefined || mode === 0) return wrong ?? { bytes: 0 };
  return mode === 3 ? { bytes: bytesOf(Math.min(count, 1)) } : { bytes: bytesOf(count), partial: true };
}

/** Compares the disk with the data, block by block where one block is repeated. */
function* compare(request: Request, size: CdbSize): Work {
  const { cdb, store, data, dataBytes } = request;
  const mode = byteCheck(request);
  if (mode === 0 || data === undefined) return GOOD;
  const { lba, count } = blocksOf(cdb, size);
  const offset = bytesOf(lba);
  const total = mode === 3 ? bytesOf(count) : dataBytes;
  // Finding and mapping a block costs more than comparing it.
  const most = mode === 3 ? BLOCK_BYTES : SLICE_BYTES;
  let worked = 0;
  for (let at = 0; at < total;) {
    const bytes = Math.min(most, total - at);
    const { failure, atByte } = store.compare(offset + at, data, mode === 3 ? 0 : at, bytes);
    if (failure !== undefined) return moved(failure);
    if (atByte >= 0) return check(miscompare(at + atByte));
    at += bytes;
    worked += Math.max(bytes, PAGE_BYTES);
    if (worked < SLICE_BYTES && at < total) continue;
    yield worked;
    worked = 0;
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
    admit: ({ cdb, unit }) => admitBlocks(unit, cdb, size),
    *run(request) {
      const written = yield* writeData(request, blocksOf(request.cdb, size).lba, false);
      return written.status === 'good' ? yield* compare(request, size) : written;
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
