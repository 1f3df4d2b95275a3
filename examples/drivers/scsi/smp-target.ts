/**
 * A SAS expander that replies to management (SMP) requests: the device that the mvsas port talks to.
 */
import { ERR_INFO_BYTES } from './mvs-slot.ts';
import type { MvsSlot } from './mvs-slot.ts';

/** `SMP_RESPONSE`: the type byte of a response frame. */
const SMP_RESPONSE = 0x41;
/** The first function code that a vendor may define. */
const VENDOR_FUNCTION = 0x40;
const HEADER_BYTES = 4;
/** The greatest number of payload bytes in an SMP frame. */
const PAYLOAD_BYTES = 1020;

/** Replies to vendor requests with the bytes of a file. Each frame is put into the buffer of a command slot. */
export function* smpResponses(file: Uint8Array): Generator<MvsSlot> {
  for (let at = 0; at < file.length; at += PAYLOAD_BYTES) {
    const payload = file.subarray(at, at + PAYLOAD_BYTES);
    const words = Math.ceil(payload.length / 4);
    const response = new Uint8Array(ERR_INFO_BYTES + HEADER_BYTES + 4 * words);
    response.set([SMP_RESPONSE, VENDOR_FUNCTION, 0, words & 0xff], ERR_INFO_BYTES);
    response.set(payload, ERR_INFO_BYTES + HEADER_BYTES);
    yield { response };
  }
}
