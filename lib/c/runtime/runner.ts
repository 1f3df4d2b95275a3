/**
 * A context that runs C code: its stack, and what it is about to touch.
 */
import type { Hash } from '../../base/hash.ts';
import type { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Context } from '../../kernel/core/machine.ts';
import type { AddressSpace } from '../../kernel/address/address-space.ts';
import type { CallSite } from '../../machine/call-site.ts';

/** Bytes of a C stack, as on 32-bit x86. */
export const STACK_BYTES = 8192;
/** Bytes above the first frame, so that an access of eight bytes at its end lies in the stack. */
const HEADROOM = 16;

/** The name of the stack for what runs alone: setup, and the checks at the end. */
export const ALONE = 'setup';

/** What a context will touch when it goes on. */
export interface Intent {
  address: number;
  /** 0: it is not about to touch anything. */
  bytes: number;
  isWrite: boolean;
  /** Marked by READ_ONCE or WRITE_ONCE. */
  isMarked: boolean;
  site: CallSite | undefined;
}

/** One context with a C stack. Translated code uses the short names. */
export class Runner {
  readonly name: string;
  context: Context;
  /** Loads and stores by address, in this context. */
  space: AddressSpace;
  /** The lowest address of the stack, and its bytes. */
  readonly lo: number;
  readonly size: number = STACK_BYTES;
  readonly view: DataView;
  sp: number;
  /** Bytes from `lo` on that no other context can reach: all, until an address in the stack is stored where others see it. */
  own: number = STACK_BYTES - HEADROOM / 2;
  /** Whether the next access is marked. */
  once = false;
  readonly intent: Intent = { address: 0, bytes: 0, isWrite: false, isMarked: false, site: undefined };
  /** The same of a second block that the function touches which it is about to call. */
  readonly intent2: Intent = { ...this.intent };
  /** What it sleeps on with a timeout. */
  sleepsOn: WaitQueue | undefined = undefined;
  /** The next byte of memory that this context hands out by kmalloc, and the end of it. */
  heapAt = 0;
  heapEnd = 0;
  /** How often it has looked at the clock. */
  looks = 0;

  constructor(name: string, space: AddressSpace, lo: number, view: DataView) {
    this.name = name;
    this.space = space;
    this.context = space.context;
    this.lo = lo;
    this.view = view;
    this.sp = lo + STACK_BYTES - HEADROOM;
  }

  /** Begins anew, in a context. */
  begin(space: AddressSpace): void {
    this.space = space;
    this.context = space.context;
    this.sp = this.lo + STACK_BYTES - HEADROOM;
    this.own = STACK_BYTES - HEADROOM / 2;
    this.intent.bytes = 0;
    this.intent2.bytes = 0;
  }

  /** Adds what its own state is, for a hash that tells apart the rounds of a loop: a debugger would walk through all it has. */
  addTo(hash: Hash): void {
    const { view, lo } = this;
    const from = Math.min(Math.max((this.sp >>> 0) - lo, 0), STACK_BYTES);
    hash
      .add(from)
      .add(this.own)
      .add(this.once ? 1 : 0)
      .add(this.heapAt)
      .add(this.looks);
    hash.addBytes(new Uint8Array(view.buffer, view.byteOffset + from, STACK_BYTES - from));
  }

  /** Whether an address lies in its stack. */
  holds(address: number): boolean {
    return address >= this.lo && address < this.lo + this.size;
  }
}

/** Whether bytes lie in the stack of a context, where no other can reach them. */
export function isOwn(runner: Runner, address: number, bytes: number): boolean {
  return address >= runner.lo && address + bytes <= runner.lo + runner.own;
}
