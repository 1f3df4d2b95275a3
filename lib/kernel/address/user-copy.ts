/**
 * Copies between the kernel and a user: `copy_from_user`, `get_user` and their relatives.
 *
 * A page that is not present faults. The handler may sleep; where it may not run, in an atomic section or with page
 * faults disabled, the copy ends there and returns the number of bytes that were not copied.
 */
import type { BadAddress } from '../../base/errors.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { Context } from '../core/machine.ts';
import { inAtomic, mightSleep, pagefaultDisable, pagefaultEnable } from '../core/preempt.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';
import type { UserSpace } from './user-space.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** Bytes of a mapping, for a copy that goes into mapped memory or out of it. */
export interface MappedBytes {
  readonly mapping: Window;
  readonly offset: number;
  readonly length: number;
}

/** The kernel's side of a copy: a buffer of its own, or mapped memory. */
export type KernelBytes = Uint8Array | MappedBytes;

/**
 * Reports a call that may fault in a context where faults cannot be handled, unless page faults are disabled, which says
 * that the caller expects the copy to fail.
 *
 * @linux might_fault (7.2)
 * @context any; reports a violation in an atomic context with page faults enabled
 */
export function mightFault(context: Context, what = 'might_fault'): void {
  context.machine.enter(context);
  if (context.task.pagefaultDisabled === 0) mightSleep(context, what);
}

/**
 * Copies from a user; returns the number of bytes that were not copied, which are cleared in the target.
 *
 * @linux copy_from_user (7.2)
 * @context preemptible task; with page faults disabled any context. May sleep in the fault handler.
 */
export function copyFromUser(
  context: Context,
  to: KernelBytes,
  user: UserSpace,
  address: number,
): Sleeping<number> {
  return sleepingCall(copyFrom(context, to, user, address), 'copyFromUser');
}

function* copyFrom(context: Context, to: KernelBytes, user: UserSpace, address: number): Sleeping<number> {
  mightFault(context, 'copy_from_user');
  const left = yield* transfer(context, user, address, to.length, false, inward(to));
  clear(to, left);
  return left;
}

/**
 * Copies to a user; returns the number of bytes that were not copied.
 *
 * @linux copy_to_user (7.2)
 * @context preemptible task; with page faults disabled any context. May sleep in the fault handler.
 */
export function copyToUser(
  context: Context,
  user: UserSpace,
  address: number,
  from: KernelBytes,
): Sleeping<number> {
  return sleepingCall(copyTo(context, user, address, from), 'copyToUser');
}

function* copyTo(context: Context, user: UserSpace, address: number, from: KernelBytes): Sleeping<number> {
  mightFault(context, 'copy_to_user');
  return yield* transfer(context, user, address, from.length, true, outward(from));
}

/**
 * Copies from a user as far as pages are present; returns the number of bytes that were not copied.
 *
 * @linux __copy_from_user_inatomic (7.2)
 * @context any; does not sleep
 * @differs never handles a fault; Linux handles it where page faults are enabled and the context is not atomic
 */
export function copyFromUserInatomic(
  context: Context,
  to: KernelBytes,
  user: UserSpace,
  address: number,
): number {
  return transferPresent(context, user, address, to.length, false, inward(to));
}

/**
 * Copies to a user as far as pages are present; returns the number of bytes that were not copied.
 *
 * @linux __copy_to_user_inatomic (7.2)
 * @context any; does not sleep
 * @differs never handles a fault; Linux handles it where page faults are enabled and the context is not atomic
 */
export function copyToUserInatomic(
  context: Context,
  user: UserSpace,
  address: number,
  from: KernelBytes,
): number {
  return transferPresent(context, user, address, from.length, true, outward(from));
}

/**
 * Copies from a user with page faults disabled: all bytes, or an error.
 *
 * @linux copy_from_user_nofault (7.2)
 * @context any; does not sleep
 * @errors BadAddress if a page is not present or the range is no user memory
 */
export function copyFromUserNofault(
  context: Context,
  to: KernelBytes,
  user: UserSpace,
  address: number,
): Result<undefined, BadAddress> {
  user.machine.checkOwnContext(context);
  pagefaultDisable(context);
  const left = copyFromUserInatomic(context, to, user, address);
  pagefaultEnable(context);
  return left === 0 ? ok(undefined) : err(badAddress(address, to.length, left));
}

/**
 * Copies to a user with page faults disabled: all bytes, or an error.
 *
 * @linux copy_to_user_nofault (7.2)
 * @context any; does not sleep
 * @errors BadAddress if a page is not present or the range is no user memory
 */
export function copyToUserNofault(
  context: Context,
  user: UserSpace,
  address: number,
  from: KernelBytes,
): Result<undefined, BadAddress> {
  user.machine.checkOwnContext(context);
  pagefaultDisable(context);
  const left = copyToUserInatomic(context, user, address, from);
  pagefaultEnable(context);
  return left === 0 ? ok(undefined) : err(badAddress(address, from.length, left));
}

