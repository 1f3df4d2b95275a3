/** The physical memory of the recordings: 64 pages with a known fill. */
import { crc32 } from 'node:zlib';
import type { Machine } from 'scatterlist';

/** Frames that the recorded code could reach (`config.phys_pages`). */
export const PHYS_PAGES = 64;

const FILL = Uint8Array.from(
  { length: PHYS_PAGES * 4096 },
  (_, a) => ((a * 7) ^ (a >> 8) ^ ((a >> 12) * 29)) & 0xff,
);

// Frames of a recording begin at frame `first` of the machine.
function pageBytes(machine: Machine, pfn: number, first: number): Uint8Array {
  return machine.physical(machine.hardware.memory.page(first + pfn));
}

/** Fills memory; every page is somebody's, because the recorded code never asked whose it was. */
export function fillMemory(machine: Machine): void {
  for (const { kind, pages } of machine.hardware.memory.zones) machine.allocPages(pages, { zone: kind });
  fillFrames(machine, 0);
}

/** Fills the frames from one on as the recorded code had them. */
export function fillFrames(machine: Machine, first: number): void {
  for (let pfn = 0; pfn < PHYS_PAGES; pfn += 1) pageBytes(machine, pfn, first).set(fillOf(pfn));
}

function fillOf(pfn: number): Uint8Array {
  return FILL.subarray(pfn * 4096, (pfn + 1) * 4096);
}

function changedFrames(machine: Machine, first: number): readonly number[] {
  return Array.from({ length: PHYS_PAGES }, (_, pfn) => pfn).filter(
    (pfn) => Buffer.compare(pageBytes(machine, pfn, first), fillOf(pfn)) !== 0,
  );
}

/** `[pfn, crc32]` of every page that differs from the fill. */
export function changedPages(machine: Machine, first = 0): readonly (readonly [number, number])[] {
  return changedFrames(machine, first).map((pfn) => [pfn, crc32(pageBytes(machine, pfn, first))] as const);
}

/** One byte of memory by its physical address. */
export function byteAt(machine: Machine, address: number): number {
  return pageBytes(machine, Math.floor(address / 4096), 0)[address % 4096] ?? 0;
}

/** What the recorded functions copied from. */
export function sourceBuffer(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => ((i * 11) ^ (i >> 7) ^ 0xa5) & 0xff);
}

/** What the recorded functions copied to, before the call. */
export function targetBuffer(length: number): Uint8Array {
  return new Uint8Array(length).fill(0xee);
}

/** The bytes from the first to the last that differs from the fill; nothing where none does. */
export function changedBytes(
  machine: Machine,
): { readonly pfn: number; readonly byte: number; readonly bytes: Uint8Array } | undefined {
  const frames = changedFrames(machine, 0);
  const [pfn] = frames;
  const lastPfn = frames.at(-1);
  if (pfn === undefined || lastPfn === undefined) return undefined;
  const differs = (of: number) => (value: number, at: number) => value !== fillOf(of)[at];
  const byte = pageBytes(machine, pfn, 0).findIndex(differs(pfn));
  const end = (lastPfn - pfn) * 4096 + pageBytes(machine, lastPfn, 0).findLastIndex(differs(lastPfn)) + 1;
  const run = Array.from({ length: lastPfn - pfn + 1 }, (_, i) => pageBytes(machine, pfn + i, 0));
  return { pfn, byte, bytes: Buffer.concat(run).subarray(byte, end) };
}
