/** A direct machine, a task, and a job over pages of it. */
import { createMachine } from 'scatterlist';
import type { Machine, MemoryKind, Page, Task } from 'scatterlist';
import type { MachineOptions } from 'scatterlist/machine';
import type { TransferJob } from '../../lib/kernel/transfer.ts';

export const PAGE = 4096;

export interface TransferFixture<K extends MemoryKind> {
  readonly machine: Machine;
  readonly task: Task;
  readonly pages: readonly Page<K>[];
  readonly buffer: Uint8Array;
  readonly job: (lengths?: readonly number[]) => TransferJob;
}

export function transferFixture<K extends MemoryKind>(
  zone: K,
  options: MachineOptions = {},
): TransferFixture<K> {
  const machine = createMachine({ mode: 'direct', ...options });
  const task = machine.task('copier');
  const pages = machine.allocPages(4, { zone, layout: 'scattered' });
  pages.forEach((page, i) => machine.physical(page).fill(i + 1));
  const buffer = new Uint8Array(8 * PAGE);
  return {
    machine,
    task,
    pages,
    buffer,
    job: (lengths = pages.map(() => PAGE)) => ({
      list: {
        pages,
        offsets: new Uint32Array(pages.length),
        lengths: Uint32Array.from(lengths),
        kept: undefined,
      },
      firstSlot: 0,
      endSlot: pages.length,
      buffer,
      bufferOffset: 0,
      toBuffer: true,
    }),
  };
}
