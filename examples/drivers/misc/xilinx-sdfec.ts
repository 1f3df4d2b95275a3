/**
 * The code tables of the Xilinx SD-FEC decoder, after `xsdfec_table_write` in drivers/misc/xilinx_sdfec.c (Linux 7.2).
 *
 * A user gives a table of 32-bit words. The driver pins its pages, maps one after the other, and stores each word in a
 * register of the device.
 *
 * Linux counts the words of all pages in one variable, and indexes the mapping of each page with it: from the second
 * page on it reads past the mapping. It also ignores where in its first page the table begins. The original here keeps
 * both right; the variant `word index runs on` does as Linux does.
 */
import { err, ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError } from 'scatterlist';
import { UserSpace, copyFromUser, ioremap, iounmap } from 'scatterlist/machine';
import type { Sleeping } from 'scatterlist';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortTaskEnv } from 'scatterlist/ports';

/** `XSDFEC_REG_WIDTH_JUMP`: bytes from a register to the next. */
const WORD_BYTES = 4;

/** A table in the memory of a user: pinned pages, and the same memory by its address. */
export interface UserTable {
  readonly pages: readonly Page[];
  readonly user: UserSpace;
  readonly address: number;
  readonly words: number;
}

/** `xsdfec_table_write` with one page mapped at a time, and its words counted from the start of the table. */
export function* tableWrite(
  backend: MapBackend,
  registers: Mapping,
  { pages, address, words }: UserTable,
): Sleeping<Result<undefined, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  let offset = address % pageSize;
  let word = 0;
  for (const page of pages) {
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) return mapped;
    for (; word < words && offset < pageSize; word += 1, offset += WORD_BYTES)
      registers.store32(word * WORD_BYTES, mapped.value.load32(offset));
    backend.unmap(mapped.value);
    offset = 0;
  }
  return ok(undefined);
}

/** The same with the index of Linux, which is right for a table that begins with a page and ends in it. */
export function* tableWriteRunningOn(
  backend: MapBackend,
  registers: Mapping,
  { pages, words }: UserTable,
): Sleeping<Result<undefined, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  let word = 0;
  for (const page of pages) {
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) return mapped;
    do {
      registers.store32(word * WORD_BYTES, mapped.value.load32(word * WORD_BYTES));
      word += 1;
    } while (word < words && (word * WORD_BYTES) % pageSize !== 0);
    backend.unmap(mapped.value);
  }
  return ok(undefined);
}

/** The same without pinned pages: copies the table to a buffer of the kernel. */
export function* tableCopy(
  { context }: MapBackend,
  registers: Mapping,
  { user, address, words }: UserTable,
): Sleeping<Result<undefined, ScatterlistError>> {
  const table = new Uint8Array(words * WORD_BYTES);
  const bytesNotCopied = yield* copyFromUser(context, table, user, address);
  if (bytesNotCopied > 0)
    return err({ code: 'BadAddress', address: address + table.length - bytesNotCopied, bytesNotCopied });
  const view = new DataView(table.buffer);
  for (let at = 0; at < table.length; at += WORD_BYTES) registers.store32(at, view.getUint32(at, true));
  return ok(undefined);
}

const USER_ADDRESS = 0x10000;

interface Decoder {
  readonly table: UserTable;
  /** The memory of the device behind its registers. */
  readonly device: readonly Page[];
  readonly content: Uint8Array;
}

/** The user's call of `ioctl`: the driver has the registers mapped, and writes the table by one of the functions. */
function writes(write: typeof tableWrite): PortTask<Decoder> {
  return function* ioctl({ backend, task, machine, table, device }: PortTaskEnv<Decoder>) {
    const [first] = device;
    if (first === undefined) return undefined;
    const registers = ioremap(task, first.phys, device.length * machine.pageSize);
    if (!registers.ok) return registers;
    const written = yield* write(backend, registers.value, table);
    iounmap(task, registers.value);
    return written;
  };
}

/** The input is a table of words; a last word that is not full ends with zeroes. */
export default definePort<Decoder>({
  name: 'xilinx-sdfec',
  follows: 'drivers/misc/xilinx_sdfec.c',
  about: "stores the words of a user's table in the registers of a device, page by page",
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => {
    const { pageSize } = machine;
    const pages = takePages(machine, memory, Math.ceil(content.length / pageSize));
    const user = new UserSpace(machine, { name: 'user of the decoder' });
    for (const [i, page] of pages.entries()) {
      machine.physical(page).set(content.subarray(i * pageSize, (i + 1) * pageSize));
      user.map(USER_ADDRESS + i * pageSize, page);
    }
    const words = Math.ceil(content.length / WORD_BYTES);
    const device = machine.ioRegion(pages.length, { name: 'SD-FEC', widths: [WORD_BYTES] });
    return { table: { pages, user, address: USER_ADDRESS, words }, device, content };
  },
  variants: {
    original: {
      about: 'kmap of one page at a time, words read out of it',
      linux: 'kmap in 5.10, kmap_local since 6.1',
      tasks: { ioctl: writes(tableWrite) },
    },
    'word index runs on': {
      about: 'the same, with the index of a word counted over all pages',
      linux: '5.10 to 7.2; reads past the mapping from the second page on',
      tasks: { ioctl: writes(tableWriteRunningOn) },
    },
    'copy to a buffer': {
      about: 'copy_from_user to a buffer of the kernel, no page is mapped',
      linux: 'not proposed',
      usesBackend: false,
      tasks: { ioctl: writes(tableCopy) },
    },
  },
  verify: ({ machine, device, table, content }) => {
    const got = new Uint8Array(device.length * machine.pageSize);
    for (const [i, page] of device.entries()) got.set(machine.physical(page), i * machine.pageSize);
    return { ...sameBytes(content, got, 'the table in the device'), ownAccesses: table.words };
  },
});
