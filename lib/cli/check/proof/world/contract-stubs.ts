/**
 * Functions of other files that map and unmap, by their contracts: so the machine sees what is kept and what is undone.
 */
import { MAPS, UNMAPS } from '../../contracts/contract.ts';
import type { MapContract } from '../../contracts/contract.ts';
import type { CheckedRule } from '../../walk/sighting.ts';
import { declaredIn } from './declared.ts';
import type { Head } from './declared.ts';

/** How the machine maps in the place of a map of another file. */
const BY = {
  atomic: { map: 'kmap_atomic(explored_new_page())', unmap: 'kunmap_atomic' },
  local: { map: 'kmap_local_page(explored_new_page())', unmap: 'kunmap_local' },
  area: { map: 'vmap(explored_pages(), 4, VM_MAP, PAGE_KERNEL)', unmap: 'vunmap' },
};

function wayOf({ isAtomic, isLocal }: MapContract): (typeof BY)['area'] {
  return isAtomic ? BY.atomic : isLocal ? BY.local : BY.area;
}

/** The statements of such a function; `undefined` for one that does neither. */
export function contractBody({ name, parameters }: Head): readonly string[] | undefined {
  const named = (at: number): string | undefined => declaredIn(parameters[at] ?? '')?.name;
  const map = MAPS.find((one) => one.name === name);
  if (map !== undefined) return mapping(map, named(map.page));
  const unmap = UNMAPS.find((one) => one.name === name);
  const made = MAPS.find(({ unmaps }) => unmaps.includes(name));
  const argument = unmap === undefined ? undefined : named(unmap.argument);
  if (unmap === undefined || made === undefined || argument === undefined || unmap.takes === 'page')
    return undefined;
  const { unmap: undo } = wayOf(made);
  if (unmap.takes === 'address') return [`${undo}(${argument});`];
  return made.addressField === undefined ? undefined : [`${undo}(${argument}->${made.addressField});`];
}

function mapping(map: MapContract, object: string | undefined): readonly string[] | undefined {
  const { name, fails, gives, addressField } = map;
  const way = wayOf(map);
  const fail = (ways: string): string => `__scatterlist_explored("${name}", "${ways}", 2, 0)`;
  if (gives === 'address') {
    const failing = fails === undefined ? [] : [`if (${fail('an address, NULL')})`, '\treturn NULL;'];
    return [...failing, `return ${way.map};`];
  }
  if (object === undefined || addressField === undefined || fails !== 'errno') return undefined;
  return [
    `if (${fail('0, -ENOMEM')})`,
    '\treturn -ENOMEM;',
    `${object}->${addressField} = ${way.map};`,
    'return 0;',
  ];
}

/** Macros by which maps that the machine has may fail, where that can matter. */
export function failingMaps(text: string, rule: CheckedRule): readonly string[] {
  const failing = MAPS.filter(({ name, fails, gives }) => {
    if (fails !== 'NULL' || gives !== 'address' || !new RegExp(String.raw`\b${name}\s*\(`).test(text))
      return false;
    const [, to] = new RegExp(String.raw`(\w+)\s*=\s*(?:\([^()]*\)\s*)?${name}\s*\(`).exec(text) ?? [];
    return (
      rule === 'null-pointer' ||
      to === undefined ||
      new RegExp(String.raw`!\s*${to}\b|\b${to}\s*==\s*NULL`).test(text)
    );
  });
  // The headers of this package make vmap of it.
  const names = new Map(
    failing.map(({ name, maySleep }) => [name === 'vm_map_ram' ? 'vmap' : name, maySleep]),
  );
  return [...names].map(
    ([name, maySleep]) =>
      `#define ${name}(arguments...) (__scatterlist_explored("${name}", "an address, NULL", 2, ${maySleep ? '1' : '0'}) ? NULL : ${name}(arguments))`,
  );
}
