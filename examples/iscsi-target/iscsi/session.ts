/** The full feature phase of one session: commands, their data, and their responses. */
import { DISK_LUN } from '../scsi/report.ts';
import { findCommand } from '../scsi/commands.ts';
import { check, isWriteProtected, whenDurable } from '../scsi/command.ts';
import type { LogicalUnit, Outcome, Request } from '../scsi/command.ts';
import { absentUnit } from '../scsi/inquiry.ts';
import { conflicts } from '../scsi/reservation.ts';
import {
  DATA_PHASE_ERROR,
  encodeSense,
  INITIATOR_TIMEOUT,
  INVALID_FIELD_IN_COMMAND_IU,
  INVALID_OPCODE,
  LUN_NOT_SUPPORTED,
  UNEXPECTED_UNSOLICITED_DATA,
  WRITE_PROTECTED,
} from '../scsi/sense.ts';
import type { Sense } from '../scsi/sense.ts';
import { SLICE_BYTES } from '../scsi/slices.ts';
import type { Extent, Store } from '../store/store.ts';
import { CommandWindow } from './command-window.ts';
import type { SessionBudget } from './data-budget.ts';
import { DataSequence } from './data-sequence.ts';
import type { Limits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Negotiated } from './parameters.ts';
import { CONTINUE, FINAL, NO_TAG, OVERFLOW, STATUS, UNDERFLOW } from './pdu.ts';
import type { Pdu, PduOf } from './pdu.ts';
import { gather } from './pdu-reader.ts';
import type { DataSink } from './pdu-reader.ts';
import { STATUS_CODES, Task } from './task.ts';
import type { Ending } from './task.ts';
import { COLD_RESET, runTaskFunction } from './task-management.ts';
import { decodeText, encodeText, TextParts } from './text.ts';

/** Reasons of a Reject PDU. */
const REJECT = {
  snack: 0x03,
  protocol: 0x04,
  unsupported: 0x05,
  tooManyImmediate: 0x06,
  taskInProgress: 0x07,
  invalidField: 0x09,
  outOfResources: 0x0a,
} as const;

const INQUIRY = 0x12;
const REPORT_LUNS = 0xa0;
const REQUEST_SENSE = 0x03;

/** What a command yields while it waits until PDUs are sent. Otherwise it yields the number of bytes that it worked on. */
const WINDOW = -1;
/** A command counts as at least this many bytes of work. */
const COMMAND_COST = 512;
/** Bytes that a session works on before the next session has its turn. */
const TURN_BYTES = 4 * SLICE_BYTES;
/** The longest data segment that is sent. */
const MOST_SEGMENT = 256 * 1024;

/** The part of the target that a session uses. */
export interface SessionHost {
  readonly unit: LogicalUnit;
  readonly targetName: string;
  readonly portal: string;
  readonly limits: Limits;
  readonly sessions: Iterable<Session>;
  /** The time in milliseconds, exact enough for limits in seconds. */
  readonly now: number;
  /** Calls `takeTurn` of a session after the other sessions had their turn. */
  later(session: Session): void;
}

/** What is known of a session after login. */
export interface SessionIdentity {
  readonly initiatorName: string;
  readonly isid: string;
  readonly discovery: boolean;
  readonly tsih: number;
  readonly cid: number;
}

/** The parts that a session needs. */
export interface SessionParts {
  readonly store: Store;
  readonly out: Outbox;
  readonly agreed: Negotiated;
  /** Room for the data of its writes. */
  readonly budget: SessionBudget;
  /** Closes the connection and then the session. */
  readonly hangUp: () => void;
  /** Lets the session work, and sends the PDUs that it produced. */
  readonly wake: () => void;
}

type Serials = { readonly statSN: number; readonly expCmdSN: number; readonly maxCmdSN: number };

