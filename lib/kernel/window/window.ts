/**
 * A window: kernel virtual addresses and the accessors that read and write the bytes there. Every map function returns
 * a window, and every unmap function takes one.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import { isWhole } from '../../base/whole.ts';
import { type VirtAddr, hex, virtAddr } from '../../base/units.ts';
import type { CallSite } from '../../machine/call-site.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { AreaName } from '../../machine/tlb.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import type { ContextState, MappingState } from '../../machine/violation.ts';
import type { Mechanism, WindowScope } from './mechanism.ts';

/** The context that made a window, reduced to what checks and reports need. */
export interface WindowOwner {
  readonly name: string;
  state(): ContextState;
}

/** The areas of the address space that windows lie in. */
export type AddressArea = 'direct' | 'user' | AreaName;

// Not exported, because V8 folds a constant only inside its own module.
/** `plainBytes` of a live window whose accesses must be checked. */
const ASK = -1;
/** `plainBytes` of a window that is not live. */
const DEAD = -2;

/** `stackTop` of a window that does not wait at a slot. It is below any height, even after too many unmaps. */
const OFF_STACK = -(2 ** 30);

/** An object that can release a window. */
export interface Releaser {
  release(window: Window): void;
}

/** The mechanism of a window that has not been mapped yet. */
const NO_MECHANISM: Mechanism<Window> = {
  name: '',
  unmapName: 'unmap',
  scope: 'global',
  pool: undefined,
  isAtomic: false,
  release: () => undefined,
};

/** Watches every access on a checked machine. */
export interface Guard {
  /** Checks an access within one page and returns the page that it really reaches. */
  check(window: Window, offset: number, lengthBytes: number, write: boolean): Page;
  /** Returns the bytes of a window as one array that the machine keeps synchronised with memory. */
  shadow(window: Window): Uint8Array;
  /** Synchronises the arrays that `shadow` returned with memory, in both directions. */
  syncArrays(): void;
  /** The live windows for which `shadow` returned an array. */
  readonly arrays: readonly Window[];
  /** Whether an access to system RAM through a mapping made just before it cannot break a rule. */
  readonly hasNothingToCheck: boolean;
  /** The executing context. It makes the accesses, even if another context owns the window. */
  readonly executing: WindowOwner;
}

/** Accessors for a range of bytes, with the state that unmapping and checks need. */
export abstract class Window {
  readonly hardware: Hardware;
  /** The page of the first byte. */
  page: Page;
  /** The area of the address space that its addresses are in. */
  area: AddressArea = 'direct';
  lengthBytes = 0;
  /** Offset of the first byte in its page. */
  pageOffset = 0;
  /** The pages, if they do not follow each other in physical memory. */
  pages: readonly Page[] | undefined = undefined;
  /**
   * Number of bytes that may be accessed without a check: the length if the window is live, has no guard and lies in
   * one chunk; `ASK` if it is live but accesses need a check; `DEAD` if it is not live.
   */
  plainBytes: number = DEAD;
  /** For a window that waits at its slot between two maps: height of its task's stack while it is mapped. */
  stackTop: number = OFF_STACK;
  /** For such a window: height of the stack while it waits. */
  stackBelow = 0;
  /** The stack at whose slot the window waits for the next map at the same depth. */
  waitsAt: object | undefined = undefined;
  /** Slot of a pool or stack; -1 if it has none. */
  slot = -1;
  /** The mechanism that made it. */
  how: Mechanism<Window> = NO_MECHANISM;
  scope: WindowScope = 'global';
  owner: WindowOwner;
  /** The CPU on which it was made, for windows that are valid only there. */
  cpu = 0;
  /** Serial number of the mapping on its machine; it tells a released mapping from a later one. */
  serial = 0;
  mappedAt: CallSite | undefined = undefined;
  unmappedAt: CallSite | undefined = undefined;
  /** Used by `sgUnmap` and `using` to release it: the backend that made it, else its mechanism. */
  releaser: Releaser = NO_MECHANISM;
  guard: Guard | undefined = undefined;

  constructor(hardware: Hardware, page: Page, owner: WindowOwner) {
    this.hardware = hardware;
    this.page = page;
    this.owner = owner;
  }

  /** The address of the first byte; computed on demand, because the fast path does not need it. */
  get vaddr(): VirtAddr {
    const { addresses } = this.hardware;
    const at = this.area === 'direct' ? this.page.pfn : this.slot;
    return virtAddr(addresses[this.area](at) + this.pageOffset);
  }

  /** Length in bytes; an access past it is a violation. */
  get length(): number {
    return this.lengthBytes;
  }

  /** Whether it has been mapped and not released. */
  get live(): boolean {
    return this.plainBytes !== DEAD;
  }

  /** @deprecated Read `plainBytes`. */
  get reach(): number {
    return this.plainBytes;
  }

  /** Sets its mechanism; to be called before the machine registers it. */
  mapBy(how: Mechanism<this>): void {
    this.how = how;
    this.scope = how.scope;
    this.releaser = how;
  }

  /** Whether the mechanism, or a variant of it under another name, made the window. */
  isBy(mechanism: Mechanism<this>): boolean {
    return this.how.release === mechanism.release;
  }

  /** The name of the mechanism that made it. */
  get mechanism(): string {
    return this.how.name;
  }

  /** @deprecated Give `mapBy` a mechanism, which says more than its name. */
  set mechanism(name: string) {
    this.how = { ...NO_MECHANISM, name };
  }

