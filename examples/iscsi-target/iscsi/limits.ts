/** What peers may hold and how long they may take; the options of the command line, with their defaults. */
export interface Limits {
  /** TCP connections; where all are taken, one that has not logged in makes room. */
  readonly maxConnections: number;
  readonly maxSessions: number;
  /** Immediate SCSI commands of a session under way at a time. */
  readonly maxImmediate: number;
  /** Bytes of text in one login or text negotiation, and of the data of a ping. */
  readonly maxTextBytes: number;
  /** Bytes on their way to one initiator; above it nothing is read from the disk or from its connection. */
  readonly sendWindowBytes: number;
  /** Room for the data of writes under way: all of it, and what one session may have. */
  readonly dataBytes: number;
  readonly sessionDataBytes: number;
  /** Seconds until a login must be finished. */
  readonly loginSeconds: number;
  /** Seconds of silence until a session is pinged. */
  readonly idleSeconds: number;
  /** Seconds within which it has to answer. */
  readonly pingSeconds: number;
  /** Seconds within which a sequence of Data-Out, or a command number left out, must come. */
  readonly dataSeconds: number;
}

/** What holds where the command line says nothing. */
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
