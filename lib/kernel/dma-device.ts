/**
 * A device that reaches memory by itself: how its addresses come about (direct, through an IOMMU, through
 * bounce buffers, over the PCI bus), what is mapped for it, and its own reads and writes.
 */
import { err, ok } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { ErrorOf } from '../base/errors.ts';
import { dmaAddr, hex } from '../base/units.ts';
import type { DmaAddr } from '../base/units.ts';
import type { RuleId } from '../machine/rules.ts';
import type { DmaVerb } from '../machine/trace.ts';
import type { BouncePool, BounceRun } from './bounce-pool.ts';
import { DmaMapping } from './dma-mapping.ts';
import type { DmaDirection, DmaOwner, DmaPiece } from './dma-mapping.ts';
import { Iova } from './iova.ts';
import type { IommuOptions, IovaRun } from './iova.ts';
import type { Context, Machine } from './machine.ts';

/** How a device reaches memory. Without options: bus addresses are physical addresses. */
export interface DmaDeviceOptions {
  readonly name?: string;
  /** An IOMMU translates its addresses. */
  readonly iommu?: IommuOptions;
  /** Bounces what it cannot address, or everything. */
  readonly bounce?: { readonly pool: BouncePool; readonly always?: boolean };
  /** The highest bus address that it can put on the bus (`dma_mask`). Default: any. */
  readonly mask?: number;
  /** The longest segment that it takes, which bounds merging. Default 65536. */
  readonly maxSegmentBytes?: number;
  /** How it reaches memory of other devices: their bus address, through the host bridge, or not. */
  readonly peerToPeer?: 'busAddress' | 'hostBridge' | 'unsupported';
  /** What a bus address of another device is more than its physical address. Default 0. */
  readonly busOffset?: number;
}

/** What mapping for a device fails with. */
export type DmaMapError = ErrorOf<
  'BounceExhausted' | 'TooBig' | 'NoVirtualSpace' | 'NotSupported' | 'Unmappable'
>;

/** Bytes as the device addresses them. */
export interface DmaSegment {
  readonly address: DmaAddr;
  readonly lengthBytes: number;
  /** A PCI bus address: nothing was mapped for it. */
  readonly isBusAddress: boolean;
}

/** What a mapping gives back when it ends. */
interface Held {
  readonly bounceRun?: BounceRun;
  readonly iova?: { readonly run: IovaRun; left: number };
}

interface Made {
  readonly mapping: DmaMapping;
  readonly held: Held;
}

/** A device with the mappings made for it. */
export class DmaDevice {
  readonly machine: Machine;
  readonly name: string;
  private readonly options: DmaDeviceOptions;
  private readonly iova: Iova | undefined;
  readonly #live = new Map<DmaMapping, Held>();

  constructor(machine: Machine, options: DmaDeviceOptions = {}) {
    this.machine = machine;
    this.name = options.name ?? 'device';
    this.options = options;
    this.iova = options.iommu === undefined ? undefined : new Iova(machine.pageSize, options.iommu);
  }

  /** `dma_max_mapping_size`: the longest range that can be mapped at once. */
  get maxMappingBytes(): number {
    const { bounce } = this.options;
    return bounce === undefined || this.iova !== undefined ? Infinity : bounce.pool.mostBytes;
  }

  /** Mappings made and not ended. */
  get liveMappings(): number {
    return this.#live.size;
  }

