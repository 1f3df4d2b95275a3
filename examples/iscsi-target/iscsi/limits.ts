/** What peers may hold and how long they may take; the options of the command line, with their defaults. */
export interface Limits {
  /** TCP connections. If there are as many, a new one replaces one that has not logged in. */
  readonly maxConnections: number;
  readonly maxSessions: number;
  /** Immediate SCSI commands of a session under way at a time. */
  readonly maxImmediate: number;
  /** Bytes of text in one login or text negotiation, and of the data of a ping. */
  readonly maxTextBytes: number;
  /** Bytes on their way to one initiator. If there are more, the target stops reading from the disk and from its connection. */
  readonly sendWindowBytes: number;
  /** Room for the data of writes under way: all of it, and what one session may have. */
  readonly dataBytes: number;
  readonly sessionDataBytes: number;
  /** Seconds until a login must be finished. */
  readonly loginSeconds: number;
  /** Seconds without a PDU from the initiator until the target pings it. */
  readonly idleSeconds: number;
  /** Seconds within which the initiator has to reply to the ping. */
  readonly pingSeconds: number;
  /** Seconds within which a sequence of Data-Out, or a command number left out, must come. */
  readonly dataSeconds: number;
}

/** The values that apply if the command line does not set them. */
export const DEFAULT_LIMITS: Limits = {
  maxConnections: 64,
  maxSessions: 32,
  maxImmediate: 8,
  maxTextBytes: 16 * 1024,
  sendWindowBytes: 4 * 1024 * 1024,
  dataBytes: 256 * 1024 * 1024,
  sessionDataBytes: 64 * 1024 * 1024,
  loginSeconds: 15,
  idleSeconds: 60,
  pingSeconds: 15,
  dataSeconds: 20,
};
