/**
 * Bytes whose value is a choice: which one it is, is chosen when they are first read.
 */
import type { Machine } from '../../kernel/core/machine.ts';
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Runner } from './runner.ts';

/** A part of a page. */
interface Range {
  readonly name: string;
  /** The first byte and the byte behind the last, in the page. */
  readonly from: number;
  readonly to: number;
  /** Where the first byte is in the variable. */
  readonly at: number;
  /** The bytes of one value; 0 for as many as are read at once. */
  readonly width: number;
  readonly values: readonly bigint[];
}

/** Tells the explorer of a choice. */
interface Chooser {
  readonly choose: (count: number) => number;
  readonly note: (text: string) => void;
}

/** The bytes of one machine that are explored. */
export class ExploredBytes {
  private readonly machine: Machine;
  readonly #byPfn = new Map<number, Range[]>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** From now on the bytes hold one of the values. A `width` of 0 means that each read chooses what it reads. */
  add(
    address: number,
    { name, bytes, width, values }: Pick<Range, 'name' | 'width' | 'values'> & { readonly bytes: number },
  ): void {
    const { pageSize } = this.machine;
    for (let done = 0; done < bytes;) {
      const from = (address + done) % pageSize;
      const part = Math.min(bytes - done, pageSize - from);
      const page = this.#pageAt(address + done);
      if (page === undefined) return;
      this.#addTo(page, { name, from, to: from + part, at: done, width, values });
      done += part;
    }
  }

  /** The same of a whole page. */
  addPage(page: Page, name: string, values: readonly bigint[]): void {
    this.#addTo(page, { name, from: 0, to: this.machine.pageSize, at: 0, width: 0, values });
  }

  #addTo(page: Page, range: Range): void {
    const ranges = this.#byPfn.get(page.pfn) ?? [];
    // The latest is found first: a field of a buffer may be told apart from the rest.
    ranges.unshift(range);
    this.#byPfn.set(page.pfn, ranges);
    this.machine.uninitialised.unwritten(page, range.from, range.to - range.from);
  }

  /** Chooses the value of bytes that are about to be read, unless they have one. */
  settle(runner: Runner, address: number, bytes: number, { choose, note }: Chooser): void {
    if (this.#byPfn.size === 0) return;
    const { uninitialised, pageSize } = this.machine;
    const page = this.#pageAt(address >>> 0);
    if (page === undefined) return;
    const offset = (address >>> 0) % pageSize;
    const range = this.#byPfn.get(page.pfn)?.find(({ from, to }) => offset >= from && offset < to);
    if (range === undefined) return;
    const { name, from, to, at, width, values } = range;
    const start = width === 0 ? offset : offset - ((offset - from) % width);
    const length = Math.min(width === 0 ? bytes : width, to - start);
    if (uninitialised.firstIn(page, start, length) === undefined) return;
    const value = values[values.length > 1 ? choose(values.length) : 0] ?? 0n;
    const into = new DataView(new ArrayBuffer(8));
    into.setBigUint64(0, BigInt.asUintN(64, value), true);
    runner.space.copyFrom(new Uint8Array(into.buffer, 0, Math.min(length, 8)), address - offset + start);
    const place = start + at - from;
    const shown = width === 0 || place > 0 ? `${name}, ${String(length)} bytes at ${String(place)},` : name;
    const isSmall = value > -9999n && value < 9999n;
    note(`${shown} is ${isSmall ? String(value) : hex(Number(BigInt.asUintN(8 * length, value)))}`);
  }

  #pageAt(address: number): Page | undefined {
    const { memory, addresses, pageTable } = this.machine.hardware;
    const at = pageTable.locate(address);
    const pfn = at === undefined ? addresses.frameOf(address) : pageTable.entry(at);
    return pfn < 0 ? undefined : memory.pageAt(pfn);
  }
}
