/**
 * Long maps of device memory: `ioremap` and its flavours.
 */
import { isWhole, wholeFrom } from '../../base/whole.ts';
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoVirtualSpace } from '../../base/errors.ts';
import { hex } from '../../base/units.ts';
import type { PhysAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import { mapDeviceRange, unmapDeviceRange } from './device-range.ts';
import type { Context } from '../core/machine.ts';
import { releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import type { IoWindow } from '../window/io-window.ts';
import type { Window } from '../window/window.ts';

/** Long maps of device memory, of every flavour. */
const BY_IOREMAP: Mechanism<Window> = {
  name: 'ioremap',
  unmapName: 'iounmap',
  scope: 'global',
  pool: 'vmalloc area',
  isAtomic: false,
  release: (window) => {
    iounmap(releaserOf(window), window);
  },
};

/** The result of `ioremap`. */
export type Remapped = Result<IoWindow, NoVirtualSpace | InvalidArgument>;

/**
 * Maps device memory by its physical address, uncached.
 *
 * @linux ioremap (7.2)
 * @context preemptible task only; allocates, so it may sleep there
 * @errors NoVirtualSpace and InvalidArgument (no bytes, or bytes that are not all of one device); Linux returns NULL
 * @differs the memory type is not simulated: all flavours map alike
 * @example
 * ```ts
 * const page = machine.ioRegion(1)[0]!;
 * const registers = ioremap(task, page.phys, 64);
 * if (registers.ok) iounmap(task, registers.value);
 * ```
 */
export function ioremap(context: Context, phys: PhysAddr, sizeBytes: number): Remapped {
  const { memory } = context.machine.hardware;
  for (const [argument, got] of Object.entries({ phys, sizeBytes }))
    if (!isWhole(got, Number.MAX_SAFE_INTEGER))
      return err({ code: 'InvalidArgument', argument, got, expected: wholeFrom(0, Number.MAX_SAFE_INTEGER) });
  const firstPfn = Math.floor(phys / memory.pageSize);
  const count = Math.ceil((phys + sizeBytes) / memory.pageSize) - firstPfn;
  const first = memory.pageAt(firstPfn);
  const region = first?.zone.region;
  if (
    first === undefined ||
    region === undefined ||
    sizeBytes <= 0 ||
    firstPfn + count > region.firstPfn + region.pages
  ) {
    return err({
      code: 'InvalidArgument',
      argument: 'sizeBytes',
      got: sizeBytes,
      expected: `bytes of one device from ${hex(phys)} on`,
    });
  }
  const pages: [Page, ...Page[]] = [first];
  for (let n = 1; n < count; n += 1) pages.push(memory.nthPage(first, n));
  return mapDeviceRange(context, { region, pages }, phys % memory.pageSize, sizeBytes, BY_IOREMAP);
}

/**
 * Maps device memory with write combining.
 *
 * @linux ioremap_wc (7.2)
 * @context as `ioremap`
 * @errors as `ioremap`
 * @differs as `ioremap`
 */
export function ioremapWc(context: Context, phys: PhysAddr, sizeBytes: number): Remapped {
  return ioremap(context, phys, sizeBytes);
}

/**
 * Maps device memory with write-through caching.
 *
 * @linux ioremap_wt (7.2)
 * @context as `ioremap`
 * @errors as `ioremap`
 * @differs as `ioremap`
 */
export function ioremapWt(context: Context, phys: PhysAddr, sizeBytes: number): Remapped {
  return ioremap(context, phys, sizeBytes);
}

/**
 * Maps device memory strongly uncached, even if an MTRR says otherwise.
 *
 * @linux ioremap_uc (7.2)
 * @context as `ioremap`
 * @errors as `ioremap`
 * @differs as `ioremap`
 */
export function ioremapUc(context: Context, phys: PhysAddr, sizeBytes: number): Remapped {
  return ioremap(context, phys, sizeBytes);
}

/**
 * Maps device memory so that writes are not posted.
 *
 * @linux ioremap_np (7.2); NULL on architectures without it
 * @context as `ioremap`
 * @errors as `ioremap`
 * @differs as `ioremap`
 */
export function ioremapNp(context: Context, phys: PhysAddr, sizeBytes: number): Remapped {
  return ioremap(context, phys, sizeBytes);
}

/**
 * Maps device memory cached.
 *
 * @linux ioremap_cache (7.2); on some architectures only
 * @context as `ioremap`
 * @errors as `ioremap`
 * @differs as `ioremap`
 */
export function ioremapCache(context: Context, phys: PhysAddr, sizeBytes: number): Remapped {
  return ioremap(context, phys, sizeBytes);
}

/**
 * Releases a map of any flavour.
 *
 * @linux iounmap (7.2)
 * @context preemptible task only
 */
export function iounmap(context: Context, window: Window): void {
  unmapDeviceRange(context, window, BY_IOREMAP);
}