/** One session with its one connection. */
export class Session {
  readonly identity: SessionIdentity;
  /** Tasks under way by initiator task tag. */
  readonly tasks: Map<number, Task> = new Map<number, Task>();
  /** Whether the session is closed when everything is sent. */
  closing = false;
  readonly host: SessionHost;
  readonly hangUp: () => void;
  readonly #wake: () => void;
  readonly #store: Store;
  readonly #out: Outbox;
  readonly #agreed: Negotiated;
  readonly #budget: SessionBudget;
  readonly #window: CommandWindow;
  /** Tasks that have their data, in the order in which they run. */
  readonly #ready: Task[] = [];
  /** Unit attentions that the next commands report instead of running. */
  readonly #attentions: Sense[] = [];
  /** Bytes of a read that are copied in one turn, so that no other session can write in between. */
  readonly #turnBytes: number;
  #running = false;
  /** Whether the session waits until other sessions had their turn. */
  #yielded = false;
  /** Bytes that the session worked on in this turn, for all of its commands. */
  #spent = 0;
  #ended = false;
  #statSN: number;
  #nextTtt = 1;
  #task: Task | undefined = undefined;
  #gathered: Uint8Array = new Uint8Array(0);
  #rawHeader: Uint8Array = new Uint8Array(0);
  #tooLong = false;
  /** A text negotiation that takes more than one exchange. */
  #text: { readonly ttt: number; readonly asked: Uint8Array; readonly parts?: TextParts } | undefined =
    undefined;
  #gap = { expCmdSN: -1, since: 0 };

  constructor(
    host: SessionHost,
    identity: SessionIdentity,
    parts: SessionParts,
    serials: { readonly cmdSN: number; readonly statSN: number },
  ) {
    this.host = host;
    this.identity = identity;
    this.hangUp = parts.hangUp;
    this.#wake = parts.wake;
    this.#store = parts.store;
    this.#out = parts.out;
    this.#agreed = parts.agreed;
    this.#budget = parts.budget;
    this.#window = new CommandWindow(serials.cmdSN);
    this.#statSN = serials.statSN;
    this.#turnBytes = Math.min(TURN_BYTES, host.limits.sendWindowBytes);
  }

