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

/** Attributes that no call has, and what refuses them. */
export const WRONG_ATTRS: readonly (readonly [attrs: unknown, message: RegExp])[] = [
  [{ skipCpuSnyc: true }, /^a DMA call has no option 'skipCpuSnyc'; it has skipCpuSync/],
  [{ skipCpuSync: 1 }, /^skipCpuSync is 1; it must be true or false$/],
  [{ skipCpuSync: null }, /^skipCpuSync is null; it must be true or false$/],
  [32, /^a DMA call takes an object of options, not 32$/],
  [null, /^a DMA call takes an object of options, not null$/],
  [[], /^a DMA call takes an object of options, not an array$/],
];

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
