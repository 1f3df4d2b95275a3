/**
 * Bytes of a mapped page that are lent to a closure, as Rust lends them.
 */
import { configWhole } from '../../base/whole.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { FacadeEnv } from '../define-facade.ts';
import type { Kvec } from '../view.ts';

/** `&'a [Cell<u8>]`: bytes of a mapped page. `L` stands for `'a`, which no type outside the closure can name. */
export interface PageSlice<L> {
  readonly len: number;
  /** Never there; it keeps slices of different lifetimes apart, as `PhantomData` does. */
  readonly lifetime?: (outlived: L) => L;
  get(index: number): number;
  set(index: number, value: number): void;
  /** Copies all bytes; panics if the other slice has another length. */
  copyToSlice(target: Uint8Array): void;
  /** Copies all bytes; panics if the other slice has another length. */
  copyFromSlice(source: Uint8Array): void;
  /** `as_ptr`: an address, which is not bound to the lifetime. To use it is `unsafe`. */
  asPtr(): Kvec;
}

/** What refuses a wrong use, and the context to which bytes are lent. */
export type Lender = Pick<FacadeEnv<unknown>, 'context' | 'machine' | 'refuse'>;

/** A slice, until its closure returns. It fits every lifetime, so that any closure can be called with it. */
export class Loan {
  readonly len: number;
  private readonly env: Lender;
  private readonly window: RamWindow;
  private readonly offset: number;
  #hasEnded = false;

  constructor(env: Lender, window: RamWindow, offset: number, len: number) {
    this.env = env;
    this.window = window;
    this.offset = offset;
    this.len = len;
  }

  get(index: number): number {
    return this.window.load8(this.#at(index));
  }

  set(index: number, value: number): void {
    this.window.store8(this.#at(index), value);
  }

  copyToSlice(target: Uint8Array): void {
    this.#checkLength(target.length, this.len);
    this.window.copyTo(target, this.offset);
  }

  copyFromSlice(source: Uint8Array): void {
    this.#checkLength(this.len, source.length);
    this.window.copyFrom(source, this.offset);
  }

  asPtr(): Kvec {
    this.#check();
    return { base: this.window.vaddr + this.offset, length: this.len };
  }

  /** Ends the loan; returns the map, which is to be released. */
  end(): RamWindow {
    this.#hasEnded = true;
    return this.window;
  }

  #at(index: number): number {
    this.#check();
    configWhole('index', index, 0);
    if (index >= this.len)
      this.env.refuse(
        `panic: index out of bounds: the len is ${String(this.len)} but the index is ${String(index)}`,
      );
    return this.offset + index;
  }

  #checkLength(target: number, source: number): void {
    this.#check();
    if (target !== source)
      this.env.refuse(
        `panic: a source of ${String(source)} bytes does not match a destination of ${String(target)}`,
      );
  }

  #check(): void {
    const { context, machine, refuse } = this.env;
    const { executing } = machine;
    if (this.#hasEnded) refuse('error[E0521]: borrowed bytes escape from their closure');
    if (executing !== context)
      refuse(
        `error[E0277]: bytes of "${context.name}" cannot be used by "${executing.name}", because a cell is not Sync`,
      );
  }
}
