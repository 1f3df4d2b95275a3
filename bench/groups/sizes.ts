/** Groups that measure how much of the host's memory lists and machines take. */
import { createMachine, sgCopyToBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { Buffer } from 'node:buffer';
import type { SizeGroup } from '../measure.ts';
import { blOf } from './copies.ts';
import { PAGE, directMachine, fromPages } from './fixture.ts';

/** Bytes of heap and array buffers in use, after a garbage collection if the process allows one. */
function used(): number {
  for (let i = 0; i < 4; i += 1) globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Several objects are measured together, because the size of the heap also changes by itself. */
const COPIES = 8;

/** The bytes that `make` leaves in use, for each of `units`. */
function bytesOf(units: number, make: () => unknown): number {
  make();
  const before = used();
  const kept = Array.from({ length: COPIES }, make);
  const bytes = used() - before;
  if (kept.includes(undefined)) throw new Error('nothing was made');
  return bytes / (units * COPIES);
}

export function memory({ smoke }: { readonly smoke: boolean }): SizeGroup {
  const entries = smoke ? 1024 : 16384;
  const { machine, task } = directMachine(2 * entries + 64);
  const pages = machine.allocPages(entries, { zone: 'highmem', layout: 'scattered' });
  const views = pages.map((page) => machine.physical(page));
  const local = kmapLocal(task);
  const out = new Uint8Array(entries * PAGE);
  const buffers = views.map((view) => Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.length));
  return {
    name: 'memory',
    title: `bytes of host memory per entry, list of ${String(entries)} pages`,
    baseline: { name: 'bl, with its Buffers', bytes: bytesOf(entries, () => blOf(views)) },
    sizes: [
      { name: 'sg_table', bytes: bytesOf(entries, () => fromPages(pages)) },
      {
        name: 'sg_table and the views that copies keep',
        bytes: bytesOf(entries, () => {
          const table = fromPages(pages);
          sgCopyToBuffer(table, out, local);
          return table;
        }),
      },
      { name: 'an array of Buffers made beforehand', bytes: bytesOf(entries, () => [...buffers]) },
      { name: 'struct scatterlist, 64-bit', bytes: 32 },
    ],
  };
}

export function sparse({ smoke }: { readonly smoke: boolean }): SizeGroup {
  const pages = smoke ? 2 ** 17 : 2 ** 24;
  const touched = Math.floor(pages / 100);
  const before = used();
  const machine = createMachine({ mode: 'direct', lowmemPages: 64, highmemPages: pages });
  const empty = used() - before;
  const local = kmapLocal(machine.task('bench'));
  for (let i = 0; i < touched; i += 1) {
    const page = machine.hardware.memory.page(64 + i * 100);
    const mapped = local.map(page, 0, PAGE);
    if (!mapped.ok) throw new Error('a page is not there');
    mapped.value.store8(0, 1);
    local.unmap(mapped.value);
  }
  const all = used() - before;
  if (machine.hardware.memory.touchedPages !== touched) throw new Error('other pages were touched');
  return {
    name: 'sparse',
    title: `a machine of ${String((pages * PAGE) / 2 ** 30)} GiB of which 1 % is touched`,
    baseline: { name: 'the touched bytes', bytes: touched * PAGE },
    sizes: [
      { name: 'host memory in all', bytes: all },
      { name: 'of it page contents', bytes: machine.hardware.memory.backingBytes },
      { name: 'the machine before the first touch', bytes: empty },
    ],
  };
}
