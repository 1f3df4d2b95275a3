/**
 * The SMP response of mvsas, after `mvs_slot_complete` in drivers/scsi/mvsas/mv_sas.c (Linux 7.2).
 *
 * When a SAS management request completes, the slot's buffer holds an error record and then the response
 * frame. The completion tasklet copies the frame into the first entry of the response list; it must not sleep.
 */
import { err, sgCopyFromBuffer } from 'scatterlist';
import type {
  ErrorsOf,
  MapBackend,
  MemoryKind,
  OutOfRange,
  PartlyDone,
  Result,
  ScatterlistError,
  SgEntry,
} from 'scatterlist';

/** `sizeof(struct mvs_err_info)`. */
export const ERR_INFO_BYTES = 8;

/** The buffer of a command slot (`struct mvs_slot_info`), as the controller filled it by DMA. */
export interface MvsSlot {
  readonly response: Uint8Array;
}

/**
 * The SMP part of `mvs_slot_complete`. Returns the number of bytes copied.
 *
 * Linux maps one page and copies the whole length of the entry, even if the entry continues in a second
 * page or the frame is shorter. Here the copy helper maps page by page, and a short frame is an error.
 */
export function mvsSlotComplete<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  slot: MvsSlot,
  smpResp: SgEntry<K>,
): Result<number, PartlyDone<ErrorsOf<B, K>> | OutOfRange>;
export function mvsSlotComplete(
  backend: MapBackend,
  slot: MvsSlot,
  smpResp: SgEntry,
): Result<number, ScatterlistError> {
  const frame = slot.response.subarray(ERR_INFO_BYTES, ERR_INFO_BYTES + smpResp.length);
  if (frame.length < smpResp.length) {
    return err({ code: 'OutOfRange', haveBytes: frame.length, wantBytes: smpResp.length });
  }
  return sgCopyFromBuffer({ sgl: smpResp, origNents: 1 }, frame, backend);
}
