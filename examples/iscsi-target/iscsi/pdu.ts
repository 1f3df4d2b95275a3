/**
 * The headers of iSCSI PDUs (RFC 7143, section 11): 48 bytes that describe the rest of the PDU.
 *
 * One table holds every layout; encoding and decoding both read it, so they cannot disagree.
 */

interface Field {
  readonly at: number;
  readonly bytes: 1 | 2 | 4;
}

const u8 = (at: number): Field => ({ at, bytes: 1 });
const u16 = (at: number): Field => ({ at, bytes: 2 });
const u32 = (at: number): Field => ({ at, bytes: 4 });

const request = { lun: u16(8), itt: u32(16), cmdSN: u32(24), expStatSN: u32(28) };
const response = { itt: u32(16), statSN: u32(24), expCmdSN: u32(28), maxCmdSN: u32(32) };

/** Fields by kind; every PDU also has `flags`, the second byte. */
const LAYOUTS = {
  nopOut: { opcode: 0x00, fields: { ...request, ttt: u32(20) } },
  scsiCommand: { opcode: 0x01, fields: { ...request, edtl: u32(20) } },
  taskRequest: { opcode: 0x02, fields: { ...request, rtt: u32(20), refCmdSN: u32(32), expDataSN: u32(36) } },
  loginRequest: {
    opcode: 0x03,
    fields: {
      versionMax: u8(2),
      versionMin: u8(3),
      isidHigh: u32(8),
      isidLow: u16(12),
      tsih: u16(14),
      itt: u32(16),
      cid: u16(20),
      cmdSN: u32(24),
      expStatSN: u32(28),
    },
  },
  textRequest: { opcode: 0x04, fields: { ...request, ttt: u32(20) } },
  dataOut: {
    opcode: 0x05,
    fields: {
      lun: u16(8),
      itt: u32(16),
      ttt: u32(20),
      expStatSN: u32(28),
      dataSN: u32(36),
      bufferOffset: u32(40),
    },
  },
  logoutRequest: {
    opcode: 0x06,
    fields: { itt: u32(16), cid: u16(20), cmdSN: u32(24), expStatSN: u32(28) },
  },
  snack: {
    opcode: 0x10,
    fields: {
      lun: u16(8),
      itt: u32(16),
      ttt: u32(20),
      expStatSN: u32(28),
      begRun: u32(40),
      runLength: u32(44),
    },
  },
  nopIn: { opcode: 0x20, fields: { ...response, lun: u16(8), ttt: u32(20) } },
  scsiResponse: {
    opcode: 0x21,
    fields: { ...response, response: u8(2), status: u8(3), expDataSN: u32(36), residual: u32(44) },
  },
  taskResponse: { opcode: 0x22, fields: { ...response, response: u8(2) } },
  loginResponse: {
    opcode: 0x23,
    fields: {
      ...response,
      versionMax: u8(2),
      versionActive: u8(3),
      isidHigh: u32(8),
      isidLow: u16(12),
      tsih: u16(14),
      statusClass: u8(36),
      statusDetail: u8(37),
    },
  },
  textResponse: { opcode: 0x24, fields: { ...response, lun: u16(8), ttt: u32(20) } },
  dataIn: {
    opcode: 0x25,
    fields: {
      ...response,
      status: u8(3),
      lun: u16(8),
      ttt: u32(20),
      dataSN: u32(36),
      bufferOffset: u32(40),
      residual: u32(44),
    },
  },
  logoutResponse: {
    opcode: 0x26,
    fields: { ...response, response: u8(2), time2Wait: u16(40), time2Retain: u16(42) },
  },
  r2t: {
    opcode: 0x31,
    fields: {
      ...response,
      lun: u16(8),
      ttt: u32(20),
      r2tSN: u32(36),
      bufferOffset: u32(40),
      desiredLength: u32(44),
    },
  },
  reject: { opcode: 0x3f, fields: { ...response, reason: u8(2), dataSN: u32(36) } },
} as const;

/** The kinds of PDU there are. */
export type PduKind = keyof typeof LAYOUTS;

/** A decoded header. Numbers are unsigned and as wide as on the wire; the LUN is its first two bytes. */
export type PduOf<K extends PduKind> = K extends PduKind
  ? {
      readonly kind: K;
      /** The I bit: delivered outside the command window. */
      readonly immediate: boolean;
      readonly flags: number;
      /** Additional header segments, in words of four bytes. */
      readonly ahsWords: number;
      /** Bytes of the data segment, without its padding. */
      readonly dataLength: number;
      /** The command block of a SCSI command; empty elsewhere. */
      readonly cdb: Uint8Array;
    } & { readonly [F in keyof (typeof LAYOUTS)[K]['fields']]: number }
  : never;