  /** Processes a header; returns where its data go. */
  header(pdu: Pdu, raw: Uint8Array): DataSink | undefined {
    this.#task = undefined;
    if (this.#ended) return undefined;
    if (pdu.kind === 'dataOut') return this.#dataOut(pdu);
    if (pdu.kind === 'scsiCommand') return this.#command(pdu, raw);
    this.#rawHeader = raw.slice();
    this.#tooLong = pdu.dataLength > this.host.limits.maxTextBytes;
    if (pdu.dataLength === 0 || this.#tooLong) {
      this.#gathered = new Uint8Array(0);
      return undefined;
    }
    const { bytes, sink } = gather(pdu.dataLength);
    this.#gathered = bytes;
    return sink;
  }

  /** Processes a PDU whose data have arrived. */
  complete(pdu: Pdu): void {
    if (this.#ended) return;
    if (pdu.kind === 'dataOut') return this.#dataArrived(this.#task, pdu);
    if (pdu.kind === 'scsiCommand') {
      const task = this.#task;
      if (task !== undefined) this.#inOrder(pdu, () => this.#start(task));
      return;
    }
    const data = this.#gathered;
    const raw = this.#rawHeader;
    switch (pdu.kind) {
      case 'nopOut':
      case 'textRequest':
      case 'taskRequest':
      case 'logoutRequest': {
        const reason = this.#unwanted(pdu);
        if (reason !== undefined) return this.#refuse(pdu, reason, raw);
        return this.#inOrder(pdu, () => this.#serve(pdu, data, raw));
      }
      case 'snack':
        return this.#reject(REJECT.snack, raw);
      case 'loginRequest':
        return this.protocolError(raw);
      default:
        return this.#reject(REJECT.unsupported, raw);
    }
  }

  /** Why a request other than a command is rejected. */
  #unwanted(pdu: PduOf<'nopOut' | 'textRequest' | 'taskRequest' | 'logoutRequest'>): number | undefined {
    const takes = pdu.kind === 'textRequest' || pdu.kind === 'logoutRequest';
    if (this.identity.discovery && !takes) return REJECT.protocol;
    if (this.#tooLong) return pdu.kind === 'textRequest' ? REJECT.outOfResources : REJECT.invalidField;
    return pdu.itt === NO_TAG && pdu.kind !== 'nopOut' ? REJECT.invalidField : undefined;
  }

  #serve(
    pdu: PduOf<'nopOut' | 'textRequest' | 'taskRequest' | 'logoutRequest'>,
    data: Uint8Array,
    raw: Uint8Array,
  ): void {
    switch (pdu.kind) {
      case 'nopOut':
        return this.#ping(pdu, data);
      case 'textRequest':
        return this.#textRequest(pdu, data, raw);
      case 'taskRequest': {
        const response = runTaskFunction(this, pdu);
        this.#out.send('taskResponse', { flags: FINAL, itt: pdu.itt, response, ...this.#status() });
        if (response !== 0 || (pdu.flags & 0x7f) !== COLD_RESET) return;
        for (const other of [...this.host.sessions]) if (other !== this) other.hangUp();
        this.closing = true;
        return;
      }
      case 'logoutRequest':
        return this.#logout(pdu);
    }
  }

  /** Rejects a PDU that does not follow the protocol, and ends the session. */
  protocolError(raw: Uint8Array): void {
    if (this.#ended) return;
    this.#reject(REJECT.protocol, raw);
    this.closing = true;
  }

  /** Ends a task without a response. */
  abort(task: Task): void {
    if (!this.#finish(task)) return;
    const at = this.#ready.indexOf(task);
    if (at < 0) return;
    this.#ready.splice(at, 1);
    // A task that runs now checks `ended` itself; otherwise it has to clean up here.
    if (!this.#running || at > 0) task.work?.return();
    if (at === 0) this.#yield();
  }

  /** Lets the next command report a unit attention. Each kind is reported once. */
  attention(sense: Sense): void {
    if (!this.#attentions.includes(sense)) this.#attentions.push(sense);
  }

  /** Counts a command that never came as received. */
  plug(cmdSN: number): boolean {
    if (!this.#window.accepts(cmdSN)) return false;
    this.#window.run(cmdSN, () => undefined);
    return true;
  }

  /** Ends the session: frees everything that it holds. It accepts and sends no more PDUs. */
  end(): void {
    this.#ended = true;
    for (const task of [...this.tasks.values()]) this.abort(task);
    this.#window.clear();
    this.#text = undefined;
    if (this.host.unit.reservedBy === this) this.host.unit.reservedBy = undefined;
  }

  /** Bytes of the data of writes under way. */
  get heldBytes(): number {
    return this.#budget.heldBytes;
  }

  /** Ends what has taken too long. */
  tick(): void {
    const { now, limits } = this.host;
    const most = limits.dataSeconds * 1000;
    if (most === 0) return;
    for (const task of [...this.tasks.values()]) {
      if (task.sequence === undefined || now - task.sequence.since <= most) continue;
      task.sequence = undefined;
      task.ending = check(INITIATOR_TIMEOUT);
      if (task.started) this.#goOn(task);
    }
    const { expCmdSN, hasGap } = this.#window;
    if (!hasGap || this.#gap.expCmdSN !== expCmdSN)
      this.#gap = { expCmdSN: hasGap ? expCmdSN : -1, since: now };
    // PDUs of one connection arrive in order, so a number that was left out does not come later.
    else if (now - this.#gap.since > most) this.hangUp();
  }

  /** Pings the initiator. */
  askForSign(): void {
    const ttt = this.#newTtt();
    this.#out.send('nopIn', { flags: FINAL, lun: DISK_LUN, itt: NO_TAG, ttt, ...this.#serials() });
  }

  #inOrder(pdu: { readonly immediate: boolean; readonly cmdSN: number }, work: () => void): void {
    if (pdu.immediate) work();
    else if (this.#window.accepts(pdu.cmdSN)) this.#window.run(pdu.cmdSN, work);
  }

  #serials(): Serials {
    return { statSN: this.#statSN, expCmdSN: this.#window.expCmdSN, maxCmdSN: this.#window.maxCmdSN };
  }

  /** Serial numbers of a PDU that carries status, which take a StatSN. */
  #status(): Serials {
    const serials = this.#serials();
    this.#statSN = (this.#statSN + 1) >>> 0;
    return serials;
  }

  #newTtt(): number {
    const ttt = this.#nextTtt;
    this.#nextTtt = ttt === NO_TAG - 1 ? 1 : ttt + 1;
    return ttt;
  }

  #reject(reason: number, raw: Uint8Array): void {
    this.#out.send('reject', { flags: FINAL, itt: NO_TAG, reason, ...this.#status() }, raw);
  }

  /** Rejects a request; later requests continue. */
  #refuse(
    pdu: { readonly immediate: boolean; readonly cmdSN: number },
    reason: number,
    raw: Uint8Array,
  ): void {
    if (!pdu.immediate) {
      if (!this.#window.accepts(pdu.cmdSN)) return;
      this.#window.refuse(pdu.cmdSN);
    }
    this.#reject(reason, raw);
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

  #logout(pdu: PduOf<'logoutRequest'>): void {
    const reason = pdu.flags & 0x7f;
    const elsewhere = reason === 1 && pdu.cid !== this.identity.cid;
    // 1: no such connection; 2: recovery of a connection is not supported.
    const response = reason > 1 ? 2 : elsewhere ? 1 : 0;
    if (response === 0) {
      this.end();
      this.closing = true;
    }
    this.#out.send('logoutResponse', {
      flags: FINAL,
      itt: pdu.itt,
      response,
      time2Wait: 2,
      ...this.#status(),
    });
  }

  #textRequest(pdu: PduOf<'textRequest'>, data: Uint8Array, raw: Uint8Array): void {
    const before = this.#text;
    if (pdu.ttt !== NO_TAG && pdu.ttt !== before?.ttt) return this.#reject(REJECT.invalidField, raw);
    const continued = pdu.ttt === NO_TAG ? undefined : before;
    const asked = continued === undefined ? data : Buffer.concat([continued.asked, data]);
    if (asked.length > this.host.limits.maxTextBytes) {
      this.#text = undefined;
      return this.#reject(REJECT.outOfResources, raw);
    }
    let parts = continued?.parts;
    if ((pdu.flags & CONTINUE) === 0) {
      const { initiatorMaxSegment } = this.#agreed;
      parts ??= new TextParts(
        encodeText(this.#textAnswers(asked)),
        Math.min(initiatorMaxSegment, MOST_SEGMENT),
      );
    }
    const text = parts?.next();
    const more = parts === undefined || !parts.done;
    const ttt = more ? this.#newTtt() : NO_TAG;
    this.#text = more
      ? { ttt, asked: parts === undefined ? asked : Uint8Array.of(), ...(parts && { parts }) }
      : undefined;
    const flags = !more ? FINAL : parts === undefined ? 0 : CONTINUE;
    this.#out.send('textResponse', { flags, lun: pdu.lun, itt: pdu.itt, ttt, ...this.#status() }, text);
  }

  #textAnswers(asked: Uint8Array): [string, string][] {
    const { targetName, portal } = this.host;
    const answers: [string, string][] = [];
    for (const [key, value] of decodeText(asked) ?? []) {
      if (key !== 'SendTargets') answers.push([key, 'NotUnderstood']);
      else if (value === 'All' || value === targetName || (value === '' && !this.identity.discovery)) {
        answers.push(['TargetName', targetName], ['TargetAddress', `${portal},1`]);
      }
    }
    return answers;
  }

  #command(pdu: PduOf<'scsiCommand'>, raw: Uint8Array): DataSink | undefined {
    if (!pdu.immediate && !this.#window.accepts(pdu.cmdSN)) return undefined;
    const reason = this.#unfit(pdu);
    if (reason !== undefined) {
      this.#refuse(pdu, reason, raw.slice());
      return undefined;
    }
    const task = new Task(pdu);
    this.#task = task;
    this.tasks.set(task.itt, task);
    this.#window.active += 1;
    task.ending = this.#admit(task, pdu.dataLength);
    if (task.ending !== undefined) return undefined;
    task.arrivedBytes = pdu.dataLength;
    if (!task.final) {
      const end = Math.min(this.#agreed.firstBurstLength, task.expectedBytes);
      task.sequence = new DataSequence(NO_TAG, pdu.dataLength, end, this.host.now);
    }
    return (piece, at) => {
      task.receive(piece, at);
    };
  }

  /** Why a command cannot become a task, or undefined. */
  #unfit(pdu: PduOf<'scsiCommand'>): number | undefined {
    if (this.identity.discovery) return REJECT.protocol;
    if (pdu.itt === NO_TAG) return REJECT.invalidField;
    if (this.tasks.has(pdu.itt)) return REJECT.taskInProgress;
    if (!pdu.immediate) return undefined;
    let immediate = 0;
    for (const task of this.tasks.values()) if (task.immediate) immediate += 1;
    return immediate < this.host.limits.maxImmediate ? undefined : REJECT.tooManyImmediate;
  }

  /** What is wrong with a command before its data come, or undefined. */
  #admit(task: Task, immediateBytes: number): Ending | undefined {
    const { cdb } = task;
    const opcode = cdb.u8(0);
    const { unit } = this.host;
    if (task.lun !== DISK_LUN && opcode !== REPORT_LUNS) {
      if (opcode === INQUIRY) return { status: 'good', data: absentUnit(cdb.u16(3)) };
      return check(LUN_NOT_SUPPORTED);
    }
    if (this.#attentions.length > 0 && opcode !== INQUIRY && opcode !== REPORT_LUNS) {
      const [sense = LUN_NOT_SUPPORTED] = this.#attentions.splice(0, 1);
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
    if (!task.fits(admission.partial === true)) return check(INVALID_FIELD_IN_COMMAND_IU);
    task.dataBytes = task.writes ? Math.min(admission.bytes, task.expectedBytes) : 0;
    if (!this.#unsolicitedAllowed(task, immediateBytes)) return check(UNEXPECTED_UNSOLICITED_DATA);
    if (task.dataBytes === 0 || task.stage(this.#store, this.#budget)) return undefined;
    return { status: 'taskSetFull' };
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
    // The task has ended, and the rest of its data are dropped.
    if (task === undefined) return undefined;
    const wrong = task.sequence === undefined ? 'no data was asked for' : task.sequence.take(pdu);
    if (wrong !== undefined) {
      task.sequence = undefined;
      task.ending ??= check(DATA_PHASE_ERROR);
      if (task.started && !this.#ready.includes(task)) this.#goOn(task);
      return undefined;
    }
    this.#task = task;
    return (piece, at) => {
      task.receive(piece, pdu.bufferOffset + at);
    };
  }

  #dataArrived(task: Task | undefined, pdu: PduOf<'dataOut'>): void {
    // The task may have been aborted while the last of its data came.
    if (task === undefined || task.ended) return;
    const { sequence } = task;
    if (sequence === undefined || (pdu.flags & FINAL) === 0) return;
    task.sequence = undefined;
    task.arrivedBytes = sequence.nextOffset;
    if (sequence.ttt !== NO_TAG && sequence.nextOffset !== sequence.end)
      task.ending = check(DATA_PHASE_ERROR);
    if (task.started) this.#goOn(task);
  }

  #start(task: Task): void {
    if (task.ended) return;
    task.started = true;
    this.#goOn(task);
  }

  /** Requests more data, or runs the command when all of its data are here. */
  #goOn(task: Task): void {
    if (task.ending !== undefined) return this.#respond(task, task.ending);
    if (task.sequence !== undefined) return;
    if (task.arrivedBytes < task.dataBytes) return this.#askForData(task);
    this.#makeReady(task);
  }

  #askForData(task: Task): void {
    const desiredLength = Math.min(task.dataBytes - task.arrivedBytes, this.#agreed.maxBurstLength);
    const ttt = this.#newTtt();
    const end = task.arrivedBytes + desiredLength;
    task.sequence = new DataSequence(ttt, task.arrivedBytes, end, this.host.now);
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

  #yield(): void {
    if (this.#yielded || this.#ended) return;
    this.#yielded = true;
    this.host.later(this);
  }

  /** Begins a turn after a PDU has come, unless the session waits for its turn. */
  beginTurn(): void {
    if (!this.#yielded) this.#spent = 0;
  }

  /** Begins the turn of this session, after the other sessions had theirs. */
  takeTurn(): void {
    this.#yielded = false;
    this.#spent = 0;
    if (!this.#ended) this.#wake();
  }

  /** Runs the tasks that are ready, until they have to wait or until the turn is over. */
  resume(): void {
    if (this.#running || this.#yielded) return;
    this.#running = true;
    try {
      for (;;) {
        const [task] = this.#ready;
        if (task === undefined) return;
        if (this.#spent >= TURN_BYTES) return this.#yield();
        task.work ??= this.#perform(task);
        const { done, value } = task.work.next();
        if (done === true) {
          if (this.#ready[0] === task) this.#ready.shift();
          this.#spent += COMMAND_COST + Math.min(task.expectedBytes, TURN_BYTES);
        } else if (value === WINDOW) return;
        else this.#spent += value;
      }
    } finally {
      this.#running = false;
    }
  }

  #makeReady(task: Task): void {
    this.#ready.push(task);
    if (this.#ready.length === 1) this.resume();
  }

  *#perform(task: Task): Generator<number, void> {
    const { command, receiveFailed } = task;
    if (command === undefined || receiveFailed !== undefined)
      return this.#respond(task, receiveFailed ?? check(INVALID_OPCODE));
    const request = this.#request(task);
    const outcome = command.run(request);
    const ending = 'status' in outcome ? outcome : yield* outcome;
    if (task.ended) return;
    const durable = whenDurable(command, request, ending);
    if (durable === undefined) return yield* this.#answer(task, ending);
    // Later commands do not wait for the medium.
    task.release();
    void durable.then((late) => {
      if (task.ended) return;
      task.work = this.#answer(task, late);
      this.#ready.push(task);
      this.#wake();
    });
  }

  *#answer(task: Task, ending: Outcome): Generator<number, void> {
    const data = ending.status === 'good' ? ending.data : undefined;
    if (data === undefined) this.#respond(task, ending);
    else yield* this.#sendData(task, data);
  }

  /** Removes a task from those under way; returns false if it was not one of them. */
  #finish(task: Task): boolean {
    if (task.ended) return false;
    task.ended = true;
    this.tasks.delete(task.itt);
    task.release();
    this.#leaveWindow(task);
    return true;
  }

  /** Makes room for the next command. This comes before the response, so that its MaxCmdSN includes the room. */
  #leaveWindow(task: Task): void {
    if (task.counts) this.#window.active -= 1;
    task.counts = false;
  }

  /** Sends a response with a status for a command that did not run, and drops its data. */
  #respond(task: Task, ending: Ending): void {
    if (ending.status === 'good' && ending.data !== undefined) {
      task.work = this.#sendData(task, ending.data);
      return this.#makeReady(task);
    }
    if (this.#finish(task)) this.#sendStatus(task, ending);
  }

  #sendStatus(task: Task, ending: Ending): void {
    const { status } = ending;
    const sense = ending.status === 'check' ? encodeSense(ending.sense) : undefined;
    const fields = { itt: task.itt, status: STATUS_CODES[status], ...this.#status() };
    // If the length of the data does not fit the command, the response has the difference, too.
    const counted =
      ending.status === 'check' ? ending.sense === INVALID_FIELD_IN_COMMAND_IU : status === 'good';
    const { flags, residual } = counted ? residualOf(task.wantedBytes, task.expectedBytes) : NO_RESIDUAL;
    this.#out.send(
      'scsiResponse',
      { flags: FINAL | flags, residual, expDataSN: task.nextR2TSN + task.nextDataSN, ...fields },
      sense && Uint8Array.from([0, sense.length, ...sense]),
    );
  }

  /** Sends data, with the status in the last PDU, as fast as the outbox accepts them. */
  *#sendData(task: Task, data: Uint8Array | Extent): Generator<number, void> {
    const available = lengthOf(data);
    const { flags: residualFlags, residual } = residualOf(available, task.expectedBytes);
    const bytes = task.reads ? Math.min(available, task.expectedBytes) : 0;
    if (bytes === 0) {
      if (!this.#finish(task)) return;
      const expDataSN = task.nextR2TSN;
      const fields = { flags: FINAL | residualFlags, residual, expDataSN, itt: task.itt, ...this.#status() };
      this.#out.send('scsiResponse', fields);
      return;
    }
    this.#leaveWindow(task);
    const { maxBurstLength } = this.#agreed;
    const segment = Math.min(this.#agreed.initiatorMaxSegment, MOST_SEGMENT);
    for (let at = 0, burst = 0, end = 0; at < bytes;) {
      if (at === end) {
        end = Math.min(at + this.#turnBytes, bytes);
        while (!this.#out.hasRoom(end - at)) {
          yield WINDOW;
          if (task.ended) return;
        }
      }
      const length = Math.min(end - at, segment, maxBurstLength - burst);
      const last = at + length === bytes;
      burst = burst + length === maxBurstLength ? 0 : burst + length;
      const flags = (last || burst === 0 ? FINAL : 0) | (last ? STATUS | residualFlags : 0);
      const fields = {
        itt: task.itt,
        ttt: NO_TAG,
        dataSN: task.nextDataSN,
        bufferOffset: at,
        flags,
        residual: last ? residual : 0,
        ...this.#serials(),
      };
      const sent = this.#out.sendFilled('dataIn', fields, length, (target) => {
        if (!(data instanceof Uint8Array)) return data.read(target, at) === undefined;
        target.set(data.subarray(at, at + length));
        return true;
      });
      if (!sent) return this.#respond(task, check(READ_FAILED));
      task.nextDataSN += 1;
      at += length;
      if (at < end || last) continue;
      yield this.#turnBytes;
      if (task.ended) return;
    }
    if (!this.#finish(task)) return;
    this.#statSN = (this.#statSN + 1) >>> 0;
  }
}

const NO_RESIDUAL = { flags: 0, residual: 0 };
const READ_FAILED: Sense = { key: 3, code: 0x1100 };

function lengthOf(data: Uint8Array | Extent): number {
  return data instanceof Uint8Array ? data.length : data.lengthBytes;
}

/** By how many bytes the data differ from what the initiator expected, as the flags and the residual count of a response. */
function residualOf(bytes: number, expected: number): { readonly flags: number; readonly residual: number } {
  if (bytes === expected) return NO_RESIDUAL;
  return bytes > expected
    ? { flags: OVERFLOW, residual: bytes - expected }
    : { flags: UNDERFLOW, residual: expected - bytes };
}
