/** The interface that every SCSI command implements. */
import type { Extent, Failure, Store } from '../store/store.ts';
import { COMMUNICATION_FAILURE, SPACE_ALLOCATION_FAILED, WRITE_ERROR } from './sense.ts';
import type { Sense } from './sense.ts';

/** Fields of a command block, which are big-endian. */
export class Cdb {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  u8(at: number): number {
    return this.bytes[at] ?? 0;
  }

  u16(at: number): number {
    return this.u8(at) * 2 ** 8 + this.u8(at + 1);
  }

  u32(at: number): number {
    return this.u16(at) * 2 ** 16 + this.u16(at + 2);
  }

  /** A 64-bit field. Above 2^53 it is not exact, and then it is outside the disk in any case. */
  u64(at: number): number {
    return this.u32(at) * 2 ** 32 + this.u32(at + 4);
  }
}

/** Memory that holds what was written until it is on the medium. */
export interface WriteCache {
  /** WCE of the caching page. If it is set, a write succeeds when it is in memory, and otherwise when it is on the medium. */
  enabled: boolean;
  /** What `enabled` is after a reset. */
  readonly enabledByDefault: boolean;
  /** Resolves when everything that was written before the call is on the medium, or with the reason why it is not. */
  flush(): Promise<Failure>;
}

/** The logical unit as its commands see it. */
export interface LogicalUnit {
  readonly blocks: number;
  /** Most blocks of one transfer. */
  readonly maxTransferBlocks: number;
  readonly targetName: string;
  /** Whether the medium cannot be written. An initiator cannot change this. */
  readonly readOnly: boolean;
  /** Undefined if there is no image. Then the memory is the medium. */
  readonly cache: WriteCache | undefined;
  /** SWP of the control mode page: writes are refused. */
  softwareWriteProtect: boolean;
  /** The session that holds the RESERVE (6) reservation. */
  reservedBy: object | undefined;
}

/** One command to run. */
export interface Request {
  readonly cdb: Cdb;
  readonly unit: LogicalUnit;
  readonly store: Store;
  /** The session that sent it, for reservations. */
  readonly session: object;
  /** EXPECTED DATA TRANSFER LENGTH: how many bytes the initiator has room for, or sends. */
  readonly expectedBytes: number;
  /** The data that came with it: `dataBytes` long. */
  readonly data: Extent | undefined;
  readonly dataBytes: number;
}

/** How a command ended. */
export type Outcome =
  | { readonly status: 'good'; readonly data?: Uint8Array | Extent }
  | { readonly status: 'check'; readonly sense: Sense };

/** Success without data. */
export const GOOD: Outcome = { status: 'good' };

/** A failed command. */
export function check(sense: Sense): Outcome {
  return { status: 'check', sense };
}

/** The outcome of a transfer: success, or the sense of its failure. */
export function moved(failure: Failure): Outcome {
  if (failure === undefined) return GOOD;
  return check(failure.full ? SPACE_ALLOCATION_FAILED : COMMUNICATION_FAILURE);
}

/** A command that takes long. It yields the number of bytes that it worked on, and other sessions have their turn in between. */
export type Work = Generator<number, Outcome>;

/**
 * What is known before a command's data move: why it cannot run, or how many bytes it wants. A command that
 * is `partial` can work with fewer whole blocks.
 */
export type Admission = Sense | { readonly bytes: number; readonly partial?: boolean };

/** The implementation of one operation code, or one service action of it. */
export interface ScsiCommand {
  readonly name: string;
  readonly opcode: number;
  readonly serviceAction?: number;
  /** CDB USAGE DATA: bits that mean something, from byte 1 on; the length is the CDB's. */
  readonly usage: readonly number[];
  /** Whether it is refused if the unit is write protected or if another session has a reservation. */
  readonly writes?: boolean;
  /** Whether it is allowed even if another session has a reservation. */
  readonly ignoresReservation?: boolean;
  /** Returns how many bytes it wants from the initiator, or why it cannot run. Commands without this function want none. */
  readonly admit?: (request: Omit<Request, 'data' | 'dataBytes'>) => Admission;
  readonly run: (request: Request) => Outcome | Work;
  /** Whether its response waits until everything that was written before is on the medium: FUA, SYNCHRONIZE CACHE. */
  readonly durable?: (cdb: Cdb) => boolean;
}

/** Whether every command that changes the medium is refused. */
export function isWriteProtected(unit: LogicalUnit): boolean {
  return unit.readOnly || unit.softwareWriteProtect;
}

/**
 * The outcome of a command that ran, when everything written is on the medium; undefined where neither the
 * command nor the cache's mode asks to wait for that.
 */
export function whenDurable(
  command: ScsiCommand,
  { unit: { cache }, cdb }: Request,
  outcome: Outcome,
): Promise<Outcome> | undefined {
  if (cache === undefined || outcome.status !== 'good') return undefined;
  const waits = command.durable?.(cdb) === true || (command.writes === true && !cache.enabled);
  return waits
    ? cache.flush().then((failure) => (failure === undefined ? outcome : check(WRITE_ERROR)))
    : undefined;
}

/** Data cut to what the command allows for. */
export function truncated(data: Uint8Array, allocationLength: number): Outcome {
  return { status: 'good', data: data.subarray(0, allocationLength) };
}

/** All of a command's data as one array; for parameter lists, which are short. */
export function parameterList(request: Request): Uint8Array | Outcome {
  const bytes = new Uint8Array(request.dataBytes);
  const failure = request.data?.read(bytes, 0);
  return failure === undefined ? bytes : moved(failure);
}
