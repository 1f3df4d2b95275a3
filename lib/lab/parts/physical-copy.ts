/**
 * Copies by physical address, of system RAM and device memory alike: each page is mapped for the time of its copy.
 */
import { ioAccess } from '../../../backends/io-access.ts';
import type { Context } from '../../kernel/core/machine.ts';
import type { Mapping } from '../../mapping/mapping.ts';

/** Calls back for each page of a range, with a map of its bytes; returns whether all of them could be mapped. */
function eachPage(
  context: Context,
  address: number,
  lengthBytes: number,
  visit: (mapping: Mapping, done: number) => void,
): boolean {
  const { memory } = context.machine.hardware;
  const io = ioAccess(context);
  for (let done = 0; done < lengthBytes;) {
    const inPage = (address + done) % memory.pageSize;
    const part = Math.min(lengthBytes - done, memory.pageSize - inPage);
    const page = memory.pageAt(Math.floor((address + done) / memory.pageSize));
    const mapped = page === undefined ? undefined : io.map(page, inPage, part);
    if (mapped?.ok !== true) return false;
    visit(mapped.value, done);
    io.unmap(mapped.value);
    done += part;
  }
  return true;
}

/** Reads bytes from a physical address on; returns `false` where there is no memory. */
export function readPhysical(context: Context, address: number, target: Uint8Array): boolean {
  return eachPage(context, address, target.length, (mapping, done) => {
    mapping.copyTo(target.subarray(done, done + mapping.length));
  });
}

/** Writes bytes from a physical address on; returns `false` where there is no memory. */
export function writePhysical(context: Context, address: number, source: Uint8Array): boolean {
  return eachPage(context, address, source.length, (mapping, done) => {
    mapping.copyFrom(source.subarray(done, done + mapping.length));
  });
}
