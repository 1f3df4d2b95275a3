/** A SCSI command under way: from its PDU until its response or its abort. */
import { Cdb, moved } from '../scsi/command.ts';
import type { Outcome, ScsiCommand } from '../scsi/command.ts';
import { BLOCK_BYTES } from '../store/store.ts';
import type { Extent, Failure, Store } from '../store/store.ts';
import type { SessionBudget } from './data-budget.ts';
import type { DataSequence } from './data-sequence.ts';
import { FINAL, READ, WRITE } from './pdu.ts';
import type { PduOf } from './pdu.ts';

/** SCSI status codes. */
export const STATUS_CODES = {
  good: 0x00,
  check: 0x02,
  busy: 0x08,
  conflict: 0x18,
  taskSetFull: 0x28,
} as const;

/** How a task ended: with the outcome of the command, or with a status of the target. */
export type Ending = Outcome | { readonly status: 'conflict' | 'taskSetFull' };

/** The state of one command. */
export class Task {
  readonly itt: number;
  readonly lun: number;
  readonly cdb: Cdb;
  /** EXPECTED DATA TRANSFER LENGTH. */
  readonly expectedBytes: number;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly immediate: boolean;
  /** Whether no unsolicited data follow the command. */
  readonly final: boolean;
  command: ScsiCommand | undefined = undefined;
  /** The outcome of a task that ends before it runs. */
  ending: Ending | undefined = undefined;
  /** Bytes that the command wants from the initiator. */
  wantedBytes = 0;
  /** The bytes of those that will come, which are not more than the initiator has. */
  dataBytes = 0;
  data: Extent | undefined = undefined;
  /** Bytes that have come, without gaps from the beginning. */
  arrivedBytes = 0;
  sequence: DataSequence | undefined = undefined;
  nextR2TSN = 0;
  /** The number of the next Data-In, which is the number of those that were sent. */
  nextDataSN = 0;
  /** Whether its turn in the command order has come. */
  started = false;
  /** Whether it counts in the command window. */
  counts = true;
  /** Whether it has had its response or was aborted. PDUs for it that come later are dropped. */
  ended = false;
  /** The steps of the command while it runs and of its response while it is sent. */
  work: Generator<number, void> | undefined = undefined;
  #failure: Failure = undefined;
  #budget: SessionBudget | undefined = undefined;

  constructor(pdu: PduOf<'scsiCommand'>) {
    this.itt = pdu.itt;
    this.lun = pdu.lun;
    this.cdb = new Cdb(pdu.cdb);
    this.expectedBytes = pdu.edtl;
    this.reads = (pdu.flags & READ) !== 0;
    this.writes = (pdu.flags & WRITE) !== 0;
    this.immediate = pdu.immediate;
    this.final = (pdu.flags & FINAL) !== 0;
  }

  /**
   * Whether its flags and expected length fit what the command wants. If there are fewer data than wanted, whole
   * blocks are accepted, and only by commands that can work with a part.
   */
  fits(partial: boolean): boolean {
    const { reads, writes, expectedBytes, wantedBytes } = this;
    if (reads && writes) return false;
    if (!reads && !writes && expectedBytes !== 0) return false;
    if (wantedBytes === 0) return true;
    if (!writes) return false;
    return expectedBytes >= wantedBytes || (partial && expectedBytes % BLOCK_BYTES === 0);
  }

  /** Takes memory for its data; returns false if there is none for this session now. */
  stage(store: Store, budget: SessionBudget): boolean {
    if (!budget.take(this.dataBytes)) return false;
    this.#budget = budget;
    this.data = store.stage(this.dataBytes);
    if (this.data === undefined) this.release();
    return this.data !== undefined;
  }

  /** Puts a piece of data in its place; data beyond the wanted bytes are dropped. */
  receive(piece: Uint8Array, at: number): void {
    const room = this.dataBytes - at;
    if (room <= 0 || this.data === undefined) return;
    this.#failure ??= this.data.write(room < piece.length ? piece.subarray(0, room) : piece, at);
  }

  /** Why data could not be put in their place. */
  get receiveFailed(): Outcome | undefined {
    return this.#failure === undefined ? undefined : moved(this.#failure);
  }

  /** Gives its memory back. */
  release(): void {
    this.data?.release();
    this.data = undefined;
    this.#budget?.give(this.dataBytes);
    this.#budget = undefined;
  }
}
