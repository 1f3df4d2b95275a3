/** The copy helpers: the group copy. */
import { expect } from 'chai';
import { crc32 } from 'node:zlib';
import {
  createMachine,
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from 'scatterlist';
import type { Machine, MapBackend, SgList } from 'scatterlist';
import { kmapAtomic, kmapLocal } from 'scatterlist/backends';
import type { MachineOptions } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { buildList } from '../lists.ts';
import type { Entry, ListInput } from '../lists.ts';
import { mapEvents, takeEvents } from '../map-events.ts';
import { PHYS_PAGES, byteAt, changedPages, fillMemory, sourceBuffer, targetBuffer } from '../memory.ts';

interface Input extends ListInput {
  readonly fn: string;
  readonly nents: number;
  readonly buflen: number;
  readonly skip: number;
}

interface Bytes {
  readonly ret: number;
  readonly buf_crc32?: number;
  readonly buf_hex?: string;
  readonly changed_pages?: readonly (readonly [pfn: number, crc: number])[];
  readonly list_hex?: string;
}

interface Expect extends Bytes {
  readonly map_count: number;
  readonly flush_count: number;
  /** Up to 24 maps, 6.1. */
  readonly maps?: readonly number[];
  readonly flushes?: readonly number[];
  /** Up to 24 maps, 7.2. */
  readonly events?: readonly unknown[];
}

/** Bytes up to which the recordings hold contents besides checksums. */
const SHOWN_BYTES = 128;

function run(machine: Machine, backend: MapBackend, input: Input): Bytes {
  const { fn, entries, nents, buflen, skip } = input;
  fillMemory(machine);
  const list: SgList<never> | SgList<'lowmem'> = {
    sgl: buildList(machine, input) as never,
    origNents: nents,
  };
  const reads = fn === 'sg_copy_to_buffer' || fn === 'sg_pcopy_to_buffer';
  const buffer = reads ? targetBuffer(buflen) : sourceBuffer(buflen);
  const result = ((): { readonly ok: boolean; readonly value?: number } => {
    switch (fn) {
      case 'sg_copy_to_buffer':
        return sgCopyToBuffer(list, buffer, backend);
      case 'sg_copy_from_buffer':
        return sgCopyFromBuffer(list, buffer, backend);
      case 'sg_pcopy_to_buffer':
        return sgPcopyToBuffer(list, buffer, backend, skip);
      case 'sg_pcopy_from_buffer':
        return sgPcopyFromBuffer(list, buffer, backend, skip);
      case 'sg_zero_buffer':
        return sgZeroBuffer(list, buflen, backend, skip);
      default:
        throw new Error(`no such function: ${fn}`);
    }
  })();
  const ret = result.value ?? -1;
  if (!reads) {
    const listBytes = entries.reduce((sum, [, , length = 0]) => sum + length, 0);
    const list_hex = listBytes <= SHOWN_BYTES ? { list_hex: contents(machine, entries) } : {};
    return { ret, changed_pages: changedPages(machine), ...list_hex };
  }
  expect(changedPages(machine), 'memory').to.deep.equal([]);
  const buf_hex = buflen <= SHOWN_BYTES ? { buf_hex: Buffer.from(buffer).toString('hex') } : {};
  return { ret, buf_crc32: crc32(buffer), ...buf_hex };
}

function contents(machine: Machine, entries: readonly Entry[]): string {
  const bytes = entries.flatMap(([pfn = 0, offset = 0, length = 0]) =>
    Array.from({ length }, (_, i) => byteAt(machine, pfn * 4096 + offset + i)),
  );
  return Buffer.from(bytes).toString('hex');
}

function machineWith(options: MachineOptions): Machine {
  return createMachine({ semantics: 'compatible', onViolation: 'record', trace: true, ...options });
}

const nameOf = (event: unknown): unknown => (event as unknown[])[0];
const frameOf = (event: unknown): number => (event as [string, number])[1];

export const copy: GroupRunner = runnerOf<Input, Expect>((c, file) => {
  const linux = linuxOf(file);
  const { map_count, flush_count, maps, flushes, events, ...bytes } = c.expect;
  const bind = linux === '6.1' ? kmapAtomic : kmapLocal;

  const checked = machineWith({ linux, lowmemPages: PHYS_PAGES, highmemPages: 0 });
  expect(run(checked, bind(checked.task()), c.input)).to.deep.equal(bytes);
  const seen = mapEvents(takeEvents(checked));
  const mapped = seen.filter((event) => ['kmap_atomic', 'kmap_local_page'].includes(nameOf(event) as string));
  const flushed = seen.filter((event) => nameOf(event) === 'flush_dcache_page');
  expect([mapped.length, flushed.length], 'maps, flushes').to.deep.equal([map_count, flush_count]);
  if (maps !== undefined) expect(mapped.map(frameOf)).to.deep.equal(maps);
  if (flushes !== undefined) expect(flushed.map(frameOf)).to.deep.equal(flushes);
  if (events !== undefined) expect(seen).to.deep.equal(events);

  // Memory in which every page needs a map: the bytes must be the same.
  const direct = machineWith({ linux, mode: 'direct', lowmemPages: 0, highmemPages: PHYS_PAGES });
  expect(run(direct, bind(direct.task()), c.input), 'direct machine').to.deep.equal(bytes);
  expect(direct.liveMappings, 'direct machine').to.equal(0);
  expect(direct.ledger.maps, 'direct machine').to.equal(map_count);
});
