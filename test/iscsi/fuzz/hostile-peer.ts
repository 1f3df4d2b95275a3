/** A peer that sends what it was told to. It notices where the target tells it what cannot be true. */
import { HEADER_BYTES, NO_TAG } from '../../../examples/iscsi-target/iscsi/pdu.ts';
import type { Pdu, PduFields, PduKind } from '../../../examples/iscsi-target/iscsi/pdu.ts';
import { encodeText } from '../../../examples/iscsi-target/iscsi/text.ts';
import { IQN, pduBytes } from '../peer.ts';
import { DISK_BLOCKS, Random } from './actions.ts';
import type { Action, HostilePdu } from './actions.ts';
import { Problem, Stream } from './stream.ts';
import type { Connect, Link } from './stream.ts';

const UNMAPPED = DISK_BLOCKS - 32;
const PROBE_TAG = 0x7000_0000;
/** Steps after which a peer that counts its commands correctly asks again for an answer, and how often it asks. */
const PATIENCE = 40;
const TRIES = 3;

/** Commands that want data, by operation code, and how many bytes the block says. */
function wanted(cdb: Uint8Array): number | undefined {
  const view = new DataView(cdb.buffer, cdb.byteOffset);
  switch (cdb[0]) {
    case 0x2a:
      return view.getUint16(7) * 512;
    case 0x8b:
      return view.getUint32(10) * 512;
    case 0x41:
      return 512;
    case 0x89:
      return (cdb[13] ?? 0) * 1024;
    default:
      return undefined;
  }
}

interface Sent {
  readonly pdu: HostilePdu;
  readonly cdb: Uint8Array;
}

export class HostilePeer {
  readonly #number: number;
  readonly #connect: Connect;
  #link: Link | undefined = undefined;
  #stalled = false;
  #discovery = false;
  #segment = 8192;
  #loggedIn = false;
  #cmdSN = 1;
  #held: Uint8Array = new Uint8Array(0);
  #r2t: { itt: number; ttt: number; offset: number; end: number; dataSN: number } | undefined = undefined;
  /**
   * The command of each tag. Where a tag comes again before its answer, their number instead: which of them an answer
   * is for cannot be told, and neither can it for the next command, before as many answers have come.
   */
  #sent = new Map<number, Sent | number>();
  /** Whether every command so far had the number that was due. */
  #orderly = true;
  #probes = new Map<number, number>();
  #step = 0;
  #rest: ((answer: Pdu) => void) | undefined = undefined;

  constructor(number: number, connect: Connect) {
    this.#number = number;
    this.#connect = connect;
  }

  /** PDUs that it sent. */
  pdus = 0;

