/**
 * linux/uaccess.h: memory of a user. A machine of C code has one user, whose pages the C code asks for.
 */
import {
  copyFromUser,
  copyFromUserInatomic,
  copyFromUserNofault,
  copyToUser,
  copyToUserInatomic,
  copyToUserNofault,
  getUser,
  mightFault,
  putUser,
} from '../../../kernel/address/user-copy.ts';
import type { UserWidth } from '../../../kernel/address/user-copy.ts';
import { UserSpace } from '../../../kernel/address/user-space.ts';
import type { Machine } from '../../../kernel/core/machine.ts';
import type { Page } from '../../../machine/memory.ts';
import type { UserBuffer } from '../../../scatterlist/alloc/iov-iter.ts';
import { readBytes, writeBytes, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { worldOf } from '../../runtime/world.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { pointerOf } from './page-pointer.ts';
import { getPage, setCount } from './pages.ts';

const EFAULT = -14;
/** Where the first page of a user lies, as of a program of 32-bit x86. */
const FIRST = 0x0804_8000;
/** The structure in C that the address space stands for: none, so NULL. */
const CURRENT_MM = 0;

/** Pages that a machine's user has, by their addresses; a fault brings one back. */
const owned = new WeakMap<Machine, Map<number, Page>>();

function pagesOf(machine: Machine): Map<number, Page> {
  const known = owned.get(machine);
  if (known !== undefined) return known;
  const made = new Map<number, Page>();
  owned.set(machine, made);
  return made;
}

function userOf({ context }: Runner): UserSpace {
  const { machine } = context;
  return worldOf(machine).object(
    CURRENT_MM,
    UserSpace,
    () =>
      new UserSpace(machine, {
        *handleFault(_, { address }) {
          return pagesOf(machine).get(address);
        },
      }),
  );
}

/** The pages of a range of the user's memory. */
export function userPages({ context }: Runner, address: number, length: number): UserBuffer {
  const { machine } = context;
  const offset = address % machine.pageSize;
  const pages = pagesOf(machine);
  const found: Page[] = [];
  for (let at = address - offset; at < address + length; at += machine.pageSize) {
    const page = pages.get(at);
    if (page === undefined) break;
    found.push(page);
  }
  return { pages: found, offset, length: Math.min(length, found.length * machine.pageSize - offset) };
}

function widthOf(bytes: number): UserWidth {
  return bytes === 1 || bytes === 2 ? bytes : 4;
}

/** Functions on memory of the user. */
export const USERS: KernelFunctions = {
  access_ok: (c, address, bytes) => userOf(c).accessOk(address, bytes),
  might_fault: (c) => {
    mightFault(c.context);
  },
  *copy_from_user(c, to, from, bytes) {
    const into = new Uint8Array(bytes);
    const left = yield* copyFromUser(c.context, into, userOf(c), from);
    writeBytes(c, to, into);
    return left;
  },
  *copy_to_user(c, to, from, bytes) {
    return yield* copyToUser(c.context, userOf(c), to, readBytes(c, from, bytes));
  },
  __copy_from_user_inatomic: (c, to, from, bytes) => {
    const into = new Uint8Array(bytes);
    const left = copyFromUserInatomic(c.context, into, userOf(c), from);
    writeBytes(c, to, into.subarray(0, bytes - left));
    return left;
  },
  __copy_to_user_inatomic: (c, to, from, bytes) =>
    copyToUserInatomic(c.context, userOf(c), to, readBytes(c, from, bytes)),
  copy_from_user_nofault: (c, to, from, bytes) => {
    const into = new Uint8Array(bytes);
    const copied = copyFromUserNofault(c.context, into, userOf(c), from);
    if (copied.ok) writeBytes(c, to, into);
    return copied.ok ? 0 : EFAULT;
  },
  copy_to_user_nofault: (c, to, from, bytes) =>
    copyToUserNofault(c.context, userOf(c), to, readBytes(c, from, bytes)).ok ? 0 : EFAULT,
  *__get_user_bytes(c, to, from, bytes) {
    const got = yield* getUser(c.context, userOf(c), from, widthOf(bytes));
    const value = got.ok ? got.value : 0;
    writeBytes(c, to, new Uint8Array(Uint32Array.of(value).buffer).subarray(0, bytes));
    return got.ok ? 0 : EFAULT;
  },
  *__put_user_bytes(c, to, from, bytes) {
    const value = readBytes(c, from, bytes).reduceRight((sum, byte) => sum * 256 + byte, 0);
    const put = yield* putUser(c.context, userOf(c), to, value, widthOf(bytes));
    return put.ok ? 0 : EFAULT;
  },
  __scatterlist_user_memory: (c, bytes) => {
    const { machine } = c.context;
    const pages = pagesOf(machine);
    const start = FIRST + pages.size * machine.pageSize;
    const user = userOf(c);
    for (let at = start; at < start + bytes; at += machine.pageSize) {
      const [page] = machine.takePages('highmem', 1) ?? machine.takePages('lowmem', 1) ?? [];
      if (page === undefined) return 0;
      machine.uninitialised.written(page, 0, machine.pageSize);
      setCount(c, page, 1);
      pages.set(at, page);
      user.map(at, page);
    }
    return start;
  },
  __scatterlist_user_reclaim: (c, address, bytes) => {
    const { pageSize } = c.context.machine;
    for (let at = address - (address % pageSize); at < address + bytes; at += pageSize) userOf(c).unmap(at);
  },
  get_user_pages_fast: (c, start, count, _flags, into) => {
    const { machine } = c.context;
    mightFault(c.context, 'get_user_pages_fast');
    for (let i = 0; i < count; i += 1) {
      const page = pagesOf(machine).get(start - (start % machine.pageSize) + i * machine.pageSize);
      if (page === undefined) return i > 0 ? i : EFAULT;
      writeWord(c, into + 4 * i, getPage(c, pointerOf(c, page)));
    }
    return count;
  },
};
