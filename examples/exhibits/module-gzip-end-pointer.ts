/**
 * Unmap by a pointer that has moved on, as in `module_gzip_decompress` of kernel/module/decompress.c (6.1 to 7.2).
 *
 * The function maps a page, lets zlib write into it, and unmaps with zlib's output pointer. kunmap_local() takes any
 * address inside the page. But after a full page the pointer is the first address behind it, which belongs to
 * another slot.
 *
 * Shown: with an output that fills its page the unmap names no map of the task. Not shown: a kernel that crashes; the
 * real unmap warns, or does not notice.
 *
 * Try it: `scatterlist explore examples/exhibits/module-gzip-end-pointer.ts`
 */
import { virtAddr } from 'scatterlist';
import { defineProgram } from 'scatterlist/explore';
import type { Program, TaskEnv } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page, Sleeping } from 'scatterlist';

interface Shared {
  readonly page: Page;
}

/** What zlib produces for one call: less than a page, or a full page. */
const LENGTHS = [100, 4096];

const inflates = (keepsStart: boolean): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, highmemPages: 2 },
    setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
    tasks: {
      *decompress({ task, page, choose, note }: TaskEnv<Shared>): Sleeping<void> {
        const producedBytes = LENGTHS[choose(LENGTHS.length)] ?? 0;
        note(`zlib writes ${String(producedBytes)} bytes`);
        const mapped = kmapLocalPage(task, page);
        mapped.fill(0x5a, 0, producedBytes);
        yield;
        const nextOut = virtAddr(mapped.vaddr + producedBytes);
        kunmapLocal(task, keepsStart ? mapped : nextOut);
      },
    },
  });

export default inflates(false);
export const fixed = inflates(true);
