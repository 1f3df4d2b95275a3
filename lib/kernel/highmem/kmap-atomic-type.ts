/**
 * Atomic maps of Linux before 2.6.37, where the caller names the slot. The machine needs `FixedSlots` as a part.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { checkArgument, checkRelease, releaserOf, staysWithOwner } from '../core/release-checks.ts';
import { FixedSlots, KM_TYPES } from '../parts/fixed-slots.ts';
import type { KmType } from '../parts/fixed-slots.ts';
import type { Mechanism } from '../window/mechanism.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';
import { abandon, atomicBegin, atomicEnd } from './kmap-atomic.ts';

function mechanismOf(name: string): Mechanism<Window> {
  return {
    name,
    unmapName: 'kunmap_atomic',
    scope: 'task',
    pool: undefined,
    isAtomic: true,
    release: (window) => {
      kunmapAtomicType(releaserOf(window), window);
    },
  };
}

/** A map in the slot of a type; the type is its name in reports. */
const BY_TYPE = new Map<string, Mechanism<Window>>(KM_TYPES.map((type) => [type, mechanismOf(type)]));

/** Stands for any of them where a mapping of another kind is released. */
const BY_ANY_TYPE = mechanismOf('kmap_atomic with a slot type');

function slotsOf({ machine: { localSlots } }: Context): FixedSlots {
  if (localSlots instanceof FixedSlots) return localSlots;
  throw new ConfigError(
    'a map with a slot type needs the part { localSlots: (hardware) => new FixedSlots(hardware) }',
  );
}

/**
 * Maps a page in the slot of a type of the running CPU.
 *
 * @linux kmap_atomic with an `enum km_type` (until 2.6.36)
 * @context any that may use the type; does not sleep, and nothing may sleep until the release
 * @differs returns a window instead of an address
 */
export function kmapAtomicType(context: Context, page: Page, type: KmType): RamWindow {
  const { machine } = context;
  const slots = slotsOf(context);
  const mechanism = BY_TYPE.get(type);
  if (mechanism === undefined)
    throw new ConfigError(`slot type ${String(type)}; the types are ${KM_TYPES.join(', ')}`);
  machine.checkOwn(page);
  atomicBegin(context);
  try {
    const window = machine.ramWindow(context, page, 0, machine.pageSize);
    if (machine.hardware.memory.isHighmem(page)) {
      machine.hardware.interruptPoint?.(context.cpu, `kmap_atomic(${type})`);
      if (slots.debug && slots.isSet(type, context.cpu)) reportTaken(context, slots, type);
      window.area = 'local';
      window.slot = slots.mapFixed(context.cpu, page.pfn, type);
    }
    window.mapBy(mechanism);
    machine.mapped(window, context);
    return window;
  } catch (error) {
    return abandon(context, error);
  }
}

/**
 * Releases a map that was made in the slot of a type.
 *
 * @linux kunmap_atomic with an `enum km_type` (until 2.6.36)
 * @context as the map; does not sleep
 * @differs the type may be left out, because the window knows it
 */
export function kunmapAtomicType(asked: Context, window: Window, type?: KmType): void {
  const { machine } = asked;
  const context = machine.enter(asked);
  const slots = slotsOf(context);
  if (!checkArgument(context, window, 'kunmap_atomic', 'address')) return;
  const mechanism = BY_TYPE.get(window.mechanism);
  if (!checkRelease(context, window, mechanism ?? BY_ANY_TYPE) || mechanism === undefined) return;
  if (staysWithOwner(context, window)) return;
  if (type !== undefined && type !== mechanism.name) {
    machine.hardware.violate({
      rule: 'unmap-mismatch',
      what: `kunmap_atomic(${type}) of a mapping in ${mechanism.name}`,
      context: context.state(),
      mapping: window.describe(),
    });
  }
  if (window.area === 'local') slots.unmapFixed(context.cpu, window.slot);
  machine.unmapped(window, context);
  atomicEnd(context);
}

function reportTaken(context: Context, slots: FixedSlots, type: KmType): void {
  const { machine, cpu } = context;
  const slot = slots.slotFor(type, cpu);
  machine.hardware.violate({
    rule: 'slot-busy',
    severity: 'bug',
    what: `${type} of cpu${String(cpu.id)} is taken`,
    context: context.state(),
    mapping: [...machine.live].find((live) => live.area === 'local' && live.slot === slot)?.describe(),
  });
}
