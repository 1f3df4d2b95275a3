/**
 * Names of places in memory, for reports: variables and their members, what variables point to, objects by the line that
 * allocated them.
 */
import { hex } from '../../base/units.ts';
import type { PlaceName } from '../../machine/hardware.ts';
import type { Page } from '../../machine/memory.ts';
import { siteText } from '../../machine/violation.ts';
import type { CType, CVariable } from '../wasm/debug-info.ts';
import type { HeapObject } from './heap.ts';

/** What names are made of. */
export interface Named {
  readonly variables: readonly CVariable[];
  /** The address of the first page struct, and the bytes of one. */
  readonly memMap: number;
  readonly pageStructBytes: number;
  /** The page that an address of lowmem lies in. */
  readonly pageAt: (address: number) => Page | undefined;
  readonly page: (pfn: number) => Page | undefined;
  readonly bytesOf: (page: Page) => Uint8Array;
  readonly objectAt: (address: number) => HeapObject | undefined;
  /** Whether a page holds objects. */
  readonly isHeap: (pfn: number) => boolean;
}

/** A pointer that was found: where it lies, and what it leads to. */
interface Target {
  readonly path: string;
  readonly to: CType | undefined;
}

/** Structures of the kernel, which have no members for C code. */
const OPAQUE = /^(spinlock|raw_spinlock|rwlock|mutex|semaphore|rw_semaphore|completion|wait_queue_head)$/;

/** Elements of an array in which pointers are looked for. */
const MOST_ELEMENTS = 256;
/** Pointers that are followed one after another. */
const MOST_STEPS = 4;
/** Pages of one allocation that are named by the pointer to the first. */
const MOST_PAGES = 64;
/** Low bits of a word that `struct scatterlist` uses for flags. */
const SG_FLAGS = 3;

/** The names of one machine's memory. */
export class Names {
  private readonly of: Named;
  /** Pointers by what they lead to; `undefined` when memory has changed since. */
  #targets: ReadonlyMap<number, Target> | undefined = undefined;

  constructor(of: Named) {
    this.of = of;
  }

  /** Memory has changed, perhaps a pointer. */
  changed(): void {
    this.#targets = undefined;
  }

  /** The variable at an address, and the member: `device.lock`, `ring[3].page`; with `isStructure` no member of a lock. */
  variableAt(address: number, isStructure = false): PlaceName | undefined {
    for (const { name, type, address: start } of this.of.variables) {
      const offset = address - start;
      if (offset >= 0 && offset < Math.max(type.lengthBytes, 1))
        return { text: name + pathIn(type, offset, isStructure), base: name, offset };
    }
    return undefined;
  }

  /** The name of a place that has an address of its own. */
  at(address: number): PlaceName | undefined {
    const { memMap, pageStructBytes } = this.of;
    const index = Math.floor((address - memMap) / pageStructBytes);
    const variable = this.variableAt(address);
    if (variable?.base === 'mem_map') {
      const start = memMap + index * pageStructBytes;
      const target = this.#target(start);
      const base = target === undefined ? `mem_map[${hex(index)}]` : `(*${target.path})`;
      return named(base, target, address - start, variable.text.replace(/^mem_map\[\d+\]/, ''));
    }
    if (variable !== undefined) return variable;
    const object = this.of.objectAt(address);
    if (object === undefined) return undefined;
    const offset = address - object.address;
    const target = this.#target(object.address);
    if (target !== undefined) return named(`*${target.path}`, target, offset);
    const base = `object of ${siteText(object.allocatedAt)}`;
    return { text: `${base}+${String(offset)}`, base, offset };
  }

  /** The name of a page, by a pointer to it. */
  page(pfn: number): string | undefined {
    const { memMap, pageStructBytes, isHeap, page } = this.of;
    if (isHeap(pfn)) return 'memory of kmalloc';
    const since = page(pfn)?.owner?.since;
    for (let back = 0; back < MOST_PAGES && back <= pfn; back += 1) {
      if (back > 0 && (since === undefined || page(pfn - back)?.owner?.since !== since)) return undefined;
      const target = this.#target(memMap + (pfn - back) * pageStructBytes);
      if (target !== undefined) return `page ${target.path}${back === 0 ? '' : `+${String(back)}`}`;
    }
    return undefined;
  }

