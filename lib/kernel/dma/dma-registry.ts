/**
 * Records the live mappings of one device and the trace events about them.
 */
import { isWhole } from '../../base/whole.ts';
import type { DmaVerb } from '../../machine/trace.ts';
import type { Context, Machine } from '../core/machine.ts';
import type { Overlap } from '../parts/device-owned.ts';
import type { DmaDirection, DmaMapping, DmaOwner } from '../parts/dma-mapping.ts';
import { DeviceMappings } from './device-mappings.ts';
import type { DmaReach, Held, Made } from './dma-reach.ts';

/** What a device knows of one of its mappings. */
export interface DmaMappingState {
  readonly address: number;
  readonly lengthBytes: number;
  readonly direction: DmaDirection;
  /** The side that may access the byte: the device, unless a sync gave it to the CPU; `both` for coherent memory. */
  readonly owner: DmaOwner | 'both';
}

/** Registers mappings with the machine, finds them, and ends them. */
export class DmaRegistry {
  readonly live: DeviceMappings<Held>;
  private readonly machine: Machine;
  private readonly deviceName: string;
  private readonly reach: DmaReach;

  constructor(machine: Machine, deviceName: string, reach: DmaReach) {
    this.machine = machine;
    this.deviceName = deviceName;
    this.reach = reach;
    this.live = new DeviceMappings(machine.pageSize);
  }

  add({ mapping, held }: Made): void {
    mapping.deviceName = this.deviceName;
    this.live.add(mapping, held);
  }

  /**
   * On a checked machine, registers a mapping so that accesses of the CPU are checked against it; returns the overlap
   * with another mapping.
   */
  watch(mapping: DmaMapping): Overlap | undefined {
    const { machine } = this;
    if (machine.guard === undefined) return undefined;
    mapping.since = machine.stamp();
    return machine.deviceOwned.add(mapping);
  }

  end(mapping: DmaMapping): void {
    const held = this.live.heldBy(mapping);
    this.record('unmap', mapping);
    this.live.delete(mapping);
    mapping.hasEnded = true;
    if (this.machine.guard !== undefined) this.machine.deviceOwned.delete(mapping);
    if (held !== undefined) this.reach.giveBack(held);
  }

  /** Tells the device about the mapping of a bus address, and records that it looked. */
  look(at: number): DmaMappingState | undefined {
    const mapping = isWhole(at, Number.MAX_SAFE_INTEGER) ? this.live.newestWith(at, 1) : undefined;
    this.machine.hardware.trace?.record({
      event: 'dma',
      device: this.deviceName,
      verb: 'look',
      direction: mapping?.direction ?? 'none',
      address: at,
      lengthBytes: 1,
      frames: [],
    });
    if (mapping === undefined) return undefined;
    const { address, lengthBytes, direction, isShared } = mapping;
    const isOfCpu = mapping.belongsTo('cpu', at - address, 1);
    return { address, lengthBytes, direction, owner: isShared ? 'both' : isOfCpu ? 'cpu' : 'device' };
  }

  /** The mapping that fits a call best, because several may begin at one address. */
  fitting(address: number, lengthBytes: number, direction: DmaDirection): DmaMapping | undefined {
    const ofLength = (mapping: DmaMapping): boolean => mapping.lengthBytes === lengthBytes;
    return (
      this.live.newestAt(address, (m) => ofLength(m) && m.direction === direction) ??
      this.live.newestAt(address, ofLength) ??
      this.live.newestAt(address)
    );
  }

  record(
    verb: DmaVerb,
    mapping: DmaMapping,
    from: number = 0,
    lengthBytes: number = mapping.lengthBytes,
  ): void {
    const { trace } = this.machine.hardware;
    if (trace === undefined) return;
    const { address, direction, pieces } = mapping;
    trace.record({
      event: 'dma',
      device: this.deviceName,
      verb,
      direction,
      address: address + from,
      lengthBytes,
      frames: pieces.map(({ page }) => page.pfn),
    });
  }

  /** Records an event for each bounce buffer of a new mapping, even one of 0 bytes. */
  recordNewBuffers(context: Context, mapping: DmaMapping): void {
    const { trace } = this.machine.hardware;
    const runs = this.live.heldBy(mapping)?.runs ?? [];
    if (trace === undefined || runs.length === 0) return;
    for (const [i, run] of runs.entries()) {
      const lengthBytes = mapping.pieces[i]?.length ?? 0;
      if (run !== undefined)
        trace.record({ event: 'bounce-map', by: context.actor, slot: run.firstSlot, lengthBytes });
    }
  }

  /** Records an event for each bounce buffer that a range covers. */
  recordBuffers(
    context: Context,
    event: 'bounce-unmap' | 'bounce-sync',
    mapping: DmaMapping,
    from: number = 0,
    lengthBytes: number = mapping.lengthBytes,
  ): void {
    const { trace } = this.machine.hardware;
    const runs = this.live.heldBy(mapping)?.runs ?? [];
    if (trace === undefined || runs.length === 0) return;
    mapping.eachPiece(from, lengthBytes, (index, _, __, length) => {
      const run = runs[index];
      if (run !== undefined)
        trace.record({ event, by: context.actor, slot: run.firstSlot, lengthBytes: length });
    });
  }
}