/** Any decoded header. */
export type Pdu = PduOf<PduKind>;

/** The fields of a PDU to encode. Fields that are left out are zero. */
export type PduFields<K extends PduKind> = Partial<Omit<PduOf<K>, 'kind' | 'cdb'>> & {
  readonly cdb?: Uint8Array;
};

/** Bytes of a header without additional segments and digest. */
export const HEADER_BYTES = 48;
/** The tag that stands for no task, or no transfer. */
export const NO_TAG = 0xffff_ffff;

/** The F bit of most PDUs, the T bit of a login. */
export const FINAL = 0x80;
/** The C bit of login and text PDUs: the text goes on in the next one. */
export const CONTINUE = 0x40;
/** Flags of a SCSI command. */
export const READ = 0x40;
export const WRITE = 0x20;
/** Flags of a response: residual overflow, residual underflow; of Data-In also: carries status. */
export const OVERFLOW = 0x04;
export const UNDERFLOW = 0x02;
export const STATUS = 0x01;

/** Where a field lies. */
export interface NamedField {
  readonly name: string;
  readonly at: number;
  readonly bytes: number;
}

interface Layout {
  readonly kind: PduKind;
  readonly opcode: number;
  readonly fields: readonly NamedField[];
}

const NO_CDB = new Uint8Array(0);
const KINDS = Object.keys(LAYOUTS) as readonly PduKind[];
const BY_KIND = Object.fromEntries(
  KINDS.map((kind): readonly [PduKind, Layout] => [
    kind,
    {
      kind,
      opcode: LAYOUTS[kind].opcode,
      fields: Object.entries<Field>(LAYOUTS[kind].fields).map(([name, { at, bytes }]) => ({
        name,
        at,
        bytes,
      })),
    },
  ]),
) as Readonly<Record<PduKind, Layout>>;
const BY_OPCODE: (Layout | undefined)[] = [];
for (const kind of KINDS) BY_OPCODE[BY_KIND[kind].opcode] = BY_KIND[kind];

/** Every kind with the names of its fields, for tests that visit them all. */
export const PDU_FIELDS: Readonly<Record<PduKind, readonly NamedField[]>> = Object.fromEntries(
  KINDS.map((kind) => [kind, BY_KIND[kind].fields]),
) as never;

function readUint(from: Uint8Array, at: number, bytes: number): number {
  const high = from[at] ?? 0;
  if (bytes === 1) return high;
  const two = (high << 8) | (from[at + 1] ?? 0);
  if (bytes === 2) return two;
  return ((two << 16) | ((from[at + 2] ?? 0) << 8) | (from[at + 3] ?? 0)) >>> 0;
}

function writeUint(to: Uint8Array, at: number, bytes: number, value: number): void {
  for (let i = at + bytes - 1, rest = value; i >= at; i -= 1, rest >>>= 8) to[i] = rest;
}

/** Reads a header; returns undefined for an opcode that does not exist. */
export function decodeHeader(from: Uint8Array): Pdu | undefined {
  const first = from[0] ?? 0;
  const layout = BY_OPCODE[first & 0x3f];
  if (layout === undefined) return undefined;
  const pdu: Record<string, unknown> = {
    kind: layout.kind,
    immediate: (first & 0x40) !== 0,
    flags: from[1],
    ahsWords: from[4],
    dataLength: readUint(from, 4, 4) & 0xff_ffff,
    cdb: layout.kind === 'scsiCommand' ? Uint8Array.prototype.slice.call(from, 32, 48) : NO_CDB,
  };
  for (const { name, at, bytes } of layout.fields) pdu[name] = readUint(from, at, bytes);
  return pdu as unknown as Pdu;
}

/** Writes a header into 48 bytes, all of which are set. */
export function encodeHeader<K extends PduKind>(
  to: Uint8Array,
  kind: K,
  fields: PduFields<K>,
  dataLength: number = fields.dataLength ?? 0,
): void {
  const layout = BY_KIND[kind];
  const values: Readonly<Record<string, unknown>> = fields;
  to.fill(0, 0, HEADER_BYTES);
  writeUint(to, 4, 4, dataLength);
  to[0] = layout.opcode | (fields.immediate === true ? 0x40 : 0);
  to[1] = fields.flags ?? 0;
  to[4] = fields.ahsWords ?? 0;
  if (fields.cdb !== undefined) to.set(fields.cdb, 32);
  for (const { name, at, bytes } of layout.fields) {
    const value = values[name];
    if (typeof value === 'number') writeUint(to, at, bytes, value);
  }
}

/** A number of bytes rounded up to a multiple of four, to which PDUs are padded. */
export function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}

/** Whether a serial number comes before another, modulo 2^32 (RFC 1982). */
export function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
