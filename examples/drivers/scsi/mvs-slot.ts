/**
 * The buffer of a command slot: what the mvsas controller and its driver share.
 */

/** `sizeof(struct mvs_err_info)`. */
export const ERR_INFO_BYTES = 8;

/** The buffer of a command slot (`struct mvs_slot_info`), as the controller filled it by DMA. */
export interface MvsSlot {
  readonly response: Uint8Array;
}