/** How many bytes `getUser` and `putUser` move. */
export type UserWidth = 1 | 2 | 4;

/**
 * Reads one value from a user, little-endian.
 *
 * @linux get_user (7.2)
 * @context as `copyFromUser`
 * @errors BadAddress
 */
export function getUser(
  context: Context,
  user: UserSpace,
  address: number,
  width: UserWidth = 4,
): Sleeping<Result<number, BadAddress>> {
  return sleepingCall(get(context, user, address, width), 'getUser');
}

function* get(
  context: Context,
  user: UserSpace,
  address: number,
  width: UserWidth,
): Sleeping<Result<number, BadAddress>> {
  const bytes = new Uint8Array(width);
  mightFault(context, 'get_user');
  const left = yield* transfer(context, user, address, width, false, inward(bytes));
  if (left > 0) return err(badAddress(address, width, left));
  return ok(bytes.reduceRight((value, byte) => value * 256 + byte, 0));
}

/**
 * Writes one value to a user, little-endian.
 *
 * @linux put_user (7.2)
 * @context as `copyToUser`
 * @errors BadAddress
 */
export function putUser(
  context: Context,
  user: UserSpace,
  address: number,
  value: number,
  width: UserWidth = 4,
): Sleeping<Result<undefined, BadAddress>> {
  return sleepingCall(put(context, user, address, value, width), 'putUser');
}

function* put(
  context: Context,
  user: UserSpace,
  address: number,
  value: number,
  width: UserWidth,
): Sleeping<Result<undefined, BadAddress>> {
  const bytes = Uint8Array.from({ length: width }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
  mightFault(context, 'put_user');
  const left = yield* transfer(context, user, address, width, true, outward(bytes));
  return left > 0 ? err(badAddress(address, width, left)) : ok(undefined);
}

/** Moves bytes between a present user page and the kernel's side. */
type Move = (page: RamWindow, offset: number, done: number, part: number) => void;

function inward(to: KernelBytes): Move {
  return (page, offset, done, part) => {
    const bytes = new Uint8Array(part);
    page.copyTo(bytes, offset);
    if (to instanceof Uint8Array) to.set(bytes, done);
    else to.mapping.copyFrom(bytes, to.offset + done);
  };
}

function outward(from: KernelBytes): Move {
  return (page, offset, done, part) => {
    const bytes = new Uint8Array(part);
    if (from instanceof Uint8Array) bytes.set(from.subarray(done, done + part));
    else from.mapping.copyTo(bytes, from.offset + done);
    page.copyFrom(bytes, offset);
  };
}

function clear(to: KernelBytes, left: number): void {
  if (left === 0) return;
  if (to instanceof Uint8Array) to.fill(0, to.length - left);
  else to.mapping.fill(0, to.offset + to.length - left, left);
}

function* transfer(
  context: Context,
  user: UserSpace,
  address: number,
  lengthBytes: number,
  write: boolean,
  move: Move,
): Sleeping<number> {
  let done = 0;
  for (;;) {
    const left = transferPresent(
      context,
      user,
      address + done,
      lengthBytes - done,
      write,
      (page, offset, at, part) => {
        move(page, offset, done + at, part);
      },
      true,
    );
    if (left === 0) return 0;
    done = lengthBytes - left;
    const at = address + done;
    if (!user.accessOk(address, lengthBytes) || isFaultDisabled(context)) return left;
    if (!(yield* user.fault(context, { address: at, write }))) return left;
    context.machine.enter(context);
  }
}

/** Moves bytes up to the first page that would fault; returns the number of bytes left. */
function transferPresent(
  context: Context,
  user: UserSpace,
  address: number,
  lengthBytes: number,
  write: boolean,
  move: Move,
  isHandled = false,
): number {
  const { machine } = context;
  user.machine.checkOwnContext(context);
  machine.enter(context);
  machine.hardware.checkNumber(context, 'address', address, Number.MAX_SAFE_INTEGER);
  if (!user.accessOk(address, lengthBytes)) return lengthBytes;
  for (let done = 0; done < lengthBytes;) {
    const page = user.windowAt(context, address + done, write, isHandled);
    if (page === undefined) return lengthBytes - done;
    const offset = (address + done) % machine.pageSize;
    const part = Math.min(lengthBytes - done, machine.pageSize - offset);
    move(page, offset, done, part);
    done += part;
  }
  return 0;
}

/** `faulthandler_disabled`. */
function isFaultDisabled(context: Context): boolean {
  return context.task.pagefaultDisabled > 0 || inAtomic(context);
}

function badAddress(address: number, lengthBytes: number, left: number): BadAddress {
  return { code: 'BadAddress', address: address + lengthBytes - left, bytesNotCopied: left };
}
