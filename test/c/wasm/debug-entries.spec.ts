import { expect } from 'chai';
import { readEntries } from '../../../lib/c/wasm/debug-entries.ts';

/** A section of one unit of DWARF 4 with these entries. */
function unitOf(entries: readonly number[], version = 4): Uint8Array {
  const rest = [version, 0, 0, 0, 0, 0, 4, ...entries];
  return Uint8Array.from([rest.length, 0, 0, 0, ...rest]);
}

// 1: a unit (0x11) with children and a name in place; 2: a type (0x24) without, with a size and a reference.
const ABBREVIATIONS = Uint8Array.from([
  ...[1, 0x11, 1, 0x03, 0x08, 0, 0],
  ...[2, 0x24, 0, 0x0b, 0x0b, 0x49, 0x13, 0, 0],
  0,
]);

describe('readEntries', () => {
  it('reads a tree of entries with their attributes, by their places', () => {
    const info = unitOf([1, 0x61, 0, 2, 7, 11, 0, 0, 0, 0]);
    const entries = readEntries(
      new Map([
        ['.debug_info', info],
        ['.debug_abbrev', ABBREVIATIONS],
      ]),
    );
    expect([...entries.keys()].sort((a, b) => a - b)).to.deep.equal([11, 14]);
    const [unit, type] = [entries.get(11), entries.get(14)];
    expect([unit?.tag, unit?.attributes.get(0x03)]).to.deep.equal([0x11, 'a']);
    expect(unit?.children).to.deep.equal([type]);
    expect([...(type?.attributes ?? [])]).to.deep.equal([
      [0x0b, 7],
      [0x49, 11],
    ]);
  });

  it('reads over a unit of another version, and nothing where there is no section', () => {
    const info = unitOf([1, 0x61, 0, 0], 5);
    expect(
      readEntries(
        new Map([
          ['.debug_info', info],
          ['.debug_abbrev', ABBREVIATIONS],
        ]),
      ).size,
    ).to.equal(0);
    expect(readEntries(new Map()).size).to.equal(0);
  });

  it('refuses an abbreviation and a form that it does not know', () => {
    const of = (info: Uint8Array, abbreviations: Uint8Array) => () =>
      readEntries(
        new Map([
          ['.debug_info', info],
          ['.debug_abbrev', abbreviations],
        ]),
      );
    expect(of(unitOf([9]), ABBREVIATIONS)).to.throw(/no abbreviation 9/);
    expect(of(unitOf([1, 0]), Uint8Array.from([1, 0x11, 0, 0x03, 0x55, 0, 0, 0]))).to.throw(/form 0x55/);
  });
});
