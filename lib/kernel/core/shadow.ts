/**
 * Arrays that stand for mapped memory on a checked machine.
 *
 * Accesses to a `Uint8Array` cannot be watched. So a checked machine hands out a copy and synchronises it with
 * memory, in both directions, at each of its operations. No other code runs between two operations, so a driver
 * cannot tell the difference, unless it writes two arrays over the same bytes without an operation in between.
 * On release the array is poisoned; a later write to it is found at the next operation.
 */
import { areSurelyEqual } from '../../base/bytes.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Page } from '../../machine/memory.ts';
import { isReachable } from './page-lifetime.ts';
import type { Window, WindowOwner } from '../window/window.ts';

/** `POISON_FREE` of Linux: the value of every byte of a released array. */
const POISON = 0x6b;
/** Number of released arrays that are still checked for writes; older ones are dropped. */
const WATCHED = 32;

interface Shadow {
  readonly window: Window;
  readonly serial: number;
  /** The array that the driver has. */
  readonly bytes: Uint8Array;
  /** The content of memory at the last synchronisation. */
  readonly known: Uint8Array;
}

/** The arrays of one machine. */
export class Shadows {
  private readonly hardware: Hardware;
  private readonly executing: () => WindowOwner;
  #live: Shadow[] = [];
  readonly #released: Shadow[] = [];
  #syncing = false;
  private readonly lateWrite: (window: Window, page: Page, offset: number) => void;

  /** `lateWrite` is called for a byte that was written to a page which the window may not access any more. */
  constructor(
    hardware: Hardware,
    executing: () => WindowOwner,
    lateWrite: (window: Window, page: Page, offset: number) => void,
  ) {
    this.hardware = hardware;
    this.executing = executing;
    this.lateWrite = lateWrite;
  }

  /** The windows whose arrays drivers have. */
  get windows(): readonly Window[] {
    return this.#live.map((shadow) => shadow.window);
  }

  /** The array of a window, made at first use. */
  of(window: Window): Uint8Array {
    const found = this.#live.find((shadow) => shadow.window === window);
    if (found !== undefined) return found.bytes;
    if (!window.live) {
      this.hardware.violate({
        rule: 'use-after-unmap',
        severity: 'bug',
        what: 'bytes of a released mapping were asked for',
        context: this.executing().state(),
        mapping: window.describe(),
      });
    }
    const bytes = new Uint8Array(window.lengthBytes);
    const shadow: Shadow = {
      window,
      serial: window.serial,
      bytes,
      known: new Uint8Array(window.lengthBytes),
    };
    this.#read(shadow, bytes);
    shadow.known.set(bytes);
    this.#live.push(shadow);
    return bytes;
  }

  /** Writes the changes of drivers to memory, then copies other changes of memory into the arrays. */
  sync(): void {
    if (this.#syncing || (this.#live.length === 0 && this.#released.length === 0)) return;
    this.#syncing = true;
    try {
      const late = this.#live.map((shadow) => this.#writeBack(shadow));
      for (const shadow of this.#live) this.#refresh(shadow);
      for (const shadow of this.#live) if (!shadow.window.live) this.#release(shadow);
      this.#live = this.#live.filter((shadow) => shadow.window.live);
      for (const report of late) report?.();
      this.#checkReleased();
    } finally {
      this.#syncing = false;
    }
  }

  #release(shadow: Shadow): void {
    shadow.bytes.fill(POISON);
    shadow.known.set(shadow.bytes);
    this.#released.push(shadow);
    if (this.#released.length > WATCHED) this.#released.shift();
  }

  #checkReleased(): void {
    for (const [at, shadow] of this.#released.entries()) {
      if (sameBytes(shadow.bytes, shadow.known)) continue;
      const offset = shadow.bytes.findIndex((byte) => byte !== POISON);
      this.#released.splice(at, 1);
      this.hardware.violate({
        rule: 'use-after-unmap',
        what: `byte ${String(offset)} of an array kept from a released mapping was written (to ${String(shadow.bytes[offset])})`,
        context: this.executing().state(),
        mapping: shadow.window.describe(),
      });
      return;
    }
  }

  // Goes byte by byte only if a byte has changed, which is rare. Returns a function that reports the
  // first byte written to a page that the window may not access any more.
  #writeBack(shadow: Shadow): (() => void) | undefined {
    if (sameBytes(shadow.bytes, shadow.known)) return undefined;
    let late: number | undefined;
    this.#pieces(shadow, 'view', (memory, from, to, stored) => {
      for (let i = from; i < to; i += 1) {
        const byte = shadow.bytes[i] ?? 0;
        if (byte === shadow.known[i]) continue;
        memory[i - from] = byte;
        stored?.(i - from);
        if (!isReachable(shadow.window.pageAt(i), shadow.serial)) late ??= i;
      }
    });
    if (late === undefined) return undefined;
    const at = late;
    return () => {
      this.lateWrite(shadow.window, shadow.window.pageAt(at), at);
    };
  }

  #refresh(shadow: Shadow): void {
    this.#read(shadow, shadow.known);
    if (!sameBytes(shadow.bytes, shadow.known)) shadow.bytes.set(shadow.known);
  }

  #read(shadow: Shadow, target: Uint8Array): void {
    this.#pieces(shadow, 'peek', (memory, from) => {
      target.set(memory, from);
    });
  }

  // Goes through the data cache if there is one, because the cache must record each stored byte. Only a driver's
  // stores fetch lines: that an array is kept up to date is no load of the driver's.
  #pieces(
    shadow: Shadow,
    how: 'peek' | 'view',
    visit: (memory: Uint8Array, from: number, to: number, stored?: (at: number) => void) => void,
  ): void {
    const { memory, dataCache } = this.hardware;
    const { window } = shadow;
    for (let at = 0; at < shadow.bytes.length;) {
      const inPage = (window.pageOffset + at) % memory.pageSize;
      const part = Math.min(shadow.bytes.length - at, memory.pageSize - inPage);
      const page = window.pageAt(at);
      if (dataCache === undefined)
        visit(memory.touch(page).view(page.chunkOffset + inPage, part), at, at + part);
      else {
        const colour = dataCache.colourOf(window.vaddr + at);
        visit(dataCache[how](page, colour, inPage, part), at, at + part, (i) => {
          dataCache.stored(page, colour, inPage + i, 1);
        });
      }
      at += part;
    }
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (areSurelyEqual(a, b)) return true;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
