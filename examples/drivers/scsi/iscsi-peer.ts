/**
 * The connection to an iSCSI peer. The peer cuts its stream into pieces of any length, as TCP may, and takes what it is sent
 * a window at a time.
 */
import type { Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import type { Context, Machine } from 'scatterlist/machine';
import { joined } from './iscsi-pdu.ts';

type Self = Parameters<Completion['complete']>[0];

/** Pieces that end inside a header, between two PDUs, inside padding and inside a digest. */
const PIECE_BYTES = [1, 47, 3, 1448, 2, 701, 1448];

/** Pieces that arrive before the peer's host is interrupted. */
const BATCH_PIECES = 3;

/** Bytes that may wait for the peer to take them. */
const WINDOW_BYTES = 1000;

export class Connection {
  /** What the peer sends. */
  readonly incoming: Uint8Array;
  /** Where each of its pieces ends. */
  readonly ends: readonly number[];
  /** How many pieces have arrived. */
  arrived = 0;
  /** How many bytes were read. */
  taken = 0;
  /** What was sent to the peer. */
  readonly outgoing: Uint8Array[] = [];
  /** Bytes of it that the peer has not taken yet. */
  waiting = 0;
  readonly hasArrived: Completion;
  readonly hasSent: Completion;
  readonly hasRoom: Completion;

  constructor(machine: Machine, incoming: Uint8Array, pieceBytes: readonly number[] = PIECE_BYTES) {
    this.incoming = incoming;
    const ends: number[] = [];
    for (let at = 0, i = 0; at < incoming.length; i += 1) {
      at = Math.min(at + (pieceBytes[i % pieceBytes.length] ?? 1), incoming.length);
      ends.push(at);
    }
    this.ends = ends;
    this.hasArrived = new Completion(machine, 'data on the socket');
    this.hasSent = new Completion(machine, 'data for the peer');
    this.hasRoom = new Completion(machine, 'room in the socket');
  }

  /** The peer sends everything, some pieces at a time. */
  *sendAll(self: Self, interrupt: () => void = () => undefined): Sleeping<void> {
    while (this.arrived < this.ends.length) {
      this.arrived = Math.min(this.arrived + BATCH_PIECES, this.ends.length);
      this.hasArrived.complete(self);
      interrupt();
      yield;
    }
  }

  /** The peer takes what it is sent, as long as there is any. */
  *takeAll(self: Self): Sleeping<never> {
    for (;;) {
      while (this.waiting === 0) yield* this.hasSent.wait(self);
      this.waiting = 0;
      this.hasRoom.complete(self);
      yield;
    }
  }

  /** One piece that has arrived, as the network layer hands it to a driver in a softirq. */
  nextPiece(): Uint8Array | undefined {
    const end = this.ends.slice(0, this.arrived).find((each) => each > this.taken);
    if (end === undefined) return undefined;
    const piece = this.incoming.subarray(this.taken, end);
    this.taken = end;
    return piece;
  }

  /** `sock_recvmsg` with MSG_WAITALL: sleeps until so many bytes have arrived; there are fewer at the end of the stream. */
  *receive({ task }: Context, lengthBytes: number): Sleeping<Uint8Array> {
    const end = Math.min(this.taken + lengthBytes, this.incoming.length);
    while ((this.ends[this.arrived - 1] ?? 0) < end) yield* this.hasArrived.wait(task);
    const bytes = this.incoming.slice(this.taken, end);
    this.taken = end;
    return bytes;
  }

  /** `sock_sendmsg`: sleeps until there is room, and then reads as many bytes as there is room for. */
  *send({ task }: Context, lengthBytes: number, read: (lengthBytes: number) => Uint8Array): Sleeping<number> {
    while (this.waiting >= WINDOW_BYTES) yield* this.hasRoom.wait(task);
    const bytes = read(Math.min(lengthBytes, WINDOW_BYTES - this.waiting));
    this.outgoing.push(bytes);
    this.waiting += bytes.length;
    this.hasSent.complete(task);
    return bytes.length;
  }

  /** Everything that the peer was sent. */
  sent(): Uint8Array {
    return joined(this.outgoing);
  }
}
