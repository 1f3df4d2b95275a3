/** What the DMA specs share. */
import { createMachine } from 'scatterlist';
import type { Machine, Page, Result, Task } from 'scatterlist';
import { BouncePool } from 'scatterlist/machine';
import type { DmaDeviceOptions, MachineOptions } from 'scatterlist/machine';

export interface DmaFixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly pool: BouncePool;
  readonly low: readonly Page[];
  readonly high: readonly Page[];
}

export function dmaFixture(options: MachineOptions = {}): DmaFixture {
  const machine = createMachine({ bounceSlots: 8, ...options });
  const pool = new BouncePool(machine);
  return {
    machine,
    task: machine.task(),
    pool,
    // One more each, so that what begins in the last one has memory to run into.
    low: machine.allocPages(5, { zone: 'lowmem' }).slice(0, 4),
    high: machine.allocPages(5, { zone: 'highmem' }).slice(0, 4),
  };
}

export function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`nothing at ${String(index)}`);
  return item;
}

export function must<T, E extends { readonly code: string }>(result: Result<T, E>): T {
  const plain = result as { readonly ok: boolean; readonly value: T; readonly error: E };
  if (!plain.ok) throw new Error(plain.error.code);
  return plain.value;
}

export function codeOf(result: { readonly ok: boolean; readonly error?: { readonly code: string } }): string {
  return result.ok ? 'ok' : (result.error?.code ?? '');
}

/** The ways of a device to memory; each must look the same to a correct driver. */
export const DMA_WAYS: Readonly<Record<string, (b: DmaFixture) => DmaDeviceOptions>> = {
  direct: () => ({}),
  'through an IOMMU': () => ({ iommu: {} }),
  'through bounce buffers': ({ pool }) => ({ bounce: { pool, always: true } }),
};
