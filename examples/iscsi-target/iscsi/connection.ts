/** One TCP connection: first the login, then the session, until one of the two ends closes it. */
import type { Pdu } from './pdu.ts';
import type { Limits } from './limits.ts';
import { failedLogin, Login } from './login.ts';
import type { LoginRules } from './login.ts';
import { Outbox } from './outbox.ts';
import type { Wire } from './outbox.ts';
import type { Negotiated } from './parameters.ts';
import { gather, PduReader } from './pdu-reader.ts';
import type { DataSink, Framing, PduTaker } from './pdu-reader.ts';
import type { Session, SessionIdentity } from './session.ts';

/** The part of a socket that a connection needs. */
export interface Socket extends Wire {
  end(): void;
  pause(): void;
  resume(): void;
}

/** The part of a connection that its session uses. */
export interface SessionLink {
  readonly out: Outbox;
  readonly agreed: Negotiated;
  readonly hangUp: () => void;
  /** Lets the session work, and sends the PDUs that it produced. */
  readonly wake: () => void;
}

/** What makes sessions: the target. */
export interface SessionMaker {
  readonly rules: LoginRules;
  readonly limits: Limits;
  /** The time in milliseconds. */
  readonly now: number;
  /** Accepts a connection; returns false if there are too many. */
  attach(connection: Connection): boolean;
  detach(connection: Connection): void;
  /** Makes a session, which replaces one that the initiator lost; returns undefined if there are too many. */
  open(
    identity: Omit<SessionIdentity, 'tsih'>,
    link: SessionLink,
    serials: { readonly cmdSN: number; readonly statSN: number },
  ): Session | undefined;
  close(session: Session): void;
  /** Counts something that must not happen. */
  fault(what: string): void;
}

/** The most data in a login request: RFC 7143 says that every target accepts this much. */
const LOGIN_SEGMENT = 8192;

/** The state of one connection. */
export class Connection implements PduTaker {
  session: Session | undefined = undefined;
  readonly #socket: Socket;
  readonly #maker: SessionMaker;
  readonly #login: Login;
  readonly #out: Outbox;
  readonly #framing: Framing = { headerDigest: false, maxDataSegment: LOGIN_SEGMENT };
  readonly #reader: PduReader;
  readonly #born: number;
  #text: Uint8Array = new Uint8Array(0);
  #statSN = 1;
  /** What the socket delivered after the outbox was full. */
  #rest: Uint8Array = new Uint8Array(0);
  #busy = false;
  #again = false;
  #paused = false;
  #over = false;
  #closed = false;
  /** The times when the last whole PDU came, when bytes were sent last, and when the initiator was pinged. */
  #heard: number;
  #sent: number;
  #pinged: number | undefined = undefined;

