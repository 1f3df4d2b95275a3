/**
 * Reads the user's list of functions that map and unmap.
 */
import { readWithin } from '../files.ts';
import { UsageError } from '../usage-error.ts';
import { MAPS, UNMAPS } from './contracts/contract.ts';
import type { Wrapper } from './options.ts';

const MOST_BYTES = 2 ** 20;
const ALONE = /^(\w+)(?:\((\d+)\))?\s+like\s+(\w+)$/;
const LINE = /^(\w+)(?:\((\d+)\))?\s+(\w+)(?:\((\d+)\))?\s+like\s+(\w+)$/;

/**
 * Reads lines such as `my_map(1) my_unmap(0) like kmap_local_page`: the argument that is the page, and the one that is
 * given back. `my_put(0) like kunmap` is an unmap alone. `#` begins a remark.
 */
export function readWrappers(file: string): readonly Wrapper[] {
  const text = Buffer.from(readWithin(file, MOST_BYTES)).toString('utf8');
  return text.split('\n').flatMap((line, at): Wrapper[] => {
    const bare = line.replace(/#.*/, '').trim();
    if (bare === '') return [];
    const [, map, page = '0', unmap, argument = '0', like] = LINE.exec(bare) ?? [];
    const [, alone, given = '0', asUnmap] = ALONE.exec(bare) ?? [];
    if (alone !== undefined && UNMAPS.some(({ name }) => name === asUnmap))
      return [{ unmap: alone, like: asUnmap ?? '', argument: Number(given) }];
    const place = `${file}:${String(at + 1)}`;
    if (map === undefined || unmap === undefined || like === undefined)
      throw new UsageError(
        `${place}: a line reads "my_map(0) my_unmap(0) like kmap_local_page", not "${bare.slice(0, 60)}"`,
      );
    if (!MAPS.some(({ name }) => name === like))
      throw new UsageError(
        `${place}: no map of the kernel is called ${like}; there is ${MAPS.map(({ name }) => name).join(', ')}`,
      );
    return [{ map, unmap, like, page: Number(page), argument: Number(argument) }];
  });
}