  step(): void {
    this.#step += 1;
    if (this.#stalled || this.#link === undefined || !this.#orderly || this.#discovery) return;
    const newest = [...this.#probes.values()].pop();
    if (newest === undefined || this.#step - newest < PATIENCE) return;
    // One of them may have been aborted by another initiator, which the next one is told.
    if (this.#probes.size >= TRIES) {
      throw new Problem(
        'silently dead',
        `hostile peer ${String(this.#number)}: ${String(TRIES)} TEST UNIT READY have no answer`,
      );
    }
    this.#probe();
  }

  close(): void {
    this.#link?.drop();
    this.#gone();
  }

  #gone(): void {
    this.#link = undefined;
    this.#loggedIn = false;
    this.#stalled = false;
    this.#probes.clear();
    this.#r2t = undefined;
    this.#held = new Uint8Array(0);
  }

  #open(): Link {
    this.close();
    this.#cmdSN = 1;
    this.#orderly = true;
    this.#sent = new Map<number, Sent | number>();
    const stream = new Stream((pdu, data) => this.#take(pdu, data));
    const link: Link = this.#connect(
      (bytes) => {
        if (this.#link === link || this.#link === undefined) stream.push(bytes);
      },
      () => {
        if (this.#link === link) this.#gone();
      },
    );
    this.#link = link;
    return link;
  }

  act(action: Action): void {
    switch (action.do) {
      case 'login':
        return this.#login(action);
      case 'connect':
        return void this.#open();
      case 'drop':
        return this.close();
      case 'stall':
        this.#stalled = true;
        return this.#link?.stall();
      case 'drain':
        this.#stalled = false;
        // What it stalled for may still wait behind others.
        for (const tag of this.#probes.keys()) this.#probes.set(tag, this.#step);
        return this.#link?.drain();
      case 'probe':
        return this.#probe();
      case 'bytes': {
        const random = new Random(action.seed);
        this.#orderly = false;
        return this.#send(
          Uint8Array.from({ length: action.length }, () => random.below(256)),
          0,
        );
      }
      case 'pdu':
        return this.#pdu(action);
      default:
        return;
    }
  }

  #login({
    name,
    isid,
    discovery,
    segment,
    keys,
  }: Omit<Extract<Action, { do: 'login' }>, 'do' | 'peer'>): void {
    const link = this.#open();
    this.#discovery = discovery;
    this.#segment = segment === 0 ? 8192 : segment;
    const pairs: [string, string][] = [
      ['InitiatorName', `iqn.hostile.${String(name)}`],
      ['TargetName', IQN],
      ['SessionType', discovery ? 'Discovery' : 'Normal'],
      ['InitialR2T', name % 2 === 0 ? 'Yes' : 'No'],
    ];
    if (segment !== 0) pairs.push(['MaxRecvDataSegmentLength', String(segment)]);
    for (let i = 0; i < keys; i += 1) pairs.push([`X-org.example.${String(i)}`, '1']);
    const request = { immediate: true, flags: 0x87, itt: 1, cmdSN: 1, isidLow: isid } as const;
    this.#rest = (answer) => {
      if (answer.kind === 'loginResponse' && (answer.flags & 0x40) !== 0)
        this.#later.push(pduBytes('loginRequest', request));
    };
    this.pdus += 1;
    link.send(pduBytes('loginRequest', request, encodeText(pairs)));
    for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift())
      this.#link?.send(next);
  }

  readonly #later: Uint8Array[] = [];

  #probe(): void {
    // One that takes no answers leaves them all waiting, and one reset by another initiator would abort all of them.
    if (!this.#loggedIn || !this.#orderly || this.#discovery || this.#stalled) return;
    if (this.#probes.size >= TRIES) return;
    // After what it held back: else it would be in the middle of that.
    this.#send(new Uint8Array(0), 0);
    const tag = PROBE_TAG + this.#step;
    this.#probes.set(tag, this.#step);
    const fields = { flags: 0x80, lun: 1, itt: tag, cmdSN: this.#cmdSN, cdb: new Uint8Array(16) };
    this.#cmdSN += 1;
    this.pdus += 1;
    this.#send(pduBytes('scsiCommand', fields), 0);
  }

  /** Sends bytes behind those that were held back, and holds some back again. */
  #send(bytes: Uint8Array, cut: number): void {
    const all = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const now = Math.max(all.length - cut, 0);
    this.#held = all.slice(now);
    this.#link?.send(all.subarray(0, now));
  }

  #pdu(action: HostilePdu): void {
    if (this.#link === undefined) {
      this.#login({ name: this.#number, isid: 0, discovery: false, segment: 0, keys: 0 });
    }
    const { kind, immediate, flags, lun, fed, number, dataSN } = action;
    const cmdSN = (this.#cmdSN + action.cmdSN) >>> 0;
    let fields: PduFields<PduKind> & Record<string, unknown> = {
      immediate,
      flags,
      lun,
      itt: action.itt,
      cmdSN,
    };
    let data = this.#dataOf(action);
    if (kind === 'dataOut') {
      const r2t = this.#r2t;
      if (fed && r2t === undefined) return;
      if (fed && r2t !== undefined) {
        data = data.subarray(0, Math.min(data.length, r2t.end - r2t.offset));
        const last = r2t.offset + data.length === r2t.end;
        const full = (flags & 0x80) !== 0 || last;
        fields = {
          flags: full ? 0x80 : 0,
          lun,
          itt: r2t.itt,
          ttt: r2t.ttt,
          dataSN: r2t.dataSN,
          bufferOffset: r2t.offset,
        };
        this.#r2t = full ? undefined : { ...r2t, offset: r2t.offset + data.length, dataSN: r2t.dataSN + 1 };
      } else fields = { flags, lun, itt: action.itt, ttt: NO_TAG, dataSN, bufferOffset: number * 512 };
    } else {
      if (!immediate) {
        if (action.cmdSN === 0) this.#cmdSN = (this.#cmdSN + 1) >>> 0;
        else this.#orderly = false;
      }
      if (kind === 'scsiCommand') {
        const cdb = Uint8Array.from(Buffer.from(action.cdb, 'hex'));
        fields = { ...fields, edtl: number, cdb };
        const before = this.#sent.get(action.itt);
        const twice = typeof before === 'number' ? before + 1 : 2;
        this.#sent.set(action.itt, before === undefined ? { pdu: action, cdb } : twice);
      } else if (kind === 'taskRequest') {
        fields = { ...fields, rtt: number };
        // Its own probes may be aborted with the rest.
        this.#probes.clear();
      } else if (kind === 'logoutRequest' || kind === 'loginRequest') this.#orderly = false;
      else if (kind !== 'nopOut' && kind !== 'textRequest') this.#orderly = this.#orderly && immediate;
      if (kind === 'nopOut' || kind === 'textRequest') fields = { ...fields, ttt: NO_TAG };
    }
    this.pdus += 1;
    this.#send(pduBytes(kind, fields, data), action.cut);
  }

  #dataOf({ kind, data, cdb, number }: HostilePdu): Uint8Array {
    const bytes = new Uint8Array(data);
    if (kind === 'textRequest') bytes.set(encodeText([['SendTargets', 'All']]).subarray(0, data));
    else bytes.fill(0xa5);
    // One descriptor of 16 blocks at the end of the disk.
    if (cdb.startsWith('42'))
      bytes.set(
        Uint8Array.from([
          0,
          22,
          0,
          16,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          UNMAPPED >> 8,
          UNMAPPED & 255,
          0,
          0,
          0,
          16,
          0,
          0,
          0,
          0,
        ]).subarray(0, data),
      );
    else if (cdb.startsWith('15'))
      bytes.set(Uint8Array.from([0, 0, 0, 0, 10, 10, 2, 0, number & 8, 0, 0, 0]).subarray(0, data));
    return bytes;
  }

  #take(pdu: Pdu, data: Uint8Array): void {
    const me = `hostile peer ${String(this.#number)}`;
    const limit = pdu.kind === 'reject' ? HEADER_BYTES : this.#segment;
    if (data.length > limit) {
      throw new Problem(
        'too long',
        `${pdu.kind} with ${String(data.length)} bytes of data for ${me}, which takes ${String(limit)}`,
      );
    }
    if (pdu.kind === 'loginResponse') {
      this.#loggedIn = (pdu.flags & 0x83) === 0x83 && pdu.statusClass === 0;
      this.#rest?.(pdu);
      return;
    }
    if (this.#discovery && !['textResponse', 'reject', 'logoutResponse'].includes(pdu.kind)) {
      throw new Problem('discovery', `${pdu.kind} in the discovery session of ${me}`);
    }
    if (pdu.kind === 'r2t') {
      const { itt, ttt, bufferOffset, desiredLength } = pdu;
      this.#r2t = { itt, ttt, offset: bufferOffset, end: bufferOffset + desiredLength, dataSN: 0 };
    }
    if (pdu.kind === 'scsiResponse') this.#response(pdu, me);
  }

  #response(pdu: Extract<Pdu, { kind: 'scsiResponse' }>, me: string): void {
    if (this.#probes.has(pdu.itt)) return this.#probes.clear();
    const sent = this.#sent.get(pdu.itt);
    if (typeof sent === 'number' && sent > 1) this.#sent.set(pdu.itt, sent - 1);
    else this.#sent.delete(pdu.itt);
    if (typeof sent !== 'object' || pdu.status !== 0 || sent.pdu.lun !== 1) return;
    const bytes = wanted(sent.cdb) ?? 0;
    const { flags, number } = sent.pdu;
    if (bytes === 0) return;
    if ((flags & 0x20) === 0 || (flags & 0x40) !== 0) {
      throw new Problem('flags', `GOOD for a write with flags 0x${flags.toString(16)} of ${me}`);
    }
    if (number < bytes && number % 512 !== 0) {
      throw new Problem('half a block', `GOOD for ${String(number)} bytes of ${String(bytes)} of ${me}`);
    }
  }
}