  /** The name of bytes of a page. */
  inPage(pfn: number, offset: number, address: number | undefined): PlaceName | undefined {
    const found = address === undefined ? undefined : this.at(address);
    if (found !== undefined) return found;
    const base = this.page(pfn);
    if (base !== undefined) return { text: `${base}+${String(offset)}`, base, offset };
    const target = address === undefined ? undefined : this.#target(address - offset);
    return target === undefined ? undefined : named(`*${target.path}`, target, offset);
  }

  #target(address: number): Target | undefined {
    this.#targets ??= this.#search();
    return this.#targets.get(address);
  }

  #search(): ReadonlyMap<number, Target> {
    const targets = new Map<number, Target>();
    const open: {
      readonly path: string;
      readonly at: number;
      readonly type: CType;
      readonly steps: number;
    }[] = [];
    for (const { name, type, address } of this.of.variables)
      if (name !== 'mem_map') open.push({ path: name, at: address, type, steps: 0 });
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const { steps } = next;
      this.#pointersIn(next.path, next.at, next.type, (path, value, to) => {
        if (targets.has(value)) return;
        targets.set(value, { path, to });
        if (to?.kind !== 'struct' || steps >= MOST_STEPS || this.of.objectAt(value)?.address !== value)
          return;
        open.push({ path: `${path}->`, at: value, type: to, steps: steps + 1 });
      });
    }
    return targets;
  }

  #pointersIn(
    path: string,
    at: number,
    type: CType,
    found: (path: string, value: number, to: CType | undefined) => void,
  ): void {
    switch (type.kind) {
      case 'value':
        return;
      case 'pointer': {
        const value = this.#word(at);
        if (value !== 0) found(path, value, type.to);
        return;
      }
      case 'array':
        for (let i = 0; i < MOST_ELEMENTS && i * type.of.lengthBytes < type.lengthBytes; i += 1)
          this.#pointersIn(`${path}[${String(i)}]`, at + i * type.of.lengthBytes, type.of, found);
        return;
      case 'struct':
        for (const member of type.members) {
          const into = joined(path, member.name);
          // The page of an entry, with two flags in its low bits.
          if (type.name === 'scatterlist' && member.name === 'page_link') {
            const value = this.#word(at + member.offset);
            if (value > SG_FLAGS && (value & 1) === 0) found(path, (value & ~SG_FLAGS) >>> 0, undefined);
          } else this.#pointersIn(into, at + member.offset, member.type, found);
        }
    }
  }

  #word(at: number): number {
    const page = this.of.pageAt(at);
    if (page === undefined) return 0;
    const bytes = this.of.bytesOf(page);
    const from = at % bytes.length;
    return from + 4 > bytes.length
      ? 0
      : new DataView(bytes.buffer, bytes.byteOffset + from, 4).getUint32(0, true);
  }
}

/** The name of a place in what a pointer leads to. */
function named(base: string, target: Target | undefined, offset: number, path?: string): PlaceName {
  if (target === undefined) return { text: `${base}${path ?? `+${String(offset)}`}`, base, offset };
  const { to } = target;
  const member = path ?? (to?.kind === 'struct' && offset < to.lengthBytes ? pathIn(to, offset) : undefined);
  const text =
    member?.startsWith('.') === true ? `${target.path}->${member.slice(1)}` : `${base}+${String(offset)}`;
  return { text, base, offset };
}

function joined(path: string, name: string): string {
  return path.endsWith('->') || name === '' ? path + name : `${path}.${name}`;
}

/** The members and elements that lead to an offset; bytes that are left are added as a number. */
function pathIn(type: CType, offset: number, isStructure = false): string {
  if (type.kind === 'struct') {
    if (isStructure && offset === 0 && OPAQUE.test(type.name)) return '';
    const member = memberAt(type, offset);
    if (member !== undefined)
      return `${member.name === '' ? '' : `.${member.name}`}${pathIn(member.type, offset - member.offset, isStructure)}`;
  } else if (type.kind === 'array' && type.of.lengthBytes > 0 && offset < type.lengthBytes) {
    const index = Math.floor(offset / type.of.lengthBytes);
    return `[${String(index)}]${pathIn(type.of, offset % type.of.lengthBytes, isStructure)}`;
  }
  return offset === 0 ? '' : `+${String(offset)}`;
}

function memberAt(type: Extract<CType, { readonly kind: 'struct' }>, offset: number) {
  return type.members.find(
    (member) => offset >= member.offset && offset < member.offset + member.type.lengthBytes,
  );
}
