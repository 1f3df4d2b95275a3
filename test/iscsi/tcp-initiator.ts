/** An initiator with a socket, for targets that run in a process of their own: logs in, writes, reads, synchronizes. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { decodeHeader, HEADER_BYTES, padded } from '../../examples/iscsi-target/iscsi/pdu.ts';
import { encodeText } from '../../examples/iscsi-target/iscsi/text.ts';
import { cdb10, IQN, pduBytes, senseOf, statusOf } from './peer.ts';
import type { Answer } from './peer.ts';

export const BLOCK_BYTES = 512;

/** What a command ended with; undefined where the connection ended first. */
export interface Ended {
  readonly status: number | undefined;
  readonly sense: string;
  readonly data: Uint8Array;
}

/** One session over TCP. Commands may be sent before earlier ones are answered. */
export class TcpInitiator {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, { answers: Answer[]; resolve: (ended: Ended | undefined) => void }>();
  #bytes: Uint8Array = new Uint8Array(0);
  #cmdSN = 1;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#take();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      for (const { resolve } of this.#waiting.values()) resolve(undefined);
      this.#waiting.clear();
    });
  }

  /** Connects and logs in; undefined where the target is gone. */
  static async login(port: number, name = 'iqn.test'): Promise<TcpInitiator | undefined> {
    const socket = connect(port, '127.0.0.1');
    const initiator = new TcpInitiator(socket);
    const text = encodeText(
      Object.entries({ InitiatorName: name, TargetName: IQN, SessionType: 'Normal', InitialR2T: 'No' }),
    );
    const fields = { immediate: true, flags: 0x87, itt: 1, cmdSN: 1 } as const;
    const answered = initiator.#expect(1);
    socket.write(pduBytes('loginRequest', fields, text));
    return (await answered) === undefined ? undefined : initiator;
  }

  #expect(itt: number): Promise<Ended | undefined> {
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#waiting.set(itt, { answers: [], resolve }));
  }

  #take(): void {
    while (this.#bytes.length >= HEADER_BYTES) {
      const pdu = decodeHeader(this.#bytes);
      if (pdu === undefined) throw new Error('the target sent no PDU');
      const length = HEADER_BYTES + padded(pdu.dataLength);
      if (this.#bytes.length < length) return;
      const data = this.#bytes.slice(HEADER_BYTES, HEADER_BYTES + pdu.dataLength);
      this.#bytes = this.#bytes.slice(length);
      const waiting = 'itt' in pdu ? this.#waiting.get(pdu.itt) : undefined;
      if (waiting === undefined || !('itt' in pdu)) continue;
      waiting.answers.push({ pdu, data });
      const status = statusOf(waiting.answers);
      if (status === undefined && pdu.kind !== 'loginResponse') continue;
      this.#waiting.delete(pdu.itt);
      waiting.resolve({
        status,
        sense: senseOf(waiting.answers),
        data: Buffer.concat(waiting.answers.filter((a) => a.pdu.kind === 'dataIn').map((a) => a.data)),
      });
    }
  }

  #command(cdb: readonly number[], flags: number, edtl = 0, data?: Uint8Array): Promise<Ended | undefined> {
    const block = new Uint8Array(16);
    block.set(cdb);
    const cmdSN = this.#cmdSN;
    this.#cmdSN += 1;
    const itt = 100 + cmdSN;
    const ended = this.#expect(itt);
    this.#socket.write(pduBytes('scsiCommand', { flags, lun: 1, itt, cmdSN, edtl, cdb: block }, data));
    return ended;
  }

  write(block: number, data: Uint8Array): Promise<Ended | undefined> {
    return this.#command(cdb10(0x2a, block, data.length / BLOCK_BYTES), 0xa0, data.length, data);
  }

  read(block: number, blocks: number): Promise<Ended | undefined> {
    return this.#command(cdb10(0x28, block, blocks), 0xc0, blocks * BLOCK_BYTES);
  }

  synchronize(): Promise<Ended | undefined> {
    return this.#command(cdb10(0x35, 0, 0), 0x80);
  }

  close(): void {
    this.#socket.destroy();
  }
}
