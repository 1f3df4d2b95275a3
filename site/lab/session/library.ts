/**
 * What a program in the laboratory can import: the library's entries, by their names.
 */
import * as backends from 'scatterlist/backends';
import * as backend from 'scatterlist/backend';
import * as conformance from 'scatterlist/conformance';
import * as explore from 'scatterlist/explore';
import * as lab from 'scatterlist/lab';
import * as machine from 'scatterlist/machine';
import * as ports from 'scatterlist/ports';
import * as root from 'scatterlist';

const ENTRIES: ReadonlyMap<string, object> = new Map<string, object>([
  ['scatterlist', root],
  ['scatterlist/backend', backend],
  ['scatterlist/backends', backends],
  ['scatterlist/conformance', conformance],
  ['scatterlist/explore', explore],
  ['scatterlist/lab', lab],
  ['scatterlist/machine', machine],
  ['scatterlist/ports', ports],
]);

/** The entry of a name; `undefined` for any other name. */
export function libraryEntry(specifier: string): object | undefined {
  // Each backend is also an entry of its own, and all of them are in one.
  const name = /^scatterlist\/backends\/[a-z-]+$/.test(specifier) ? 'scatterlist/backends' : specifier;
  return ENTRIES.get(name);
}

/** The names that can be imported. */
export const LIBRARY_NAMES: readonly string[] = [...ENTRIES.keys()];
