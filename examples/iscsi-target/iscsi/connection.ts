/** One TCP connection: login first, then the session it carries, until either end closes. */
import { FINAL } from './pdu.ts';
import type { Pdu } from './pdu.ts';
import { Login } from './login.ts';
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

/** Who makes sessions. */
export interface SessionMaker {
  readonly rules: LoginRules;
  open(
    identity: SessionIdentity,
    out: Outbox,
    agreed: Negotiated,
    serials: { readonly cmdSN: number; readonly statSN: number },
  ): Session;
  close(session: Session): void;
}

/** Bytes on their way out above which no more requests are read. */
const BACKLOG_BYTES = 8 * 1024 * 1024;
/** Data of a login request: RFC 7143 says that every target takes this much. */
const LOGIN_SEGMENT = 8192;

let nextTsih = 1;

/** The state of one connection. */
export class Connection implements PduTaker {
  session: Session | undefined = undefined;
  readonly #socket: Socket;
  readonly #maker: SessionMaker;
  readonly #login: Login;
  readonly #out: Outbox;
  readonly #framing: Framing = { headerDigest: false, maxDataSegment: LOGIN_SEGMENT };
  readonly #reader: PduReader;
  #text: Uint8Array = new Uint8Array(0);
  #statSN = 1;
  #paused = false;
  #closed = false;

  constructor(socket: Socket, maker: SessionMaker) {
    this.#socket = socket;
    this.#maker = maker;
    this.#login = new Login(maker.rules);
    this.#out = new Outbox({
      write: (bytes, sent) =>
        socket.write(bytes, () => {
          sent();
          this.#relax();
        }),
    });
    this.#reader = new PduReader(this, this.#framing);
  }

  /** Takes what the socket received. */
  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    this.#out.flush();
    if (this.session?.closing === true) this.#hangUp();
    else if (!this.#paused && this.#out.backlogBytes > BACKLOG_BYTES) {
      this.#paused = true;
      this.#socket.pause();
    }
  }

  #relax(): void {
    if (!this.#paused || this.#out.backlogBytes > BACKLOG_BYTES / 2) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** The connection is gone; so is its session. Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.stop();
    if (this.session !== undefined) this.#maker.close(this.session);
  }

  #hangUp(): void {
    this.#reader.stop();
    this.#socket.end();
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
    if (this.session !== undefined) {
      this.session.complete(pdu);
      if (this.session.closing) this.#reader.stop();
    } else if (pdu.kind === 'loginRequest') this.#answerLogin(pdu);
    else this.#hangUp();
  }

  /** `PduTaker`. */
  broken(_why: string, raw: Uint8Array): void {
    if (this.session === undefined) this.#hangUp();
    else this.session.protocolError(raw);
  }

  #answerLogin(pdu: Extract<Pdu, { readonly kind: 'loginRequest' }>): void {
    const answer = this.#login.request(pdu, this.#text);
    const { isidHigh, isidLow, itt, cmdSN } = pdu;
    const failed = answer.statusClass !== 0;
    const tsih = answer.finished ? nextTsih : 0;
    if (answer.finished) nextTsih = nextTsih === 0xffff ? 1 : nextTsih + 1;
    const { flags, statusClass, statusDetail } = answer;
    const serials = { statSN: this.#statSN, expCmdSN: cmdSN, maxCmdSN: (cmdSN + 1) >>> 0 };
    this.#out.send(
      'loginResponse',
      { flags, isidHigh, isidLow, tsih, itt, statusClass, statusDetail, ...serials },
      answer.text,
    );
    this.#statSN += 1;
    if (failed) return this.#hangUp();
    if (!answer.finished || (flags & FINAL) === 0) return;
    const { agreed, initiatorName, discovery } = this.#login;
    const isid = `${String(isidHigh)}.${String(isidLow)}`;
    // The login itself still goes without digest.
    this.#out.flush();
    this.#out.headerDigest = agreed.headerDigest;
    this.#framing.headerDigest = agreed.headerDigest;
    this.#framing.maxDataSegment = this.#maker.rules.parameters.maxRecvDataSegmentLength;
    this.session = this.#maker.open({ initiatorName, isid, discovery }, this.#out, agreed, {
      cmdSN,
      statSN: this.#statSN,
    });
  }
}