  /** Maps a list, all of it or nothing. */
  map(
    context: Context,
    pieces: readonly DmaPiece[],
    direction: DmaDirection,
  ): Result<readonly DmaSegment[], DmaMapError> {
    const { machine } = this;
    machine.enter(context);
    const mapped: DmaMapping[] = [];
    const segments: DmaSegment[] = [];
    for (const group of this.#groupsOf(pieces)) {
      const [first] = group;
      if (this.#isBus(first)) {
        segments.push(this.#busSegment(first));
        continue;
      }
      const made =
        this.iova === undefined
          ? this.#mapPiece(context, first, direction)
          : this.#translate(this.iova, group, direction);
      if (!made.ok) {
        // As Linux: what was mapped ends without copying anything back.
        for (const mapping of mapped) this.#end(mapping);
        return made;
      }
      for (const { mapping, held } of made.value) {
        this.#live.set(mapping, held);
        this.maintain('device', mapping, 0, mapping.lengthBytes);
        this.#record('map', mapping);
        if (machine.guard !== undefined) machine.deviceOwned.add(mapping);
        mapped.push(mapping);
        const { address, lengthBytes } = mapping;
        segments.push({ address, lengthBytes, isBusAddress: false });
      }
    }
    return ok(segments);
  }

  // What is mapped in one go: with an IOMMU everything between two pieces that it does not translate.
  #groupsOf(pieces: readonly DmaPiece[]): readonly (readonly [DmaPiece, ...DmaPiece[]])[] {
    const groups: [DmaPiece, ...DmaPiece[]][] = [];
    for (const piece of pieces) {
      const last = groups.at(-1);
      if (this.iova === undefined || last === undefined || this.#isBus(piece) || this.#isBus(last[0]))
        groups.push([piece]);
      else last.push(piece);
    }
    return groups;
  }

  #translate(
    iova: Iova,
    pieces: readonly DmaPiece[],
    direction: DmaDirection,
  ): Result<readonly Made[], DmaMapError> {
    const refused = pieces.map((piece) => this.#refusal(piece)).find((error) => error !== undefined);
    if (refused !== undefined) return err(refused);
    const run = iova.take(pieces, this.options.maxSegmentBytes ?? 65536);
    if (run === undefined)
      return err({ code: 'NoVirtualSpace', needPages: iova.pagesFor(pieces), freePages: iova.freePages });
    const held = { iova: { run, left: run.segments.length } };
    return ok(
      run.segments.map((part) => ({
        mapping: new DmaMapping(part.address, direction, part.pieces, undefined),
        held,
      })),
    );
  }

  #isBus(piece: DmaPiece): boolean {
    return piece.page.kind === 'iomem' && (this.options.peerToPeer ?? 'busAddress') === 'busAddress';
  }

