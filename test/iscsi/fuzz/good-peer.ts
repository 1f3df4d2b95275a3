/**
 * A peer that does everything right, with a shadow of its part of the disk: what it reads must be what it
 * wrote, what it asks for must be done within so many steps, and what it was told must be true.
 */
import { NO_TAG } from '../../../examples/iscsi-target/iscsi/pdu.ts';
import type { Pdu } from '../../../examples/iscsi-target/iscsi/pdu.ts';
import { encodeText } from '../../../examples/iscsi-target/iscsi/text.ts';
import { cdb10, IQN, pduBytes } from '../peer.ts';
import { Problem, Stream } from './stream.ts';
import type { Connect, Link } from './stream.ts';

/** Steps after which it asks whether a command that has no answer was aborted, and after which it complains. */
const ASKS_AFTER = 300;
const COMPLAINS_AFTER = 1500;
/** Writes of a peer under way at a time have no more data than the part of the room that is its own. */
const MOST_DATA = 64 * 1024;
const BLOCK = 512;
/** Blocks of a page: room is counted in pages. */
const PAGE_BLOCKS = 8;

interface Operation {
  readonly what: 'write' | 'read' | 'verify' | 'test';
  readonly itt: number;
  readonly cmdSN: number;
  readonly lba: number;
  readonly blocks: number;
  readonly data: Uint8Array;
  readonly version: number;
  readonly began: number;
  arrived: number;
}

function inPages(blocks: number): number {
  return Math.ceil(blocks / PAGE_BLOCKS) * PAGE_BLOCKS * BLOCK;
}

/** Fills a block with what a version of it holds. */
function fill(into: Uint8Array, lba: number, version: number): void {
  if (version === 0) return void into.fill(0);
  const view = new DataView(into.buffer, into.byteOffset, into.byteLength);
  let word = Math.imul(lba + 1, 0x9e3779b1) ^ Math.imul(version, 0x85ebca6b);
  for (let at = 0; at < BLOCK; at += 4, word = (word + 0x2545f491) | 0) view.setInt32(at, word, true);
}

export class GoodPeer {
  readonly #name: string;
  readonly #connect: Connect;
  /** Versions that a block may have: one, or more where a write was lost. */
  readonly #shadow = new Map<number, readonly number[]>();
  readonly #under = new Map<number, Operation>();
  readonly #aborting = new Map<number, number>();
  #link: Link | undefined = undefined;
  #loggedIn = false;
  /** Set where its connection may end: a cold reset. */
  mayEnd = false;
  #cmdSN = 1;
  #statSN = 0;
  /** PDUs that it made. */
  pdus = 0;
  #nextTag = 1;
  #version = 0;
  #out: Uint8Array[] = [];
  #step = 0;
  #refused = 0;
  readonly #one = new Uint8Array(BLOCK);
  /** Operations that were done, for the report. */
  done = 0;

  constructor(name: string, connect: Connect) {
    this.#name = name;
    this.#connect = connect;
  }

  /** Whether everything it asked for was answered. */
  get idle(): boolean {
    return this.#under.size === 0 && this.#out.length === 0;
  }

  login(): void {
    this.#cmdSN = 1;
    this.#out = [];
    this.#loggedIn = false;
    const stream = new Stream((pdu, data) => this.#take(pdu, data));
    this.#link = this.#connect(
      (bytes) => stream.push(bytes),
      () => this.#ended(),
    );
    const keys = {
      InitiatorName: this.#name,
      TargetName: IQN,
      InitialR2T: 'No',
      ImmediateData: 'Yes',
      MaxRecvDataSegmentLength: '8192',
    };
    const text = encodeText(Object.entries(keys));
    this.#link.send(pduBytes('loginRequest', { immediate: true, flags: 0x87, itt: 1, cmdSN: 1 }, text));
  }

