/**
 * The checks of a driver's DMA calls: those of DMA_API_DEBUG in Linux, and some that only a simulation can make.
 */
import { hex } from '../../base/units.ts';
import type { BytesState } from '../../machine/violation.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { Context, Machine } from '../core/machine.ts';
import { checkTouch } from '../core/page-lifetime.ts';
import type { Overlap } from '../parts/device-owned.ts';
import { crosses, eachPageOf } from '../parts/dma-mapping.ts';
import type { DmaCall, DmaDirection, DmaMapping, DmaPiece } from '../parts/dma-mapping.ts';
import type { DmaHow } from './dma-call.ts';
import type { DmaDeviceConfig } from './dma-device-options.ts';

/** The functions of Linux that make and end each kind of mapping. */
const CALLS: Readonly<Record<DmaCall, { readonly make: string; readonly end: string }>> = {
  page: { make: 'dma_map_page', end: 'dma_unmap_page' },
  single: { make: 'dma_map_single', end: 'dma_unmap_single' },
  sg: { make: 'dma_map_sg', end: 'dma_unmap_sg' },
  coherent: { make: 'dma_alloc_coherent', end: 'dma_free_coherent' },
};

/** Formats an address for a report. It may not be a number, if the driver uses the result of a failed map. */
export function addressText(address: number): string {
  return Number.isInteger(address) ? hex(address) : `${String(address)} (no address)`;
}

/** The checks of one device. */
export class DmaChecks {
  private readonly machine: Machine;
  private readonly config: DmaDeviceConfig;

  constructor(machine: Machine, config: DmaDeviceConfig) {
    this.machine = machine;
    this.config = config;
  }

  violate(
    rule: RuleId,
    what: string,
    context: Context | undefined,
    mapping?: DmaMapping,
    bytes?: BytesState,
  ): void {
    this.machine.hardware.violate({
      ...(bytes !== undefined && { bytes }),
      rule,
      what,
      context: context?.state(),
      mapping: mapping?.describe(),
    });
  }

  /** Checks a mapped piece as if it were accessed now, because the device's later accesses cannot be watched. */
  touch(context: Context, piece: DmaPiece): void {
    const { machine } = this;
    if (machine.guard === undefined) return;
    eachPageOf(piece, 0, piece.length, (page) => {
      const verb = `dma_map for ${this.config.name}`;
      checkTouch(machine, page, { verb, since: Infinity, write: false, context: context.state() });
    });
  }

  /** Checks the memory that the CPU copies to or from a bounce buffer, because the copy is an access. */
  touchBounced(context: Context, verb: string, mapping: DmaMapping, from: number, lengthBytes: number): void {
    const { machine } = this;
    if (machine.guard === undefined || mapping.bounces === undefined) return;
    mapping.eachPage(from, lengthBytes, (page) => {
      const touch = { verb: `${verb} of bounced bytes`, since: mapping.since, write: true };
      checkTouch(machine, page, { ...touch, context: context.state() });
    });
  }

  /** Checks the lengths of the entries, not of merged segments; DMA_API_DEBUG does the same. */
  lengths(context: Context, pieces: readonly DmaPiece[]): void {
    const { maxSegmentBytes, name } = this.config;
    for (const [i, { length }] of pieces.entries()) {
      if (length <= maxSegmentBytes) continue;
      this.violate(
        'dma-segment',
        `entry ${String(i)} of the list has ${String(length)} bytes; a segment of ${name} has at most ${String(maxSegmentBytes)}`,
        context,
      );
    }
  }

  boundary(context: Context, { address, lengthBytes }: DmaMapping): void {
    const { boundaryBytes, name } = this.config;
    if (!crosses(address, lengthBytes, boundaryBytes)) return;
    this.violate(
      'dma-segment',
      `a segment of ${String(lengthBytes)} bytes at ${hex(address)} lies across a multiple of ${hex(boundaryBytes)}, which ${name} cannot take`,
      context,
    );
  }

