/**
 * Faults of a data path, which are injected into the mappings of the disk. They are what happens if a driver maps
 * the wrong page, keeps a stale one, or makes a mistake at the end of a page.
 */
import type { MapBackend, Mapping, Page } from 'scatterlist';
import { faultInjection } from 'scatterlist/backends';
import type { FaultPlan, MapCall } from 'scatterlist/backends';
import { PAGE_BYTES } from './provisioning.ts';

/** One transfer between the disk and a command. */
export interface Transfer {
  readonly offset: number;
  readonly lengthBytes: number;
  /** The page of the disk that holds a byte of the transfer. */
  readonly pageAt: (atByte: number) => Page | undefined;
}

/** A fault of one direction. */
export interface DiskFault {
  readonly direction: 'read' | 'write';
  readonly plan: (transfer: Transfer) => FaultPlan;
}

/** Where a chunk of a transfer begins. Chunks are mapped in order, and each ends with its page. */
function startOf({ attempt, pageOffset }: MapCall, { offset }: Transfer): number {
  return attempt === 0 ? 0 : attempt * PAGE_BYTES - (offset % PAGE_BYTES) + pageOffset;
}

function swapFirstTwo(transfer: Transfer): FaultPlan {
  if (transfer.lengthBytes < 2 * PAGE_BYTES) return {};
  return {
    mapInstead: ({ attempt }) => (attempt < 2 ? transfer.pageAt(attempt === 0 ? PAGE_BYTES : 0) : undefined),
  };
}

/** Calls `spoil` for the chunk that has a byte of the transfer, with the byte's offset in the chunk. */
function atByte(
  transfer: Transfer,
  byte: number,
  spoil: (mapping: Mapping, at: number) => ((mapping: Mapping) => void) | undefined,
): FaultPlan {
  return {
    damage: (call, mapping) => {
      const at = byte - startOf(call, transfer);
      return at >= 0 && at < call.lengthBytes ? spoil(mapping, at) : undefined;
    },
  };
}

/** Zeroes `lengthBytes` until the mapping is released. */
function hide(mapping: Mapping, at: number, lengthBytes: number): (mapping: Mapping) => void {
  const saved = new Uint8Array(lengthBytes);
  mapping.copyTo(saved, at);
  mapping.fill(0, at, lengthBytes);
  return (later) => {
    later.copyFrom(saved, at);
  };
}

/** The part of a transfer after its last whole page: its offset in the last chunk, and its bytes. */
function tail(
  transfer: Transfer,
  call: MapCall,
): { readonly at: number; readonly bytes: number } | undefined {
  const start = startOf(call, transfer);
  const first = transfer.lengthBytes - (transfer.lengthBytes % PAGE_BYTES);
  const at = Math.max(first - start, 0);
  const bytes = Math.min(transfer.lengthBytes - start, call.lengthBytes) - at;
  return bytes > 0 ? { at, bytes } : undefined;
}

/** The faults by name. */
export const FAULTS: Readonly<Record<string, DiskFault>> = {
  'read-pages-swapped': { direction: 'read', plan: swapFirstTwo },
  'read-page-edge-byte': {
    direction: 'read',
    plan: (transfer) => {
      let before = 0;
      return {
        damage: (call, mapping) => {
          const at = PAGE_BYTES - startOf(call, transfer);
          if (at > 0 && at <= call.lengthBytes) before = mapping.load8(at - 1);
          if (at < 0 || at >= call.lengthBytes) return undefined;
          const saved = mapping.load8(at);
          mapping.store8(at, before);
          return (later) => {
            later.store8(at, saved);
          };
        },
      };
    },
  },
  'read-page-stale': {
    direction: 'read',
    plan: (transfer) => ({
      mapInstead: ({ attempt }) => (attempt === 1 ? transfer.pageAt(0) : undefined),
    }),
  },
  'read-tail-zeroed': {
    direction: 'read',
    plan: (transfer) => ({
      damage: (call, mapping) => {
        const part = tail(transfer, call);
        return part && hide(mapping, part.at, part.bytes);
      },
    }),
  },
  'write-tail-dropped': {
    direction: 'write',
    plan: (transfer) => ({
      damage: (call, mapping) => {
        const part = tail(transfer, call);
        if (part === undefined) return undefined;
        const saved = new Uint8Array(part.bytes);
        mapping.copyTo(saved, part.at);
        return (later) => {
          later.copyFrom(saved, part.at);
        };
      },
    }),
  },
  'write-pages-swapped': { direction: 'write', plan: swapFirstTwo },
  'write-byte-past-end': {
    direction: 'write',
    plan: (transfer) =>
      atByte(transfer, transfer.lengthBytes, (_mapping, at) => (later) => {
        later.store8(at, 0);
      }),
  },
  'write-bit-flipped': {
    direction: 'write',
    plan: (transfer) =>
      atByte(transfer, PAGE_BYTES - 1, (_mapping, at) => (later) => {
        later.store8(at, later.load8(at) ^ 1);
      }),
  },
};

/** The backend for one transfer, with the fault if the fault is for its direction. */
export function withFault(
  backend: MapBackend,
  fault: DiskFault | undefined,
  direction: DiskFault['direction'],
  transfer: Transfer,
): MapBackend {
  return fault?.direction === direction ? faultInjection(backend, fault.plan(transfer)) : backend;
}
