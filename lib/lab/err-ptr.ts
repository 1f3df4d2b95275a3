/**
 * Pointers of designs that were made for C: an address is a number, and an error may be in place of it.
 *
 * The C compiler tells an address neither from `NULL` nor from an error, so the types here do not either.
 */

/** `EINTR` and its like, as positive numbers: `return -EIO`. */
export const EINTR = 4;
export const EIO = 5;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EFAULT = 14;
export const EBUSY = 16;
export const EINVAL = 22;
export const EFBIG = 27;
export const EPIPE = 32;
export const EREMOTEIO = 121;
export const EINPROGRESS = 115;

/** `NULL`. */
export const NULL = 0;

/**
 * An error number in place of an address.
 *
 * @linux ERR_PTR (7.2)
 * @context any
 * @differs the number is negative. In Linux it is one of the last 4095 addresses, where local maps of the simulated
 * machine lie
 */
export function errPtr(errno: number): number {
  return errno;
}

/**
 * Whether an address is an error number.
 *
 * @linux IS_ERR (7.2)
 * @context any
 */
export function isErr(address: number): boolean {
  return address < 0;
}

/**
 * The error number in an address.
 *
 * @linux PTR_ERR (7.2)
 * @context any
 */
export function ptrErr(address: number): number {
  return address;
}
