/**
 * A device aperture and its short and long maps: `struct io_mapping`.
 */
import { configWhole, isWhole } from '../../base/whole.ts';
import { ConfigError } from '../../base/invariant.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoVirtualSpace } from '../../base/errors.ts';
import { hex, physAddr } from '../../base/units.ts';
import type { PhysAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import { mapIo, unmapIo } from './io-mapping.ts';
import { ioremapWc, iounmap } from './ioremap.ts';
import { abandon, atomicBegin, atomicEnd } from '../highmem/kmap-atomic.ts';
import type { Context, Machine } from '../core/machine.ts';
import { releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import type { IoWindow } from '../window/io-window.ts';
import type { Window } from '../window/window.ts';

/** Atomic maps of an aperture. */
const BY_IO_MAPPING_ATOMIC: Mechanism<Window> = {
  name: 'io_mapping_atomic',
  unmapName: 'io_mapping_unmap_atomic',
  scope: 'task',
  pool: undefined,
  isAtomic: true,
  release: (window) => {
    ioMappingUnmapAtomic(releaserOf(window), window);
  },
};

/**
 * An aperture of a device.
 *
 * @linux struct io_mapping, io_mapping_create_wc (7.2)
 * @context any
 */
export class IoMapping {
  readonly machine: Machine;
  readonly base: PhysAddr;
  readonly sizeBytes: number;

  constructor(machine: Machine, base: PhysAddr, sizeBytes: number) {
    configWhole('base', base, 0);
    configWhole('sizeBytes', sizeBytes, 1);
    const { memory } = machine.hardware;
    const region = memory.pageAt(Math.floor(base / memory.pageSize))?.zone.region;
    const end = region === undefined ? 0 : (region.firstPfn + region.pages) * memory.pageSize;
    if (base + sizeBytes > end)
      throw new ConfigError(`no device has ${String(sizeBytes)} bytes at ${hex(base)}`);
    this.machine = machine;
    this.base = base;
    this.sizeBytes = sizeBytes;
  }

  /** The page of a byte. A byte outside the aperture is reported; Linux stops there. */
  pageOf(context: Context, offset: number): Page {
    this.machine.checkOwnContext(context);
    const { memory } = this.machine.hardware;
    if (!isWhole(offset, this.sizeBytes - 1)) {
      this.machine.hardware.violate({
        rule: 'range-overrun',
        severity: 'bug',
        what: `io_mapping: offset ${String(offset)} of an aperture of ${String(this.sizeBytes)} bytes`,
        context: context.state(),
      });
    }
    return memory.page(Math.floor((this.base + offset) / memory.pageSize));
  }
}

/**
 * Maps the page of a byte of the aperture for the running context, in a local slot.
 *
 * @linux io_mapping_map_local_wc (7.2)
 * @context any; does not sleep. Shares the slots, and so the release order, of kmap_local_page.
 */
export function ioMappingMapLocalWc(context: Context, mapping: IoMapping, offset: number): IoWindow {
  return mapIo(context, mapping.pageOf(context, offset), 0, context.machine.pageSize);
}

/**
 * Releases a local map of an aperture.
 *
 * @linux io_mapping_unmap_local (7.2)
 * @context as the map
 */
export function ioMappingUnmapLocal(context: Context, window: Window): void {
  unmapIo(context, window);
}

/**
 * Maps the page of a byte of the aperture in an atomic section.
 *
 * @linux io_mapping_map_atomic_wc (7.2)
 * @context any; does not sleep, and nothing may sleep until the release
 */
export function ioMappingMapAtomicWc(context: Context, mapping: IoMapping, offset: number): IoWindow {
  const page = mapping.pageOf(context, offset);
  atomicBegin(context);
  try {
    return mapIo(context, page, 0, context.machine.pageSize, BY_IO_MAPPING_ATOMIC);
  } catch (error) {
    return abandon(context, error);
  }
}

/**
 * Releases an atomic map of an aperture and ends its section.
 *
 * @linux io_mapping_unmap_atomic (7.2)
 * @context as the map
 */
export function ioMappingUnmapAtomic(context: Context, window: Window): void {
  if (unmapIo(context, window, BY_IO_MAPPING_ATOMIC)) atomicEnd(context.machine.executing);
}

/**
 * Maps bytes of the aperture for all contexts.
 *
 * @linux io_mapping_map_wc (7.2)
 * @context preemptible task only; allocates, so it may sleep there
 * @errors as `ioremap`; Linux returns NULL
 */
export function ioMappingMapWc(
  context: Context,
  mapping: IoMapping,
  offset: number,
  sizeBytes: number,
): Result<IoWindow, NoVirtualSpace | InvalidArgument> {
  mapping.pageOf(context, offset);
  return ioremapWc(context, physAddr(mapping.base + offset), sizeBytes);
}

/**
 * Releases such a map.
 *
 * @linux io_mapping_unmap (7.2)
 * @context preemptible task only
 */
export function ioMappingUnmap(context: Context, window: Window): void {
  iounmap(context, window);
}
