/** The full feature phase of one session: commands, their data, and their answers. */
import { DISK_LUN } from '../scsi/report.ts';
import { findCommand } from '../scsi/commands.ts';
import { check, isWriteProtected, runCommand } from '../scsi/command.ts';
import type { LogicalUnit, Request } from '../scsi/command.ts';
import { absentUnit } from '../scsi/inquiry.ts';
import { conflicts } from '../scsi/reservation.ts';
import {
  DATA_PHASE_ERROR,
  encodeSense,
  INVALID_OPCODE,
  LUN_NOT_SUPPORTED,
  UNEXPECTED_UNSOLICITED_DATA,
  WRITE_PROTECTED,
} from '../scsi/sense.ts';
import type { Sense } from '../scsi/sense.ts';
import type { Extent, Store } from '../store/store.ts';
import { CommandWindow } from './command-window.ts';
import { DataSequence } from './data-sequence.ts';
import type { Outbox } from './outbox.ts';
import type { Negotiated } from './parameters.ts';
import { FINAL, NO_TAG, OVERFLOW, STATUS, UNDERFLOW } from './pdu.ts';
import type { Pdu, PduOf } from './pdu.ts';
import { gather } from './pdu-reader.ts';
import type { DataSink } from './pdu-reader.ts';
import { STATUS_CODES, Task } from './task.ts';
import type { Ending } from './task.ts';
import { runTaskFunction } from './task-management.ts';
import { decodeText, encodeText } from './text.ts';

/** Reasons of a Reject PDU. */
const REJECT_SNACK = 0x03;
const REJECT_PROTOCOL = 0x04;
const REJECT_UNSUPPORTED = 0x05;

const INQUIRY = 0x12;
const REPORT_LUNS = 0xa0;
const REQUEST_SENSE = 0x03;

/** What a session knows of its target. */
export interface SessionHost {
  readonly unit: LogicalUnit;
  readonly targetName: string;
  readonly portal: string;
  readonly sessions: Iterable<Session>;
}

/** What login found out about a session. */
export interface SessionIdentity {
  readonly initiatorName: string;
  readonly isid: string;
  readonly discovery: boolean;
}

/** One session with its one connection. */
export class Session {
  readonly identity: SessionIdentity;
  /** Tasks under way by initiator task tag. */
  readonly tasks: Map<number, Task> = new Map<number, Task>();
  /** Set when the session is to be closed after what is sent. */
  closing = false;
  /** The unit attention that the next command is told of. */
  unitAttention: Sense | undefined = undefined;
  readonly host: SessionHost;
  readonly #store: Store;
  readonly #out: Outbox;
  readonly #agreed: Negotiated;
  readonly #window: CommandWindow;
  #statSN: number;
  #nextTtt = 1;
  #task: Task | undefined = undefined;
  #gathered: Uint8Array = new Uint8Array(0);
  #rawHeader: Uint8Array = new Uint8Array(0);

  constructor(
    host: SessionHost,
    identity: SessionIdentity,
    parts: { readonly store: Store; readonly out: Outbox; readonly agreed: Negotiated },
    serials: { readonly cmdSN: number; readonly statSN: number },
  ) {
    this.host = host;
    this.identity = identity;
    this.#store = parts.store;
    this.#out = parts.out;
    this.#agreed = parts.agreed;
    this.#window = new CommandWindow(serials.cmdSN);
    this.#statSN = serials.statSN;
  }

  /** Takes a header; answers where its data goes. */
  header(pdu: Pdu, raw: Uint8Array): DataSink | undefined {
    this.#task = undefined;
    if (pdu.kind === 'dataOut') return this.#dataOut(pdu);
    if (pdu.kind === 'scsiCommand') return this.#command(pdu);
    if (pdu.kind === 'snack' || pdu.kind === 'loginRequest' || !isRequest(pdu)) this.#rawHeader = raw.slice();
    if (pdu.dataLength === 0) {
      this.#gathered = new Uint8Array(0);
      return undefined;
    }
    const { bytes, sink } = gather(pdu.dataLength);
    this.#gathered = bytes;
    return sink;
  }