  #ended(): void {
    if (!this.mayEnd) throw new Problem('closed', `the connection of ${this.#name} was closed`);
    this.#link = undefined;
    for (const operation of [...this.#under.values()]) this.#lose(operation);
    this.#aborting.clear();
  }

  close(): void {
    this.mayEnd = true;
    this.#link?.drop();
    this.#link = undefined;
  }

  /** Time goes by: one action. */
  step(): void {
    this.#step += 1;
    if (this.#link === undefined) {
      this.mayEnd = false;
      this.login();
    }
    const [oldest] = this.#under.values();
    if (oldest === undefined) return;
    const age = this.#step - oldest.began;
    if (age > COMPLAINS_AFTER) {
      throw new Problem(
        'not served',
        `${oldest.what} of ${this.#name} has no answer after ${String(age)} steps`,
      );
    }
    if (age % ASKS_AFTER === ASKS_AFTER - 1) this.begin('test', 0, 0);
  }

  /** Sends some of what it has to send. */
  flow(most: number): void {
    let left = most;
    for (let next = this.#out.shift(); next !== undefined; next = this.#out.shift()) {
      const part = next.subarray(0, left);
      if (part.length < next.length) this.#out.unshift(next.subarray(part.length));
      left -= part.length;
      this.#link?.send(part);
      if (left <= 0) return;
    }
  }

  begin(what: Operation['what'], lba: number, blocks: number): void {
    if (!this.#loggedIn || this.#under.size > 12) return;
    let data = 0;
    for (const other of this.#under.values()) {
      const apart = other.lba + other.blocks <= lba || lba + blocks <= other.lba;
      if (!apart && (what === 'write' || other.what === 'write')) return;
      if (other.what === 'write' || other.what === 'verify') data += inPages(other.blocks);
    }
    if (what !== 'read' && data + inPages(blocks) > MOST_DATA) return;
    const contents = new Uint8Array(blocks * BLOCK);
    if (what === 'write') this.#version += 1;
    for (let i = 0; i < blocks; i += 1) {
      const versions = this.#versions(lba + i);
      if (what === 'verify' && versions.length !== 1) return;
      const version = what === 'write' ? this.#version : (versions[0] ?? 0);
      if (what === 'write') this.#shadow.set(lba + i, [...versions, version]);
      if (what === 'write' || what === 'verify')
        fill(contents.subarray(i * BLOCK, (i + 1) * BLOCK), lba + i, version);
    }
    const itt = this.#nextTag;
    this.#nextTag += 1;
    const cmdSN = this.#cmdSN;
    this.#cmdSN += 1;
    this.#under.set(itt, {
      what,
      itt,
      cmdSN,
      lba,
      blocks,
      data: contents,
      version: this.#version,
      began: this.#step,
      arrived: 0,
    });
    const opcode = { write: 0x2a, read: 0x28, verify: 0x2f, test: 0 }[what];
    const cdb = Uint8Array.from({ length: 16 }, (_, i) => cdb10(opcode, lba, blocks)[i] ?? 0);
    if (what === 'verify') cdb[1] = 2;
    const out = what === 'write' || what === 'verify';
    // Some data goes with the command, some unsolicited, and the target asks for the rest.
    const immediate = out && itt % 3 === 0 ? Math.min(contents.length, 2048) : 0;
    const unsolicited = out && itt % 3 === 1 ? Math.min(contents.length, 8192) : 0;
    const flags = (unsolicited > 0 ? 0 : 0x80) | (out ? 0x20 : what === 'read' ? 0x40 : 0);
    const fields = { flags, lun: 1, itt, cmdSN, edtl: contents.length, cdb };
    this.#queue(pduBytes('scsiCommand', fields, contents.subarray(0, immediate)));
    if (unsolicited > 0) this.#sendData(itt, NO_TAG, contents, 0, unsolicited);
  }

