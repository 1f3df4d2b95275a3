/**
 * Clause: writes through a mapping change memory, reads return its content, and no other bytes change.
 */
import type { MemoryKind } from '../machine/memory.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { check, same, sameBytes } from './check.ts';
import type { Clause } from './clause.ts';
import { Rig, mappableKinds, pattern } from './rig.ts';
import { VARIANTS } from './variants.ts';

type Piece = readonly [pageOffset: number, lengthBytes: number];

/** Whole page, middle, one byte at either end, the last words. */
function pieces(pageSize: number): readonly Piece[] {
  return [
    [0, pageSize],
    [104, 64],
    [0, 1],
    [pageSize - 1, 1],
    [pageSize - 16, 16],
  ];
}

/** The `bytes` of a mapping that has them. */
export function bytesOf(mapping: Mapping & { readonly bytes?: unknown }): Uint8Array | undefined {
  const { bytes } = mapping;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

function checkReads(mapping: Mapping, want: Uint8Array): void {
  const view = new DataView(want.buffer, want.byteOffset, want.length);
  const last = want.length - 1;
  same(mapping.load8(0), view.getUint8(0), 'load8(0)');
  same(mapping.load8(last), view.getUint8(last), `load8(${String(last)})`);
  if (want.length >= 16) {
    same(mapping.load16(2), view.getUint16(2, true), 'load16(2)');
    same(mapping.load32(4), view.getUint32(4, true), 'load32(4)');
    same(mapping.load64(8), view.getBigUint64(8, true), 'load64(8)');
  }
  const copy = new Uint8Array(want.length);
  mapping.copyTo(copy);
  sameBytes(copy, want, 'copyTo');
  if (want.length < 4) return;
  const part = new Uint8Array(want.length - 3);
  mapping.copyTo(part, 2);
  sameBytes(part, want.subarray(2, want.length - 1), 'copyTo from 2');
}

function write(mapping: Mapping, model: Uint8Array): void {
  const view = new DataView(model.buffer, model.byteOffset, model.length);
  mapping.fill(0x5a);
  model.fill(0x5a);
  mapping.store8(model.length - 1, 0x1a5);
  view.setUint8(model.length - 1, 0xa5);
  if (model.length < 16) return;
  mapping.store16(0, 0xbeef);
  view.setUint16(0, 0xbeef, true);
  mapping.store32(4, 0xdeadc0de);
  view.setUint32(4, 0xdeadc0de, true);
  mapping.store64(8, 0x8123_4567_89ab_cdefn);
  view.setBigUint64(8, 0x8123_4567_89ab_cdefn, true);
  mapping.copyFrom(model.slice(0, 4), 5 % model.length);
  model.copyWithin(5, 0, 4);
  mapping.fill(0x11, 10, 3);
  model.fill(0x11, 10, 13);
}

function roundTrip(rig: Rig, kind: MemoryKind, [pageOffset, lengthBytes]: Piece): void {
  const page = rig.page(kind);
  const model = pattern(rig.machine.pageSize, pageOffset + lengthBytes);
  rig.machine.physical(page).set(model);
  const part = model.subarray(pageOffset, pageOffset + lengthBytes);
  const mapping = rig.map(page, pageOffset, lengthBytes);
  same(mapping.length, lengthBytes, 'length of the mapping');
  checkReads(mapping, part);
  write(mapping, part);
  checkReads(mapping, part);
  rig.backend.unmap(mapping);
  rig.checkPhysical(page, model, 'after the release');
  const again = rig.map(page, pageOffset, lengthBytes);
  checkReads(again, part);
  rig.backend.unmap(again);
  rig.checkClean('afterwards');
}

// Writes every second byte through the array and the rest through an accessor, because both are the same memory.
function throughBytes(rig: Rig, kind: MemoryKind, [pageOffset, lengthBytes]: Piece): void {
  const page = rig.page(kind);
  const model = pattern(rig.machine.pageSize, lengthBytes);
  rig.machine.physical(page).set(model);
  const part = model.subarray(pageOffset, pageOffset + lengthBytes);
  const mapping = rig.map(page, pageOffset, lengthBytes);
  const bytes = bytesOf(mapping);
  check(bytes !== undefined, `the contract says direct, but a mapping of ${kind} has no bytes`);
  sameBytes(bytes, part, 'bytes');
  for (let i = 0; i < lengthBytes; i += 1) {
    const value = (i * 5) & 0xff;
    part[i] = value;
    if (i % 2 === 0) bytes[i] = value;
    else if (i < 64) mapping.store8(i, value);
    else bytes[i] = value;
  }
  checkReads(mapping, part);
  rig.backend.unmap(mapping);
  rig.checkPhysical(page, model, 'after the release');
  rig.checkClean('afterwards');
}

function hasBytes(rig: Rig, kind: MemoryKind): boolean {
  const mapping = rig.map(rig.page(kind), 0, rig.machine.pageSize);
  const has = bytesOf(mapping) !== undefined;
  rig.backend.unmap(mapping);
  return has;
}

/** Contents, through every accessor and through `bytes`. */
export const contents: Clause = ({ describe, it, subject, contract }) => {
  const kinds = mappableKinds(contract);
  for (const { title, options } of VARIANTS) {
    describe(title, () => {
      for (const kind of kinds) {
        it(`of ${kind} round trip through accessors of every width, and nothing beside them changes`, () => {
          const { pageSize } = new Rig(subject, options).machine;
          for (const piece of pieces(pageSize)) roundTrip(new Rig(subject, options), kind, piece);
        });
        if (!contract.direct) continue;
        it(`of ${kind} round trip through bytes, together with accessors`, () => {
          const { pageSize } = new Rig(subject, options).machine;
          for (const piece of pieces(pageSize)) throughBytes(new Rig(subject, options), kind, piece);
        });
      }
      if (contract.direct) return;
      it('have accessors only, for some kind of memory at least', () => {
        const without = kinds.filter((kind) => !hasBytes(new Rig(subject, options), kind));
        check(
          without.length > 0,
          `every mapping (${kinds.join(', ')}) has bytes, so the contract should say direct`,
        );
      });
    });
  }
};
