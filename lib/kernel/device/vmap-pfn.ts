/**
 * Contiguous maps of device frames: `vmap_pfn`.
 */
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, NoVirtualSpace } from '../../base/errors.ts';
import type { Pfn } from '../../base/units.ts';
import { mapDeviceRange, unmapDeviceRange } from './device-range.ts';
import type { Context } from '../core/machine.ts';
import { releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import type { IoWindow } from '../window/io-window.ts';
import type { Window } from '../window/window.ts';

/** Contiguous maps of device frames. */
const BY_VMAP_PFN: Mechanism<Window> = {
  name: 'vmap_pfn',
  unmapName: 'vunmap',
  scope: 'global',
  pool: 'vmalloc area',
  isAtomic: false,
  release: (window) => {
    vunmapPfn(releaserOf(window), window);
  },
};

/**
 * Maps frames of a device, in any order, one after the other.
 *
 * @linux vmap_pfn (7.2)
 * @context preemptible task only; allocates, so it may sleep there
 * @errors NoVirtualSpace; InvalidArgument for no frames, for frames of memory (Linux warns) and for frames of
 * several devices; Linux returns NULL
 * @differs the frames must belong to one device. Release with `vunmapPfn`.
 */
export function vmapPfn(
  context: Context,
  frames: readonly Pfn[],
): Result<IoWindow, NoVirtualSpace | InvalidArgument> {
  const { memory } = context.machine.hardware;
  for (const frame of frames)
    context.machine.hardware.checkNumber(context, 'a frame number', frame, memory.endPfn - 1);
  const [first, ...rest] = frames.map((frame) => memory.page(frame));
  const region = first?.zone.region;
  const strange = rest.find((page) => page.zone.region !== region);
  if (first === undefined || region === undefined || strange !== undefined) {
    return err({
      code: 'InvalidArgument',
      argument: 'frames',
      got: strange?.pfn ?? first?.pfn ?? 0,
      expected: 'frames of one device',
    });
  }
  return mapDeviceRange(
    context,
    { region, pages: [first, ...rest] },
    0,
    frames.length * memory.pageSize,
    BY_VMAP_PFN,
  );
}

/**
 * Releases a contiguous map of device frames.
 *
 * @linux vunmap (7.2)
 * @context preemptible task only
 */
export function vunmapPfn(context: Context, window: Window): void {
  unmapDeviceRange(context, window, BY_VMAP_PFN);
}