  constructor(socket: Socket, maker: SessionMaker) {
    this.#socket = socket;
    this.#maker = maker;
    this.#login = new Login(maker.rules);
    this.#born = maker.now;
    this.#heard = maker.now;
    this.#sent = maker.now;
    this.#out = new Outbox(
      {
        write: (bytes, sent) =>
          socket.write(bytes, () => {
            sent();
            this.#sent = maker.now;
            this.#turn();
          }),
      },
      maker.limits.sendWindowBytes,
    );
    this.#reader = new PduReader(this, this.#framing);
    if (!maker.attach(this)) this.#guard(() => this.hangUp());
  }

  /** `PduTaker`: whether no request may begin because too many bytes wait to be sent. */
  get full(): boolean {
    return this.#out.full;
  }

  /** Whether it carries a session. */
  get loggedIn(): boolean {
    return this.session !== undefined && !this.#over;
  }

  /** Bytes on their way to the initiator. */
  get backlogBytes(): number {
    return this.#out.backlogBytes;
  }

  /** Processes bytes that the socket received. */
  push(chunk: Uint8Array): void {
    if (this.#over) return;
    this.session?.beginTurn();
    if (this.#rest.length > 0 || this.#busy) this.#rest = Buffer.concat([this.#rest, chunk]);
    else this.#guard(() => this.#read(chunk));
    this.#turn();
  }

  #read(chunk: Uint8Array): void {
    const used = this.#reader.push(chunk);
    this.#rest = used < chunk.length ? chunk.slice(used) : new Uint8Array(0);
    if (this.session?.closing === true) this.hangUp();
  }

  /** Sends what can be sent now, and continues the work that waited for it. */
  #turn(): void {
    this.#again = true;
    while (this.#again && !this.#busy) {
      this.#guard(() => {
        this.#again = false;
        if (this.#over) return;
        this.session?.resume();
        if (this.#rest.length > 0 && !this.#out.full) this.#read(this.#rest);
        this.#out.flush();
      });
    }
    this.#regulate();
  }

  #regulate(): void {
    if (this.#over || this.#busy) return;
    if (!this.#paused && this.#out.full) {
      this.#paused = true;
      this.#socket.pause();
    } else if (this.#paused && this.#out.relaxed && this.#rest.length === 0) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  /** Does some work; an error that it throws ends this connection, and not the target. */
  #guard(work: () => void): void {
    const outermost = !this.#busy;
    this.#busy = true;
    try {
      work();
    } catch (error) {
      this.#maker.fault(
        `a connection failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      this.hangUp();
    } finally {
      if (outermost) this.#busy = false;
    }
  }

  /** Ends the connection if it has exceeded one of its time limits. */
  tick(): void {
    if (this.#over) return;
    this.#guard(() => this.#checkTime());
    this.#turn();
  }

  #checkTime(): void {
    const { now, limits } = this.#maker;
    const { session } = this;
    if (session === undefined) {
      if (limits.loginSeconds !== 0 && now - this.#born > limits.loginSeconds * 1000) this.hangUp();
      return;
    }
    session.tick();
    if (limits.idleSeconds === 0 || this.#over) return;
    const idle = limits.idleSeconds * 1000;
    const patience = limits.pingSeconds * 1000;
    // While the target does not read from an initiator, bytes that the initiator accepts show that it still exists.
    if (this.#out.full) {
      if (now - Math.max(this.#heard, this.#sent) > idle + patience) this.hangUp();
    } else if (this.#pinged !== undefined) {
      if (now - this.#pinged > patience) this.hangUp();
    } else if (now - this.#heard > idle) {
      if (session.identity.discovery) return this.hangUp();
      this.#pinged = now;
      session.askForSign();
    }
  }

  /** Ends the session after the connection was closed. A second call has no effect. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#end();
    this.#maker.detach(this);
  }

  /** Closes the connection from this end. No more bytes are accepted, and its session ends. */
  hangUp(): void {
    if (this.#over) return;
    this.#out.finish();
    this.#end();
    this.#socket.end();
  }

  #end(): void {
    this.#over = true;
    this.#reader.stop();
    this.#rest = new Uint8Array(0);
    if (this.session !== undefined) this.#maker.close(this.session);
  }

  /** `PduTaker`: passes headers to the login or to the session. */
  header(pdu: Pdu, raw: Uint8Array): DataSink | undefined {
    if (this.session !== undefined) return this.session.header(pdu, raw);
    const { bytes, sink } = gather(pdu.dataLength);
    this.#text = bytes;
    return sink;
  }

  /** `PduTaker`. */
  complete(pdu: Pdu): void {
    this.#heard = this.#maker.now;
    this.#pinged = undefined;
    if (this.session !== undefined) {
      this.session.complete(pdu);
      if (this.session.closing) this.#reader.stop();
    } else if (pdu.kind === 'loginRequest') this.#answerLogin(pdu);
    else this.hangUp();
  }

  /** `PduTaker`. */
  broken(_why: string, raw: Uint8Array): void {
    if (this.session === undefined) this.hangUp();
    else this.session.protocolError(raw);
  }

  #answerLogin(pdu: Extract<Pdu, { readonly kind: 'loginRequest' }>): void {
    let answer = this.#login.request(pdu, this.#text);
    const { isidHigh, isidLow, itt, cmdSN, cid } = pdu;
    if (answer.finished) {
      const { agreed, initiatorName, discovery, isid } = this.#login;
      this.session = this.#maker.open(
        { initiatorName, isid, discovery, cid },
        { out: this.#out, agreed, hangUp: () => this.hangUp(), wake: () => this.#turn() },
        { cmdSN, statSN: this.#statSN + 1 },
      );
      if (this.session === undefined) answer = failedLogin('outOfResources');
    }
    const { flags, statusClass, statusDetail } = answer;
    const tsih = this.session?.identity.tsih ?? 0;
    const serials = { statSN: this.#statSN, expCmdSN: cmdSN, maxCmdSN: (cmdSN + 1) >>> 0 };
    this.#out.send(
      'loginResponse',
      { flags, isidHigh, isidLow, tsih, itt, statusClass, statusDetail, ...serials },
      answer.text,
    );
    this.#statSN += 1;
    if (statusClass !== 0) return this.hangUp();
    if (this.session === undefined) return;
    // The PDUs of the login itself have no digest.
    this.#out.headerDigest = this.#login.agreed.headerDigest;
    this.#framing.headerDigest = this.#login.agreed.headerDigest;
    this.#framing.maxDataSegment = this.#maker.rules.parameters.maxRecvDataSegmentLength;
  }
}