  #busSegment({ page, offset, length }: DmaPiece): DmaSegment {
    const address = dmaAddr(page.phys + offset + (this.options.busOffset ?? 0));
    return { address, lengthBytes: length, isBusAddress: true };
  }

  #refusal({ page }: DmaPiece): ErrorOf<'NotSupported'> | undefined {
    if (page.kind !== 'iomem' || this.options.peerToPeer === 'hostBridge') return undefined;
    return { code: 'NotSupported', operation: `DMA of ${this.name} to memory of another device` };
  }

  #mapPiece(
    context: Context,
    piece: DmaPiece,
    direction: DmaDirection,
  ): Result<readonly Made[], DmaMapError> {
    const { bounce, mask = Infinity } = this.options;
    const { page, offset, length } = piece;
    const refused = this.#refusal(piece);
    if (refused !== undefined) return err(refused);
    const physical = page.phys + offset;
    const reaches = physical + length - 1 <= mask;
    if (reaches && bounce?.always !== true)
      return ok([{ mapping: new DmaMapping(dmaAddr(physical), direction, [piece], undefined), held: {} }]);
    if (bounce === undefined || page.kind === 'unmappable' || page.kind === 'iomem')
      return err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind });
    const { pool } = bounce;
    if (length > pool.mostBytes)
      return err({ code: 'TooBig', needBytes: length, limitBytes: pool.mostBytes });
    const run = pool.take(length);
    if (run === undefined) {
      this.machine.hardware.trace?.record({ event: 'refused', what: 'bounce pool' });
      return err({ code: 'BounceExhausted', needBytes: length, freeBytes: pool.freeBytes });
    }
    const buffer = { page: run.page, offset: run.pageOffset, length };
    const mapping = new DmaMapping(dmaAddr(run.page.phys + run.pageOffset), direction, [piece], buffer);
    this.#trace(context, 'bounce-map', run, length);
    this.initialise(mapping);
    return ok([{ mapping, held: { bounceRun: run } }]);
  }

  /**
   * Gives a new bounce buffer its contents: the driver's, in every direction, so that bytes which the
   * device does not write survive.
   */
  protected initialise(mapping: DmaMapping): void {
    this.#copyIn(mapping, 0, mapping.lengthBytes);
  }

  /** Ends a mapping: what the device wrote is the CPU's to see. */
  unmap(context: Context, address: DmaAddr, lengthBytes: number, direction: DmaDirection): void {
    this.machine.enter(context);
    // Several mappings may have one address; the one meant is the one that fits best.
    const found = [...this.#live.keys()].filter((m) => m.address === address);
    const mapping =
      found.findLast((m) => m.lengthBytes === lengthBytes && m.direction === direction) ??
      found.findLast((m) => m.lengthBytes === lengthBytes) ??
      found.at(-1);
    if (mapping === undefined) {
      this.#violate('dma-not-mapped', `dma_unmap of ${hex(address)}, which is not mapped`, context);
      return;
    }
    this.#checkDirection(context, 'dma_unmap', mapping, direction);
    if (mapping.lengthBytes !== lengthBytes) {
      this.#violate(
        'dma-mismatch',
        `dma_unmap of ${String(lengthBytes)} bytes at ${hex(address)}, mapped with ${String(mapping.lengthBytes)}`,
        context,
      );
    }
    if (mapping.bounce !== undefined && direction !== 'toDevice')
      this.#copyOut(mapping, 0, mapping.lengthBytes);
    if (direction !== 'toDevice') this.maintain('cpu', mapping, 0, mapping.lengthBytes);
    const run = this.#live.get(mapping)?.bounceRun;
    if (run !== undefined) this.#trace(context, 'bounce-unmap', run, mapping.lengthBytes);
    this.#end(mapping);
  }

  #end(mapping: DmaMapping): void {
    const held = this.#live.get(mapping);
    this.#record('unmap', mapping);
    this.#live.delete(mapping);
    if (this.machine.guard !== undefined) this.machine.deviceOwned.delete(mapping);
    if (held?.bounceRun !== undefined) this.options.bounce?.pool.give(held.bounceRun);
    if (held?.iova === undefined) return;
    held.iova.left -= 1;
    if (held.iova.left === 0) this.iova?.give(held.iova.run);
  }

  /** Gives bytes to the CPU or to the device; bounced ones are copied in the direction that they move. */
  sync(
    context: Context,
    owner: DmaOwner,
    address: number,
    lengthBytes: number,
    direction: DmaDirection,
  ): void {
    this.machine.enter(context);
    const what = `dma_sync_for_${owner}`;
    const mapping = [...this.#live.keys()].findLast((m) => m.contains(address, lengthBytes));
    if (mapping === undefined) {
      this.#violate(
        'dma-not-mapped',
        `${what} of ${String(lengthBytes)} bytes at ${hex(address)}, not all of them mapped`,
        context,
      );
      return;
    }
    this.#checkDirection(context, what, mapping, direction);
    const from = address - mapping.address;
    const run = this.#live.get(mapping)?.bounceRun;
    if (run !== undefined) {
      if (owner === 'cpu' && direction !== 'toDevice') this.#copyOut(mapping, from, lengthBytes);
      if (owner === 'device' && direction !== 'fromDevice') this.#copyIn(mapping, from, lengthBytes);
      this.#trace(context, 'bounce-sync', run, lengthBytes);
    }
    if (owner === 'device' || direction !== 'toDevice') this.maintain(owner, mapping, from, lengthBytes);
    mapping.give(owner, from, lengthBytes);
    this.#record(`sync-for-${owner}`, mapping, from, lengthBytes);
  }

  /** The device reads memory; bytes at addresses that it may not read are an answer of all ones. */
  read(address: number, lengthBytes: number): Uint8Array {
    const bytes = new Uint8Array(lengthBytes).fill(0xff);
    this.#access(address, lengthBytes, 'read', (memory, done) => {
      bytes.set(memory, done);
    });
    return bytes;
  }

  /** The device writes memory. */
  write(address: number, bytes: Uint8Array): void {
    this.#access(address, bytes.length, 'write', (memory, done) => {
      memory.set(bytes.subarray(done, done + memory.length));
    });
  }

  /** Reports mappings that a driver leaves behind. */
  checkLeaks(): void {
    const [first] = this.#live.keys();
    if (first === undefined) return;
    this.#violate(
      'leak',
      `${this.name} has ${String(this.#live.size)} DMA mappings left, the first at ${hex(first.address)}`,
      this.machine.executing,
    );
  }

  #access(
    address: number,
    lengthBytes: number,
    verb: 'read' | 'write',
    visit: (memory: Uint8Array, done: number) => void,
  ): void {
    for (let done = 0; done < lengthBytes;) {
      const at = address + done;
      const mapping = [...this.#live.keys()].findLast((m) => m.contains(at, 1));
      const left = lengthBytes - done;
      done +=
        mapping === undefined
          ? this.#accessPeer(at, left, done, verb, visit)
          : this.#accessMapping(mapping, at, left, done, verb, visit);
    }
  }

  #accessMapping(
    mapping: DmaMapping,
    at: number,
    left: number,
    done: number,
    verb: 'read' | 'write',
    visit: (memory: Uint8Array, done: number) => void,
  ): number {
    const from = at - mapping.address;
    const part = Math.min(left, mapping.lengthBytes - from);
    const wrongWay = verb === 'write' ? 'toDevice' : 'fromDevice';
    const what = `${this.name} ${verb === 'write' ? 'writes' : 'reads'} ${String(part)} bytes at ${hex(at)}`;
    this.#record(verb, mapping, from, part);
    if (mapping.direction === wrongWay)
      this.#violate('dma-direction', `${what}, mapped ${mapping.direction}`, undefined);
    if (mapping.belongsTo('cpu', from, part))
      this.#violate('dma-device-access', `${what}, which the CPU owns since a sync`, undefined);
    if (verb === 'write') mapping.filled(from, part);
    else this.#checkLeftOver(mapping, from, part, `${this.name} reads`);
    const { dataCache } = this.machine.hardware;
    mapping.eachDevicePage(from, part, (page, offset, before, length) => {
      if (verb === 'read' && dataCache?.memoryIsStale(page, offset, length) === true)
        this.#violate('stale-cache', `${what}, some of which are newer in the cache of the CPU`, undefined);
      visit(this.machine.physical(page).subarray(offset, offset + length), done + before);
    });
    return part;
  }

  // Memory of another device at its bus address; anything else is an address that nothing answers.
  #accessPeer(
    at: number,
    left: number,
    done: number,
    verb: 'read' | 'write',
    visit: (memory: Uint8Array, done: number) => void,
  ): number {
    const { machine } = this;
    const physical = at - (this.options.busOffset ?? 0);
    const page = machine.hardware.memory.pageAt(Math.floor(physical / machine.pageSize));
    const offset = physical % machine.pageSize;
    if (page === undefined || !this.#isBus({ page, offset, length: 1 })) {
      this.#violate('dma-fault', `${this.name} ${verb} of ${hex(at)}, which is not mapped for it`, undefined);
      return left;
    }
    const part = Math.min(left, machine.pageSize - offset);
    visit(machine.physical(page).subarray(offset, offset + part), done);
    return part;
  }

  /** Does what a data cache that is not coherent with devices needs, where the machine simulates one. */
  protected maintain(owner: DmaOwner, mapping: DmaMapping, from: number, lengthBytes: number): void {
    const { dataCache } = this.machine.hardware;
    if (dataCache === undefined) return;
    mapping.eachPage(from, lengthBytes, (page, offset, _, length) => {
      if (owner === 'device') dataCache.flushForDevice(page, offset, length);
      else dataCache.dropForCpu(page, offset, length);
    });
  }

  #copyIn(mapping: DmaMapping, from: number, lengthBytes: number): void {
    this.maintain('device', mapping, from, lengthBytes);
    mapping.filled(from, lengthBytes);
    const bytes = new Uint8Array(lengthBytes);
    mapping.eachPage(from, lengthBytes, (page, offset, done, length) => {
      bytes.set(this.machine.physical(page).subarray(offset, offset + length), done);
    });
    mapping.eachDevicePage(from, lengthBytes, (page, offset, done, length) => {
      this.machine.physical(page).set(bytes.subarray(done, done + length), offset);
    });
    this.machine.hardware.ledger.bytesBounced += lengthBytes;
  }

  #copyOut(mapping: DmaMapping, from: number, lengthBytes: number): void {
    this.#checkLeftOver(mapping, from, lengthBytes, 'the driver is given');
    const bytes = new Uint8Array(lengthBytes);
    mapping.eachDevicePage(from, lengthBytes, (page, offset, done, length) => {
      bytes.set(this.machine.physical(page).subarray(offset, offset + length), done);
    });
    mapping.eachPage(from, lengthBytes, (page, offset, done, length) => {
      this.machine.physical(page).set(bytes.subarray(done, done + length), offset);
    });
    this.machine.hardware.ledger.bytesBounced += lengthBytes;
  }

  #checkLeftOver(mapping: DmaMapping, from: number, lengthBytes: number, who: string): void {
    const at = mapping.firstLeftOver(from, lengthBytes);
    if (at < 0) return;
    this.#violate(
      'torn-bounce',
      `${who} byte ${String(at)} of the bounce buffer at ${hex(mapping.address)}, which an earlier transfer left there`,
      this.machine.executing,
    );
  }

  #record(verb: DmaVerb, mapping: DmaMapping, from = 0, lengthBytes = mapping.lengthBytes): void {
    const { address, direction, pieces } = mapping;
    this.machine.hardware.trace?.record({
      event: 'dma',
      device: this.name,
      verb,
      direction,
      address: address + from,
      lengthBytes,
      frames: pieces.map(({ page }) => page.pfn),
    });
  }

  #trace(
    context: Context,
    event: 'bounce-map' | 'bounce-unmap' | 'bounce-sync',
    run: BounceRun,
    lengthBytes: number,
  ): void {
    this.machine.hardware.trace?.record({ event, by: context.actor, slot: run.firstSlot, lengthBytes });
  }

  #checkDirection(context: Context, what: string, mapping: DmaMapping, direction: DmaDirection): void {
    if (mapping.direction === direction) return;
    this.#violate(
      'dma-mismatch',
      `${what} ${direction} of ${hex(mapping.address)}, mapped ${mapping.direction}`,
      context,
    );
  }

  #violate(rule: RuleId, what: string, context: Context | undefined): void {
    this.machine.hardware.violate({ rule, what, context: context?.state() });
  }
}
