/** Why a SCSI command failed (SPC-4, section 4.5): key, code and qualifier. */

/** A failure, which is reported with CHECK CONDITION. */
export interface Sense {
  readonly key: number;
  /** ADDITIONAL SENSE CODE and its qualifier, as one number. */
  readonly code: number;
  /** The INFORMATION field, if it is valid. */
  readonly information?: number;
}

const ILLEGAL_REQUEST = 5;
const ABORTED_COMMAND = 0x0b;

export const INVALID_OPCODE: Sense = { key: ILLEGAL_REQUEST, code: 0x2000 };
export const LBA_OUT_OF_RANGE: Sense = { key: ILLEGAL_REQUEST, code: 0x2100 };
export const INVALID_FIELD_IN_CDB: Sense = { key: ILLEGAL_REQUEST, code: 0x2400 };
/** The flags or the expected length in the command's PDU do not fit its command block. */
export const INVALID_FIELD_IN_COMMAND_IU: Sense = { key: ILLEGAL_REQUEST, code: 0x0e03 };
export const LUN_NOT_SUPPORTED: Sense = { key: ILLEGAL_REQUEST, code: 0x2500 };
export const INVALID_FIELD_IN_PARAMETERS: Sense = { key: ILLEGAL_REQUEST, code: 0x2600 };
export const PARAMETER_LIST_LENGTH: Sense = { key: ILLEGAL_REQUEST, code: 0x1a00 };
/** Writing to the medium failed. */
export const WRITE_ERROR: Sense = { key: 3, code: 0x0c00 };
export const WRITE_PROTECTED: Sense = { key: 7, code: 0x2700 };
export const SPACE_ALLOCATION_FAILED: Sense = { key: 7, code: 0x2707 };
export const COMMUNICATION_FAILURE: Sense = { key: ABORTED_COMMAND, code: 0x0800 };
export const UNEXPECTED_UNSOLICITED_DATA: Sense = { key: ABORTED_COMMAND, code: 0x0c0c };
export const DATA_PHASE_ERROR: Sense = { key: ABORTED_COMMAND, code: 0x4b00 };
export const INITIATOR_TIMEOUT: Sense = { key: ABORTED_COMMAND, code: 0x4b06 };
/** A unit attention: another initiator aborted this one's commands. */
export const COMMANDS_CLEARED: Sense = { key: 6, code: 0x2f00 };
/** A unit attention: the logical unit was reset. */
export const RESET_OCCURRED: Sense = { key: 6, code: 0x2903 };

/** The bytes of a comparison that failed. */
export function miscompare(atByte: number): Sense {
  return { key: 0x0e, code: 0x1d00, information: atByte };
}

/** Fixed format sense data. */
export function encodeSense({ key, code, information }: Sense): Uint8Array {
  const bytes = new Uint8Array(18);
  bytes[0] = information === undefined ? 0x70 : 0xf0;
  bytes[2] = key;
  new DataView(bytes.buffer).setUint32(3, information ?? 0);
  bytes[7] = 10;
  bytes[12] = code >> 8;
  bytes[13] = code & 0xff;
  return bytes;
}