  /** Takes a PDU whose data has arrived. */
  complete(pdu: Pdu): void {
    const data = this.#gathered;
    switch (pdu.kind) {
      case 'dataOut':
        if (this.#task !== undefined) this.#dataArrived(this.#task, pdu);
        return;
      case 'scsiCommand': {
        const task = this.#task;
        if (task !== undefined) this.#inOrder(pdu, () => this.#start(task));
        return;
      }
      case 'nopOut':
        return this.#inOrder(pdu, () => this.#ping(pdu, data));
      case 'textRequest':
        return this.#inOrder(pdu, () => this.#text(pdu, data));
      case 'taskRequest':
        return this.#inOrder(pdu, () => {
          const response = runTaskFunction(this, pdu);
          this.#out.send('taskResponse', { flags: FINAL, itt: pdu.itt, response, ...this.#status() });
        });
      case 'logoutRequest':
        return this.#inOrder(pdu, () => {
          this.closing = true;
          this.#out.send('logoutResponse', { flags: FINAL, itt: pdu.itt, time2Wait: 2, ...this.#status() });
        });
      case 'snack':
        return this.#reject(REJECT_SNACK, this.#rawHeader);
      case 'loginRequest':
        return this.protocolError(this.#rawHeader);
      default:
        return this.#reject(REJECT_UNSUPPORTED, this.#rawHeader);
    }
  }

  /** Answers what cannot be understood, and ends the session. */
  protocolError(raw: Uint8Array): void {
    this.#reject(REJECT_PROTOCOL, raw);
    this.closing = true;
  }

  /** Ends a task without an answer. */
  abort(task: Task): void {
    if (!this.tasks.delete(task.itt)) return;
    task.release();
    this.#window.active -= 1;
  }

  /** Ends the session: nothing of it stays. */
  end(): void {
    for (const task of [...this.tasks.values()]) this.abort(task);
    if (this.host.unit.reservedBy === this) this.host.unit.reservedBy = undefined;
  }

  #inOrder(pdu: { readonly immediate: boolean; readonly cmdSN: number }, work: () => void): void {
    if (pdu.immediate) work();
    else if (this.#window.accepts(pdu.cmdSN)) this.#window.run(pdu.cmdSN, work);
  }

  #serials(): { readonly statSN: number; readonly expCmdSN: number; readonly maxCmdSN: number } {
    return { statSN: this.#statSN, expCmdSN: this.#window.expCmdSN, maxCmdSN: this.#window.maxCmdSN };
  }

  /** Serial numbers of a PDU that carries status, which take a StatSN. */
  #status(): { readonly statSN: number; readonly expCmdSN: number; readonly maxCmdSN: number } {
    const serials = this.#serials();
    this.#statSN = (this.#statSN + 1) >>> 0;
    return serials;
  }

  #reject(reason: number, raw: Uint8Array): void {
    this.#out.send('reject', { flags: FINAL, itt: NO_TAG, reason, ...this.#status() }, raw);
  }

  #ping(pdu: PduOf<'nopOut'>, data: Uint8Array): void {
    if (pdu.itt === NO_TAG) return;
    const echo = data.subarray(0, this.#agreed.initiatorMaxSegment);
    this.#out.send(
      'nopIn',
      { flags: FINAL, lun: pdu.lun, itt: pdu.itt, ttt: NO_TAG, ...this.#status() },
      echo,
    );
  }

  #text(pdu: PduOf<'textRequest'>, data: Uint8Array): void {
    const asked = decodeText(data);
    const { targetName, portal } = this.host;
    const answers: [string, string][] = [];
    for (const [key, value] of asked ?? []) {
      if (key !== 'SendTargets') answers.push([key, 'NotUnderstood']);
      else if (value === 'All' || value === targetName || (value === '' && !this.identity.discovery)) {
        answers.push(['TargetName', targetName], ['TargetAddress', `${portal},1`]);
      }
    }
    this.#out.send(
      'textResponse',
      { flags: FINAL, lun: pdu.lun, itt: pdu.itt, ttt: NO_TAG, ...this.#status() },
      encodeText(answers),
    );
  }

  #command(pdu: PduOf<'scsiCommand'>): DataSink | undefined {
    if (!pdu.immediate && !this.#window.accepts(pdu.cmdSN)) return undefined;
    if (this.tasks.has(pdu.itt) || this.identity.discovery) return undefined;
    const task = new Task(pdu);
    this.#task = task;
    this.tasks.set(task.itt, task);
    this.#window.active += 1;
    task.ending = this.#admit(task, pdu.dataLength);
    if (task.ending !== undefined) return undefined;
    task.arrivedBytes = pdu.dataLength;
    if (!task.final) {
      const end = Math.min(this.#agreed.firstBurstLength, task.expectedBytes);
      task.sequence = new DataSequence(NO_TAG, pdu.dataLength, end);
    }
    return (piece, at) => {
      task.receive(piece, at);
    };
  }

  /** Everything that can be wrong with a command before its data comes. */
  #admit(task: Task, immediateBytes: number): Ending | undefined {
    const { cdb } = task;
    const opcode = cdb.u8(0);
    const { unit } = this.host;
    if (task.lun !== DISK_LUN && opcode !== REPORT_LUNS) {
      if (opcode === INQUIRY) return { status: 'good', data: absentUnit(cdb.u16(3)) };
      return check(LUN_NOT_SUPPORTED);
    }
    if (this.unitAttention !== undefined && opcode !== INQUIRY && opcode !== REPORT_LUNS) {
      const sense = this.unitAttention;
      this.unitAttention = undefined;
      if (opcode === REQUEST_SENSE)
        return { status: 'good', data: encodeSense(sense).subarray(0, cdb.u8(4)) };
      return check(sense);
    }
    const command = findCommand(cdb);
    if (command === undefined) return check(INVALID_OPCODE);
    if (conflicts(unit, this, command)) return { status: 'conflict' };
    if (command.writes === true && isWriteProtected(unit)) return check(WRITE_PROTECTED);
    task.command = command;
    const admission = command.admit?.(this.#request(task)) ?? { bytes: 0 };
    if ('key' in admission) return check(admission);
    task.wantedBytes = admission.bytes;
    task.dataBytes = task.writes ? Math.min(admission.bytes, task.expectedBytes) : 0;
    if (!this.#unsolicitedAllowed(task, immediateBytes)) return check(UNEXPECTED_UNSOLICITED_DATA);
    if (task.dataBytes === 0) return undefined;
    task.data = this.#store.stage(task.dataBytes);
    return task.data === undefined ? { status: 'taskSetFull' } : undefined;
  }

  #unsolicitedAllowed(task: Task, immediateBytes: number): boolean {
    if (!task.writes) return immediateBytes === 0;
    if (!task.final && this.#agreed.initialR2T) return false;
    if (immediateBytes > 0 && !this.#agreed.immediateData) return false;
    return immediateBytes <= Math.min(this.#agreed.firstBurstLength, task.expectedBytes);
  }

  #request(task: Task): Request {
    return {
      cdb: task.cdb,
      unit: this.host.unit,
      store: this.#store,
      session: this,
      expectedBytes: task.expectedBytes,
      data: task.data,
      dataBytes: task.dataBytes,
    };
  }

  #dataOut(pdu: PduOf<'dataOut'>): DataSink | undefined {
    const task = this.tasks.get(pdu.itt);
    // Data of a task that was answered or aborted is still on its way: it has no place any more.
    if (task === undefined) return undefined;
    const wrong = task.sequence === undefined ? 'no data was asked for' : task.sequence.take(pdu);
    if (wrong !== undefined) {
      if (task.started) this.#respond(task, check(DATA_PHASE_ERROR));
      else task.ending = check(DATA_PHASE_ERROR);
      return undefined;
    }
    this.#task = task;
    return (piece, at) => {
      task.receive(piece, pdu.bufferOffset + at);
    };
  }

  #dataArrived(task: Task, pdu: PduOf<'dataOut'>): void {
    const { sequence } = task;
    if (sequence === undefined || (pdu.flags & FINAL) === 0) return;
    task.sequence = undefined;
    task.arrivedBytes = sequence.nextOffset;
    if (sequence.ttt !== NO_TAG && sequence.nextOffset !== sequence.end)
      task.ending = check(DATA_PHASE_ERROR);
    if (task.started) this.#goOn(task);
  }

  #start(task: Task): void {
    if (this.tasks.get(task.itt) !== task) return;
    task.started = true;
    this.#goOn(task);
  }

  /** Asks for more data, or runs the command when all of it is here. */
  #goOn(task: Task): void {
    if (task.ending !== undefined) return this.#respond(task, task.ending);
    if (task.sequence !== undefined) return;
    if (task.arrivedBytes < task.dataBytes) return this.#askForData(task);
    const { command, receiveFailed } = task;
    if (receiveFailed !== undefined || command === undefined)
      return this.#respond(task, receiveFailed ?? check(INVALID_OPCODE));
    const ending = runCommand(command, this.#request(task));
    if (!(ending instanceof Promise)) return this.#respond(task, ending);
    task.release();
    void ending.then((late) => {
      // Aborted meanwhile: then it has no answer.
      if (this.tasks.get(task.itt) !== task) return;
      this.#respond(task, late);
      this.#out.flush();
    });
  }

  #askForData(task: Task): void {
    const desiredLength = Math.min(task.dataBytes - task.arrivedBytes, this.#agreed.maxBurstLength);
    const ttt = this.#nextTtt;
    this.#nextTtt = ttt === NO_TAG - 1 ? 1 : ttt + 1;
    task.sequence = new DataSequence(ttt, task.arrivedBytes, task.arrivedBytes + desiredLength);
    this.#out.send('r2t', {
      flags: FINAL,
      lun: DISK_LUN,
      itt: task.itt,
      ttt,
      r2tSN: task.nextR2TSN,
      bufferOffset: task.arrivedBytes,
      desiredLength,
      ...this.#serials(),
    });
    task.nextR2TSN += 1;
  }

  #respond(task: Task, ending: Ending): void {
    const data = ending.status === 'good' ? ending.data : undefined;
    // Before the answer, whose MaxCmdSN then makes room for the next command.
    this.abort(task);
    if (data !== undefined) {
      const sent = this.#sendData(task, data);
      if (sent) return;
    }
    const status = data === undefined ? ending.status : 'check';
    const failed = ending.status === 'check' ? ending.sense : data === undefined ? undefined : READ_FAILED;
    const sense = failed === undefined ? undefined : encodeSense(failed);
    const fields = { itt: task.itt, status: STATUS_CODES[status], ...this.#status() };
    const { flags, residual } = residualOf(task.wantedBytes, task.expectedBytes);
    this.#out.send(
      'scsiResponse',
      {
        flags: FINAL | (status === 'good' ? flags : 0),
        residual: status === 'good' ? residual : 0,
        ...fields,
      },
      sense && Uint8Array.from([0, sense.length, ...sense]),
    );
  }

  /** Sends data with the status on its last PDU; false where it could not be read. */
  #sendData(task: Task, data: Uint8Array | Extent): boolean {
    const available = data instanceof Uint8Array ? data.length : data.lengthBytes;
    const { flags: residualFlags, residual } = residualOf(available, task.expectedBytes);
    const bytes = task.reads ? Math.min(available, task.expectedBytes) : 0;
    if (bytes === 0) {
      const fields = { flags: FINAL | residualFlags, residual, itt: task.itt, ...this.#status() };
      this.#out.send('scsiResponse', fields);
      return true;
    }
    const { initiatorMaxSegment, maxBurstLength } = this.#agreed;
    let failed = false;
    for (let at = 0, dataSN = 0, burst = 0; at < bytes && !failed; dataSN += 1) {
      const length = Math.min(bytes - at, initiatorMaxSegment, maxBurstLength - burst);
      const last = at + length === bytes;
      burst = burst + length === maxBurstLength ? 0 : burst + length;
      const flags = (last || burst === 0 ? FINAL : 0) | (last ? STATUS | residualFlags : 0);
      const fields = {
        itt: task.itt,
        ttt: NO_TAG,
        dataSN,
        bufferOffset: at,
        flags,
        residual: last ? residual : 0,
        ...this.#serials(),
      };
      failed = !this.#out.sendFilled('dataIn', fields, length, (target) => {
        if (!(data instanceof Uint8Array)) return data.read(target, at) === undefined;
        target.set(data.subarray(at, at + length));
        return true;
      });
      at += length;
    }
    if (!failed) this.#statSN = (this.#statSN + 1) >>> 0;
    return !failed;
  }
}

const READ_FAILED: Sense = { key: 3, code: 0x1100 };

function isRequest(pdu: Pdu): boolean {
  return ['nopOut', 'textRequest', 'taskRequest', 'logoutRequest'].includes(pdu.kind);
}

/** How many bytes more or less there were than the initiator expected. */
function residualOf(bytes: number, expected: number): { readonly flags: number; readonly residual: number } {
  if (bytes === expected) return { flags: 0, residual: 0 };
  return bytes > expected
    ? { flags: OVERFLOW, residual: bytes - expected }
    : { flags: UNDERFLOW, residual: expected - bytes };
}
