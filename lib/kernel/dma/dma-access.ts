/**
 * The reads and writes of a device itself, by the addresses of its bus.
 */
import { hex } from '../../base/units.ts';
import { isWhole, requireWhole } from '../../base/whole.ts';
import type { Machine } from '../core/machine.ts';
import { checkTouch } from '../core/page-lifetime.ts';
import type { DmaMapping } from '../parts/dma-mapping.ts';
import { addressText } from './dma-checks.ts';
import type { DmaChecks } from './dma-checks.ts';
import type { DmaRegistry } from './dma-registry.ts';
import type { DmaReach } from './dma-reach.ts';

/** Called for memory that the device accesses; `done` is the number of bytes before. */
type Visit = (memory: Uint8Array, done: number) => void;

/** What the parts of a DMA device share. */
export interface DmaParts {
  readonly machine: Machine;
  readonly name: string;
  readonly reach: DmaReach;
  readonly registry: DmaRegistry;
  readonly checks: DmaChecks;
}

/** The bus of one device, as the device uses it. */
export class DmaAccess {
  private readonly parts: DmaParts;

  constructor(parts: DmaParts) {
    this.parts = parts;
  }

  /** Bytes at addresses that the device may not read are all ones, as on a PCI bus. */
  read(address: number, lengthBytes: number): Uint8Array {
    const { memory } = this.parts.machine.hardware;
    requireWhole('lengthBytes', lengthBytes, 0, memory.endPfn * memory.pageSize);
    const bytes = new Uint8Array(lengthBytes).fill(0xff);
    this.#access(address, lengthBytes, 'read', (memory, done) => {
      bytes.set(memory, done);
    });
    return bytes;
  }

  write(address: number, bytes: Uint8Array): void {
    this.#access(address, bytes.length, 'write', (memory, done) => {
      memory.set(bytes.subarray(done, done + memory.length));
    });
  }

  #access(address: number, lengthBytes: number, verb: 'read' | 'write', visit: Visit): void {
    if (!isWhole(address, Number.MAX_SAFE_INTEGER)) {
      this.#fault(address, verb);
      return;
    }
    for (let done = 0; done < lengthBytes;) {
      const at = address + done;
      const mapping = this.parts.registry.live.newestWith(at, 1);
      const left = lengthBytes - done;
      done +=
        mapping === undefined
          ? this.#accessPeer(at, left, done, verb, visit)
          : this.#accessMapping(mapping, at, left, done, verb, visit);
    }
  }

  #fault(address: number, verb: 'read' | 'write'): void {
    const { name, checks } = this.parts;
    const what = `${name} ${verb} of ${addressText(address)}, which is not mapped for it`;
    checks.violate('dma-fault', what, undefined);
  }

  #accessMapping(
    mapping: DmaMapping,
    at: number,
    left: number,
    done: number,
    verb: 'read' | 'write',
    visit: Visit,
  ): number {
    const { machine, name, registry, checks } = this.parts;
    const from = at - mapping.address;
    const part = Math.min(left, mapping.lengthBytes - from);
    const wrongWay = verb === 'write' ? 'toDevice' : 'fromDevice';
    const what = `${name} ${verb === 'write' ? 'writes' : 'reads'} ${String(part)} bytes at ${hex(at)}`;
    registry.record(verb, mapping, from, part);
    if (mapping.direction === wrongWay)
      checks.violate('dma-direction', `${what}, mapped ${mapping.direction}`, undefined, mapping);
    if (mapping.belongsTo('cpu', from, part))
      checks.violate('dma-device-access', `${what}, which the CPU owns since a sync`, undefined, mapping);
    if (verb === 'write') mapping.filled(from, part);
    else checks.leftOver(mapping, from, part, `${name} reads`);
    const { dataCache } = machine.hardware;
    mapping.eachDevicePage(from, part, (page, offset, before, length) => {
      if (verb === 'read' && dataCache?.memoryIsStale(page, offset, length) === true) {
        const isLost = dataCache.isLost(page, offset, length);
        const how = isLost
          ? 'some of which were stored and are lost'
          : 'some of which are newer in the cache of the CPU';
        checks.violate(isLost ? 'discarded-line' : 'stale-cache', `${what}, ${how}`, undefined, undefined, {
          pfn: page.pfn,
          offset,
          lengthBytes: length,
        });
      }
      if (machine.guard !== undefined)
        checkTouch(machine, page, { verb: what, since: mapping.since, write: verb === 'write' });
      visit(machine.physical(page).subarray(offset, offset + length), done + before);
    });
    return part;
  }

  // An address without a mapping may belong to another device's memory on the PCI bus; if it does not, it is a fault.
  #accessPeer(at: number, left: number, done: number, verb: 'read' | 'write', visit: Visit): number {
    const { machine, reach } = this.parts;
    const physical = reach.physicalOf(at);
    const page = machine.hardware.memory.pageAt(Math.floor(physical / machine.pageSize));
    const offset = physical % machine.pageSize;
    if (page === undefined || !reach.isBus({ page, offset, length: 1 })) {
      this.#fault(at, verb);
      return left;
    }
    const part = Math.min(left, machine.pageSize - offset);
    visit(machine.physical(page).subarray(offset, offset + part), done);
    return part;
  }
}
