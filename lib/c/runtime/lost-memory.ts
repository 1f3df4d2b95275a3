/**
 * Objects and pages that were not freed and that nothing points to: what kmemleak looks for. Variables, and all that they
 * lead to, are kept on purpose.
 */
import { hex } from '../../base/units.ts';
import type { Page, PhysicalMemory } from '../../machine/memory.ts';
import type { AddressMap } from '../../machine/address-map.ts';
import type { Detail } from '../../machine/violation.ts';
import { chainText } from '../../machine/violation.ts';
import type { HeapObject } from './heap.ts';
import type { TakenPages } from './taken-pages.ts';

/** What was handed out, and where the search for pointers begins. */
export interface HandedOut {
  readonly objects: readonly HeapObject[];
  readonly pages: readonly TakenPages[];
  /** Bytes of variables, from an address up to another. */
  readonly roots: readonly (readonly [from: number, to: number])[];
  /** The address of the first page struct, and the bytes of one. */
  readonly memMap: number;
  readonly pageStructBytes: number;
  readonly memory: PhysicalMemory;
  readonly addresses: AddressMap;
}

/** Memory that is lost. */
interface LostMemory {
  readonly severity: 'warn';
  readonly what: string;
  readonly details: readonly Detail[];
}

/** Rows of a report. */
const MOST_ROWS = 8;

/** The memory that is lost; `undefined` if none is. */
export function lostMemory(given: HandedOut): LostMemory | undefined {
  const { objects, pages } = given;
  if (objects.length + pages.length === 0) return undefined;
  const found = new Search(given).run();
  const lostObjects = objects.filter((one) => !found.has(one));
  const lostPages = pages.filter((one) => !found.has(one));
  if (lostObjects.length + lostPages.length === 0) return undefined;
  const counts = [counted(lostObjects.length, 'object'), counted(lostPages.length, 'page allocation')];
  const rows = [
    ...lostObjects.map(({ address, bytes, by, allocatedAt }) => ({
      label: 'object',
      text: `${hex(address)}, ${String(bytes)} bytes, allocated by "${by}"${placed(allocatedAt)}`,
    })),
    ...lostPages.map(({ first, count, by, at }) => ({
      label: count === 1 ? 'page' : 'pages',
      text: `pfn ${hex(first.pfn)}${count === 1 ? '' : ` to ${hex(first.pfn + count - 1)}`}, allocated by "${by}"${placed(at)}`,
    })),
  ];
  const left = rows.length - MOST_ROWS;
  return {
    severity: 'warn',
    what: `${counts.filter((count) => count !== '').join(' and ')} ${lostObjects.length + lostPages.length === 1 ? 'was' : 'were'} not freed, and no variable leads there`,
    details: [
      ...rows.slice(0, MOST_ROWS),
      ...(left > 0 ? [{ label: '', text: `… and ${String(left)} more` }] : []),
    ],
  };
}

function counted(n: number, what: string): string {
  return n === 0 ? '' : `${String(n)} ${what}${n === 1 ? '' : 's'}`;
}

function placed(site: HeapObject['allocatedAt']): string {
  return site === undefined ? '' : ` at ${chainText(site)}`;
}

/** Looks for pointers, from the variables on. A word counts as one if it is an address in what was handed out. */
class Search {
  private readonly given: HandedOut;
  readonly #found = new Set<HeapObject | TakenPages>();
  readonly #open: (readonly [from: number, to: number])[] = [];
  readonly #openPages: Page[] = [];
  readonly #pages = new Map<number, TakenPages>();

  constructor(given: HandedOut) {
    this.given = given;
    for (const taken of given.pages)
      for (let i = 0; i < taken.count; i += 1) this.#pages.set(taken.first.pfn + i, taken);
  }

  run(): ReadonlySet<HeapObject | TakenPages> {
    const { memory, addresses } = this.given;
    this.#open.push(...this.given.roots);
    for (;;) {
      const [from, to] = this.#open.pop() ?? [];
      if (from === undefined || to === undefined) {
        const page = this.#openPages.pop();
        if (page === undefined) return this.#found;
        this.#look(memory.bytesOf(page), 0, memory.pageSize);
        continue;
      }
      for (let at = from; at < to;) {
        const page = memory.pageAt(addresses.frameOf(at));
        const offset = at % memory.pageSize;
        const end = Math.min(memory.pageSize, offset + to - at);
        if (page !== undefined) this.#look(memory.bytesOf(page), offset, end);
        at += end - offset;
      }
    }
  }

  #look(bytes: Uint8Array, from: number, to: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = (from + 3) & ~3; at + 4 <= to; at += 4) {
      const word = view.getUint32(at, true);
      if (word >= IN_KERNEL) this.#follow(word);
    }
  }

  #follow(word: number): void {
    const { objects, memMap, pageStructBytes, addresses, memory } = this.given;
    if (word >= memMap && word < memMap + MOST_PAGES * pageStructBytes) {
      this.#reach(this.#pages.get(Math.floor((word - memMap) / pageStructBytes)));
      return;
    }
    if (word >= addresses.directEnd) return;
    const object = objects.find(
      ({ address, bytes }) => word >= address && word < address + Math.max(bytes, 1),
    );
    if (object === undefined) this.#reach(this.#pages.get(memory.pageAt(addresses.frameOf(word))?.pfn ?? -1));
    else if (!this.#found.has(object)) {
      this.#found.add(object);
      this.#open.push([object.address, object.address + object.bytes]);
    }
  }

  /** Pages that are found may hold pointers, in their structs and in themselves. */
  #reach(taken: TakenPages | undefined): void {
    if (taken === undefined || this.#found.has(taken)) return;
    const { memMap, pageStructBytes, memory } = this.given;
    this.#found.add(taken);
    const structs = memMap + taken.first.pfn * pageStructBytes;
    this.#open.push([structs, structs + taken.count * pageStructBytes]);
    for (let i = 0; i < taken.count; i += 1) this.#openPages.push(memory.nthPage(taken.first, i));
  }
}

/** The lowest address of the kernel. */
const IN_KERNEL = 0xc000_0000;
/** Page structs in `mem_map`, as in c/include/linux/mm_types.h. */
const MOST_PAGES = 1024;
