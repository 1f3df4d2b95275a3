/** The target's stream as a peer sees it: cut into PDUs. */
import { decodeHeader, HEADER_BYTES, padded } from '../../../examples/iscsi-target/iscsi/pdu.ts';
import type { Pdu } from '../../../examples/iscsi-target/iscsi/pdu.ts';

/** Something that must not happen. */
export class Problem extends Error {
  /** The sort of it, which shrinking keeps. */
  readonly kind: string;

  constructor(kind: string, what: string) {
    super(`${kind}: ${what}`);
    this.kind = kind;
  }
}

/** What a peer speaks through. */
export interface Link {
  send(bytes: Uint8Array): void;
  /** Goes away. */
  drop(): void;
  /** Stops taking what the target sends, and takes it again. */
  stall(): void;
  drain(): void;
}

/** Makes links, one behind the other. */
export type Connect = (receive: (bytes: Uint8Array) => void, ended: () => void) => Link;

/** Cuts a stream into PDUs. */
export class Stream {
  readonly #take: (pdu: Pdu, data: Uint8Array) => void;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(take: (pdu: Pdu, data: Uint8Array) => void) {
    this.#take = take;
  }

  push(bytes: Uint8Array): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const pdu = decodeHeader(all.subarray(at, at + HEADER_BYTES));
      if (pdu === undefined) throw new Problem('no PDU', `operation code 0x${(all[at] ?? 0).toString(16)}`);
      const length = HEADER_BYTES + padded(pdu.dataLength);
      if (all.length - at < length) break;
      this.#take(pdu, all.subarray(at + HEADER_BYTES, at + HEADER_BYTES + pdu.dataLength));
      at += length;
    }
    this.#rest = all.slice(at);
  }
}