  #queue(pdu: Uint8Array): void {
    this.pdus += 1;
    this.#out.push(pdu);
  }

  #versions(lba: number): readonly number[] {
    return this.#shadow.get(lba) ?? [0];
  }

  #sendData(itt: number, ttt: number, contents: Uint8Array, from: number, length: number): void {
    const segment = 1024 + ((itt * 700) % 7100);
    for (let at = from, dataSN = 0; at < from + length; at += segment, dataSN += 1) {
      const end = Math.min(at + segment, from + length);
      const flags = end === from + length ? 0x80 : 0;
      this.#queue(
        pduBytes(
          'dataOut',
          { flags, lun: 1, itt, ttt, dataSN, bufferOffset: at },
          contents.subarray(at, end),
        ),
      );
    }
  }

  /** Aborts its oldest command. */
  abort(): void {
    const [oldest] = this.#under.values();
    if (oldest === undefined || !this.#loggedIn) return;
    const tag = this.#nextTag;
    this.#nextTag += 1;
    this.#aborting.set(tag, oldest.itt);
    const fields = {
      immediate: true,
      flags: 0x81,
      lun: 1,
      itt: tag,
      rtt: oldest.itt,
      cmdSN: this.#cmdSN,
      refCmdSN: oldest.cmdSN,
    };
    this.#queue(pduBytes('taskRequest', fields));
  }

  #take(pdu: Pdu, data: Uint8Array): void {
    switch (pdu.kind) {
      case 'loginResponse':
        if (pdu.statusClass !== 0) {
          throw new Problem(
            'login refused',
            `${this.#name}: ${String(pdu.statusClass)}/${String(pdu.statusDetail)}`,
          );
        }
        this.#statSN = pdu.statSN;
        this.#loggedIn = true;
        break;
      case 'nopIn':
        if (pdu.itt !== NO_TAG)
          throw new Problem('unasked', `a ping of ${this.#name} that it did not send was answered`);
        this.#queue(
          pduBytes('nopOut', {
            immediate: true,
            flags: 0x80,
            itt: NO_TAG,
            ttt: pdu.ttt,
            lun: pdu.lun,
            cmdSN: this.#cmdSN,
          }),
        );
        return;
      case 'r2t': {
        const operation = this.#of(pdu.itt);
        this.#sendData(pdu.itt, pdu.ttt, operation.data, pdu.bufferOffset, pdu.desiredLength);
        return;
      }
      case 'dataIn':
        this.#dataIn(this.#of(pdu.itt), pdu.bufferOffset, data);
        if ((pdu.flags & 1) === 0) return;
        this.#finish(this.#of(pdu.itt), pdu.status, new Uint8Array(0));
        break;
      case 'scsiResponse':
        this.#finish(this.#of(pdu.itt), pdu.status, data);
        break;
      case 'taskResponse':
        this.#aborted(pdu.itt, pdu.response);
        break;
      default:
        throw new Problem('unasked', `${pdu.kind} for ${this.#name}`);
    }
    if (pdu.kind !== 'loginResponse' && pdu.statSN !== (this.#statSN + 1) >>> 0) {
      throw new Problem('StatSN', `${String(pdu.statSN)} after ${String(this.#statSN)} for ${this.#name}`);
    }
    this.#statSN = pdu.statSN;
  }

  #of(itt: number): Operation {
    const operation = this.#under.get(itt);
    if (operation === undefined) {
      throw new Problem(
        'answer to an aborted task',
        `of ${this.#name}, tag ${String(itt)}: answered, aborted or never sent before`,
      );
    }
    return operation;
  }

  #dataIn({ what, lba, data, arrived, itt }: Operation, offset: number, piece: Uint8Array): void {
    if (what !== 'read' || offset !== arrived)
      throw new Problem('Data-In', `offset ${String(offset)} of ${this.#name}`);
    data.set(piece, offset);
    const operation = this.#of(itt);
    operation.arrived += piece.length;
    void lba;
  }

  #finish(operation: Operation, status: number, data: Uint8Array): void {
    this.#under.delete(operation.itt);
    this.done += 1;
    if (status === 0) {
      this.#refused = 0;
      return this.#succeed(operation);
    }
    this.#restore(operation);
    const sense = [data[4], data[14], data[15]].map((n) => (n ?? 0).toString(16)).join('/');
    if (status === 0x18 || sense === '7/27/0') {
      // A hostile peer has the unit for itself, or protects it: a reset ends that.
      this.#refused += 1;
      if (this.#refused < 8) return;
      this.#refused = 0;
      const tag = this.#nextTag;
      this.#nextTag += 1;
      this.#queue(
        pduBytes('taskRequest', {
          immediate: true,
          flags: 0x85,
          lun: 1,
          itt: tag,
          rtt: NO_TAG,
          cmdSN: this.#cmdSN,
        }),
      );
      return;
    }
    if (sense === '6/2f/0' || sense === '6/29/3') {
      for (const other of [...this.#under.values()]) if (other.cmdSN < operation.cmdSN) this.#lose(other);
      return;
    }
    // A write whose data it sent too slowly, in the time that actions make pass.
    if (sense === 'b/4b/6') return;
    const kind = status === 0x28 ? 'starved' : 'failed';
    throw new Problem(
      kind,
      `${operation.what} of ${this.#name}: status ${status.toString(16)}, sense ${sense}`,
    );
  }

  #succeed({ what, lba, blocks, data, arrived, version }: Operation): void {
    if (what === 'read' && arrived !== data.length) {
      throw new Problem('short read', `${String(arrived)} of ${String(data.length)} bytes for ${this.#name}`);
    }
    for (let i = 0; i < blocks; i += 1) {
      if (what === 'write') this.#shadow.set(lba + i, [version]);
      if (what !== 'read') continue;
      const found = data.subarray(i * BLOCK, (i + 1) * BLOCK);
      const versions = this.#versions(lba + i);
      const right = versions.find((candidate) => {
        fill(this.#one, lba + i, candidate);
        return Buffer.compare(this.#one, found) === 0;
      });
      if (right === undefined) throw new Problem('wrong bytes', `block ${String(lba + i)} of ${this.#name}`);
      this.#shadow.set(lba + i, [right]);
    }
  }

  /** A write that was refused before it began: the blocks are as they were. */
  #restore({ what, lba, blocks, version }: Operation): void {
    if (what !== 'write') return;
    for (let i = 0; i < blocks; i += 1) {
      this.#shadow.set(
        lba + i,
        this.#versions(lba + i).filter((candidate) => candidate !== version),
      );
    }
  }

  /** An operation that has no answer: a write may have been done or not. */
  #lose(operation: Operation): void {
    this.#under.delete(operation.itt);
  }

  #aborted(tag: number, response: number): void {
    const itt = this.#aborting.get(tag);
    this.#aborting.delete(tag);
    const operation = itt === undefined ? undefined : this.#under.get(itt);
    if (operation === undefined) return;
    // Another initiator may have aborted it before: it is told with its next command.
    if (response === 0 || response === 1) this.#lose(operation);
    else throw new Problem('abort refused', `response ${String(response)} for ${this.#name}`);
  }
}