  /** Part of the release: writes back what the driver changed in a copy of the bytes. */
  scatter(): void {
    return;
  }

  /** The kind of memory that it stands for. */
  get kind(): MemoryKind {
    return this.page.kind;
  }

  /** Whether it maps device memory, which must not be accessed by plain loads and stores. */
  get isForDevice(): boolean {
    return false;
  }

  /** Whether it waits at its slot between two maps. */
  protected get isKept(): boolean {
    return this.stackTop !== OFF_STACK;
  }

  /** Makes the window live. */
  begin(): void {
    this.plainBytes = ASK;
  }

  /** Makes the window dead. */
  end(): void {
    this.plainBytes = DEAD;
  }

  /** Reads one byte. */
  abstract load8(offset: number): number;
  /** Reads two bytes, little-endian. */
  abstract load16(offset: number): number;
  /** Reads four bytes, little-endian. */
  abstract load32(offset: number): number;
  /** Reads eight bytes, little-endian. */
  abstract load64(offset: number): bigint;
  /** Writes one byte, the low 8 bits of the value; a fraction is cut off, as in C. */
  abstract store8(offset: number, value: number): void;
  /** Writes two bytes, little-endian: the low 16 bits of the value. */
  abstract store16(offset: number, value: number): void;
  /** Writes four bytes, little-endian: the low 32 bits of the value. */
  abstract store32(offset: number, value: number): void;
  /** Writes eight bytes, little-endian. */
  abstract store64(offset: number, value: bigint): void;
  /** Copies `target.length` bytes from the window. */
  abstract copyTo(target: Uint8Array, offset?: number): void;
  /** Copies `source` into the window. */
  abstract copyFrom(source: Uint8Array, offset?: number): void;
  /** Sets `lengthBytes` from `offset`, by default the whole window, to the low 8 bits of a value. */
  abstract fill(value: number, offset?: number, lengthBytes?: number): void;

  /** Releases the window; `using` calls it at the end of the scope, in reverse order. */
  [Symbol.dispose](): void {
    this.releaser.release(this);
  }

  /** The page that holds a byte of the window. */
  pageAt(offset: number): Page {
    if (!isWhole(offset, Math.max(this.lengthBytes - 1, 0))) this.misuse(offset, 1, 'lookup');
    const memory = this.hardware.memory;
    const index = Math.floor((this.pageOffset + offset) / memory.pageSize);
    return this.pages?.[index] ?? memory.nthPage(this.page, index);
  }

  /** The pages behind its bytes, in their order. */
  frames(): readonly Page[] {
    const { pageSize } = this.hardware.memory;
    const count = Math.ceil((this.pageOffset + Math.max(this.lengthBytes, 1)) / pageSize);
    if (count === 1) return [this.pageAt(0)];
    return Array.from({ length: count }, (_, i) => this.pageAt(i * pageSize - (i > 0 ? this.pageOffset : 0)));
  }

  /** Whether a byte of the page may be reached through the window. */
  covers(page: Page): boolean {
    if (this.pages !== undefined) return this.pages.includes(page);
    const last = this.pageAt(Math.max(this.lengthBytes - 1, 0));
    return page.pfn >= this.page.pfn && page.pfn <= last.pfn;
  }

  /** The context that makes an access: the executing one or, if accesses are not watched, the owner. */
  protected get actor(): WindowOwner {
    return this.guard?.executing ?? this.owner;
  }

  /** Describes the window for reports. */
  describe(): MappingState {
    return {
      vaddr: this.vaddr,
      pfn: this.page.pfn,
      pageName: this.hardware.names?.page(this.page.pfn),
      lengthBytes: this.lengthBytes,
      slot: this.slot < 0 ? undefined : this.slot,
      mechanism: this.mechanism,
      ownerName: this.owner.name,
      mappedAt: this.mappedAt,
      unmappedAt: this.unmappedAt,
    };
  }

  /** Whether the window is live and contains the bytes. */
  protected allows(offset: number, lengthBytes: number): boolean {
    const { lengthBytes: most } = this;
    return this.live && isWhole(offset, most) && isWhole(lengthBytes, most - offset);
  }

  /** Reports an access at the permanent address of a page that was removed from the linear map, and throws. */
  reportUnreachable(page: Page, write: boolean): void {
    this.hardware.violate({
      rule: 'no-linear-address',
      severity: 'bug',
      what: `a ${write ? 'store' : 'load'} at ${hex(this.hardware.addresses.direct(page.pfn))}, the linear address of pfn ${hex(page.pfn)}, which was removed from the linear map`,
      context: this.actor.state(),
      mapping: this.describe(),
    });
  }

  /** Reports an access that the window does not allow. Direct machines report it, too. */
  protected misuse(offset: number, lengthBytes: number, verb: string): void {
    if (!this.live) {
      this.hardware.violate({
        rule: 'use-after-unmap',
        severity: 'bug',
        what: `${verb} of ${String(lengthBytes)} bytes at offset ${String(offset)} of a released mapping`,
        context: this.actor.state(),
        mapping: this.describe(),
      });
    }
    this.hardware.violate({
      rule: 'page-overrun',
      severity: 'bug',
      what: `${verb} of ${String(lengthBytes)} bytes at offset ${String(offset)} of a mapping of ${String(this.lengthBytes)} bytes (up to ${hex(this.vaddr + this.lengthBytes)})`,
      context: this.actor.state(),
      mapping: this.describe(),
    });
  }
}
