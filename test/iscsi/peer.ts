/** An initiator made by hand, on a connection that is no socket: what tests speak to the target with. */
import { Connection } from '../../examples/iscsi-target/iscsi/connection.ts';
import { decodeHeader, encodeHeader, HEADER_BYTES, padded } from '../../examples/iscsi-target/iscsi/pdu.ts';
import type { Pdu, PduFields, PduKind, PduOf } from '../../examples/iscsi-target/iscsi/pdu.ts';
import { encodeText } from '../../examples/iscsi-target/iscsi/text.ts';
import { parseOptions } from '../../examples/iscsi-target/options.ts';
import { Target } from '../../examples/iscsi-target/target.ts';

export const IQN = 'iqn.2026-11.org.scatterlist:disk';

export interface Answer {
  readonly pdu: Pdu;
  readonly data: Uint8Array;
}

/** A target under test. */
export interface TestTarget {
  readonly target: Target;
  readonly lines: string[];
  /** Lets sessions that have more to do have their turns: at most so many. Returns how many were had. */
  readonly turns: (most?: number) => number;
}

/** A target of 1 MiB on a checked machine, which reports everything. */
export function makeTarget(...options: string[]): TestTarget {
  const lines: string[] = [];
  const waiting: (() => void)[] = [];
  const all = ['--size', '1M', '--machine', 'checked', ...options];
  return {
    target: new Target(
      parseOptions(all, () => 0),
      (line) => lines.push(line),
      undefined,
      (work) => waiting.push(work),
    ),
    lines,
    turns: (most = Infinity) => {
      let had = 0;
      for (; had < most; had += 1) {
        const next = waiting.shift();
        if (next === undefined) break;
        next();
      }
      return had;
    },
  };
}

/** Everything that the target keeps for peers, counted. */
export function heldBy(target: Target): Record<string, number> {
  const sessions = [...target.sessions];
  const connections = [...target.connections];
  return {
    connections: connections.length,
    sessions: sessions.length,
    tasks: sessions.reduce((sum, { tasks }) => sum + tasks.size, 0),
    dataBytes: target.budget.heldBytes,
    backlogBytes: connections.reduce((sum, { backlogBytes }) => sum + backlogBytes, 0),
    lists: target.listsInUse,
    mappings: target.machine.liveMappings,
  };
}

/** A PDU as bytes. */
export function pduBytes<K extends PduKind>(
  kind: K,
  fields: PduFields<K>,
  data: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + padded(data.length));
  encodeHeader(bytes, kind, { dataLength: data.length, ...fields });
  bytes.set(data, HEADER_BYTES);
  return bytes;
}

/** The other end of a connection. */
export class Peer {
  readonly connection: Connection;
  readonly answers: Answer[] = [];
  ended = false;
  cmdSN = 1;
  /** Whether it stopped to take what the target sends. */
  stalled = false;
  paused = false;
  readonly #unsent: (() => void)[] = [];
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(target: Target) {
    this.connection = new Connection(
      {
        write: (bytes, sent) => {
          this.#bytes = Buffer.concat([this.#bytes, bytes]);
          this.#cut();
          if (this.stalled) this.#unsent.push(sent);
          else sent();
          return true;
        },
        end: () => {
          this.ended = true;
        },
        pause: () => {
          this.paused = true;
        },
        resume: () => {
          this.paused = false;
        },
      },
      target,
    );
  }

  /** Takes what the target sent while it was stalled: one buffer, or everything. */
  drain(most = Infinity): void {
    for (let i = 0; i < most; i += 1) {
      const sent = this.#unsent.shift();
      if (sent === undefined) return;
      sent();
    }
  }

  #cut(): void {
    for (;;) {
      if (this.#bytes.length < HEADER_BYTES) return;
      const pdu = decodeHeader(this.#bytes);
      if (pdu === undefined) throw new Error('the target sent no PDU');
      const length = HEADER_BYTES + padded(pdu.dataLength);
      if (this.#bytes.length < length) return;
      const data = this.#bytes.slice(HEADER_BYTES, HEADER_BYTES + pdu.dataLength);
      this.answers.push({ pdu, data });
      this.#bytes = this.#bytes.slice(length);
    }
  }

  /** Sends a PDU and answers what came back at once. */
  send<K extends PduKind>(kind: K, fields: PduFields<K>, data?: Uint8Array): Answer[] {
    const before = this.answers.length;
    this.connection.push(pduBytes(kind, fields, data));
    return this.answers.slice(before);
  }

  login(keys: Readonly<Record<string, string>> = {}): Answer[] {
    const pairs = { InitiatorName: 'iqn.test', TargetName: IQN, SessionType: 'Normal', ...keys };
    const fields = { immediate: true, flags: 0x87, itt: 1, cmdSN: this.cmdSN } as const;
    return this.send('loginRequest', fields, encodeText(Object.entries(pairs)));
  }

  /** A SCSI command with its immediate data. */
  command(cdb: readonly number[], fields: Partial<PduOf<'scsiCommand'>> = {}, data?: Uint8Array): Answer[] {
    const cmdSN = this.cmdSN;
    this.cmdSN += 1;
    const block = new Uint8Array(16);
    block.set(cdb);
    return this.send(
      'scsiCommand',
      { flags: 0x80, lun: 1, itt: 100 + cmdSN, cmdSN, cdb: block, ...fields },
      data,
    );
  }

  read(lba: number, blocks: number): Uint8Array {
    const answers = this.command(cdb10(0x28, lba, blocks), { flags: 0xc0, edtl: blocks * 512 });
    return Buffer.concat(answers.map(({ data }) => data));
  }

  write(lba: number, data: Uint8Array, fields: Partial<PduOf<'scsiCommand'>> = {}): Answer[] {
    const cdb = cdb10(0x2a, lba, data.length / 512);
    return this.command(cdb, { flags: 0xa0, edtl: data.length, ...fields }, data);
  }
}

export function cdb10(opcode: number, lba: number, blocks: number): number[] {
  return [
    opcode,
    0,
    lba >>> 24,
    (lba >> 16) & 255,
    (lba >> 8) & 255,
    lba & 255,
    0,
    blocks >> 8,
    blocks & 255,
    0,
  ];
}

/** The status of a command's answer; nothing where it has none yet. */
export function statusOf(answers: readonly Answer[]): number | undefined {
  for (const { pdu } of answers) {
    if (pdu.kind === 'scsiResponse') return pdu.status;
    if (pdu.kind === 'dataIn' && (pdu.flags & 1) !== 0) return pdu.status;
  }
  return undefined;
}

/** Sense key, code and qualifier of a CHECK CONDITION. */
export function senseOf(answers: readonly Answer[]): string {
  const data = answers.find(({ pdu }) => pdu.kind === 'scsiResponse')?.data ?? new Uint8Array(20);
  return [data[4], data[14], data[15]].map((n) => (n ?? 0).toString(16)).join('/');
}
