/**
 * Numbers that mean different things have different types.
 *
 * A branded number is an ordinary number at run time. The constructors below are the only places
 * where a plain number becomes one; byte counts and offsets stay plain and carry their unit in
 * their name.
 */
/* eslint-disable @typescript-eslint/consistent-type-assertions -- branding is the one conversion that only an assertion can express */

declare const unit: unique symbol;
type Branded<Name extends string> = number & { readonly [unit]: Name };

/** A page frame number: which page of physical memory. */
export type Pfn = Branded<'Pfn'>;
/** A physical byte address: `pfn * pageSize + offset`. */
export type PhysAddr = Branded<'PhysAddr'>;
/** A kernel virtual byte address, as a `void *` would hold. */
export type VirtAddr = Branded<'VirtAddr'>;
/** A bus address, as a device sees memory. */
export type DmaAddr = Branded<'DmaAddr'>;
/** The number of a CPU, from 0. */
export type CpuId = Branded<'CpuId'>;
/** The number of a task, from 0 in order of creation; idle tasks have negative ones. */
export type TaskId = Branded<'TaskId'>;

/** Names a plain number as a page frame number. */
export const pfn = (n: number): Pfn => n as Pfn;
/** Names a plain number as a physical address. */
export const physAddr = (n: number): PhysAddr => n as PhysAddr;
/** Names a plain number as a kernel virtual address. */
export const virtAddr = (n: number): VirtAddr => n as VirtAddr;
/** Names a plain number as a bus address. */
export const dmaAddr = (n: number): DmaAddr => n as DmaAddr;
/** Names a plain number as a CPU number. */
export const cpuId = (n: number): CpuId => n as CpuId;
/** Names a plain number as a task number. */
export const taskId = (n: number): TaskId => n as TaskId;

/** Writes an address or frame number the way a kernel log does: `0xfffba000`. */
export function hex(n: number): string {
  return n < 0 ? `-0x${(-n).toString(16)}` : `0x${n.toString(16)}`;
}