  overlap(context: Context, { direction }: DmaMapping, { other, page, offset, length }: Overlap): void {
    this.violate(
      'dma-overlap',
      `dma_map ${direction} of ${String(length)} bytes at offset ${String(offset)} of pfn ${hex(page.pfn)} shares a cache line with what is mapped ${other.direction} for ${other.deviceName}`,
      context,
      other,
    );
  }

  /** Reports an unmap that does not match its map in function, length, direction or number of entries. */
  end(
    context: Context,
    mapping: DmaMapping,
    lengthBytes: number,
    direction: DmaDirection,
    { call, entries }: DmaHow,
  ): void {
    const at = hex(mapping.address);
    const what = call === 'coherent' ? CALLS.coherent.end : 'dma_unmap';
    if (!mapping.isErrorChecked)
      this.violate(
        'dma-unchecked',
        `${what} of ${at}, of which the driver did not look whether the map failed`,
        context,
        mapping,
      );
    this.direction(context, what, mapping, direction);
    if (mapping.lengthBytes !== lengthBytes)
      this.violate(
        'dma-mismatch',
        `${what} of ${String(lengthBytes)} bytes at ${at}, mapped with ${String(mapping.lengthBytes)}`,
        context,
        mapping,
      );
    const made = mapping.call;
    if (call !== undefined && made !== undefined && !this.#isSameCall(call, made))
      this.violate(
        'dma-mismatch',
        `${CALLS[call].end} of ${at}, mapped by ${CALLS[made].make}`,
        context,
        mapping,
      );
    else this.entries(context, 'dma_unmap_sg', mapping, entries);
  }

  // In Linux dma_map_single and dma_map_page are the same function.
  #isSameCall(a: DmaCall, b: DmaCall): boolean {
    if (this.machine.config.semantics === 'strict') return a === b;
    const plain = (call: DmaCall): DmaCall => (call === 'single' ? 'page' : call);
    return plain(a) === plain(b);
  }

  direction(context: Context, what: string, mapping: DmaMapping, direction: DmaDirection): void {
    if (mapping.direction === direction) return;
    this.violate(
      'dma-mismatch',
      `${what} ${direction} of ${hex(mapping.address)}, mapped ${mapping.direction}`,
      context,
      mapping,
    );
  }

  /** Checks the direction of a sync. DMA_API_DEBUG allows a sync of a bidirectional mapping in one direction. */
  syncDirection(context: Context, what: string, mapping: DmaMapping, direction: DmaDirection): void {
    if (this.machine.config.semantics === 'strict' || mapping.direction !== 'bidirectional')
      this.direction(context, what, mapping, direction);
  }

  entries(context: Context, what: string, mapping: DmaMapping, entries: number | undefined): void {
    if (entries === undefined || mapping.entries === undefined || entries === mapping.entries) return;
    this.violate(
      'dma-mismatch',
      `${what} of a list of ${String(entries)} entries at ${hex(mapping.address)}, mapped with ${String(mapping.entries)}`,
      context,
      mapping,
    );
  }

  /** Reports that the driver or the device (`who`) would see bytes of an earlier transfer in a bounce buffer. */
  leftOver(mapping: DmaMapping, from: number, lengthBytes: number, who: string): void {
    const at = mapping.firstLeftOver(from, lengthBytes);
    if (at < 0) return;
    this.violate(
      'torn-bounce',
      `${who} byte ${String(at)} of the bounce buffer at ${hex(mapping.address)}, which an earlier transfer left there`,
      this.machine.executing,
    );
  }

  /** Reports mappings of the device that the driver has not ended. */
  leaks(first: DmaMapping | undefined, count: number): void {
    if (first === undefined) return;
    this.violate(
      'leak',
      `${this.config.name} has ${String(count)} DMA mappings left, the first at ${hex(first.address)}`,
      this.machine.executing,
      first,
    );
  }
}
