/**
 * One sequence of Data-Out PDUs: the unsolicited data of a command, or what one R2T asked for. They
 * come in order and without gaps, numbered from 0.
 */
import type { PduOf } from './pdu.ts';

/** What a sequence has brought so far. */
export class DataSequence {
  /** Target transfer tag; unsolicited data have none. */
  readonly ttt: number;
  /** Where the next PDU begins in the command's data, and where the sequence ends. */
  nextOffset: number;
  readonly end: number;
  /** The time at which the data were requested, in milliseconds. */
  readonly since: number;
  #nextDataSN = 0;

  constructor(ttt: number, offset: number, end: number, since: number) {
    this.ttt = ttt;
    this.nextOffset = offset;
    this.end = end;
    this.since = since;
  }

  /** Adds a PDU to the sequence; returns what is wrong with it, or undefined. */
  take(pdu: PduOf<'dataOut'>): string | undefined {
    const { dataSN, bufferOffset, dataLength, ttt } = pdu;
    if (ttt !== this.ttt) return `transfer tag ${String(ttt)}, ${String(this.ttt)} expected`;
    if (dataSN !== this.#nextDataSN) return `DataSN ${String(dataSN)}, ${String(this.#nextDataSN)} expected`;
    if (bufferOffset !== this.nextOffset)
      return `offset ${String(bufferOffset)}, ${String(this.nextOffset)} expected`;
    if (bufferOffset + dataLength > this.end)
      return `data up to ${String(bufferOffset + dataLength)}, asked for up to ${String(this.end)}`;
    this.#nextDataSN += 1;
    this.nextOffset += dataLength;
    return undefined;
  }
}
