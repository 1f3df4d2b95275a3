/**
 * Copies, fills and compares bytes as fast as memmove, memset and memcmp, as far as the host allows.
 *
 * V8 looks `set` and `fill` up on the prototype of typed arrays at every call, in optimised code too: a third of
 * what copying 64 bytes costs. So both are looked up once here.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- bound at each call below
const { set, fill } = Uint8Array.prototype;

/** `target.set(source, offset)`. */
export function setBytes(target: Uint8Array, source: Uint8Array, offset: number): void {
  set.call(target, source, offset);
}

/** `target.fill(value)`. */
export function fillBytes(target: Uint8Array, value: number): void {
  fill.call(target, value);
}

type Equals = (this: Uint8Array, other: Uint8Array) => boolean;

interface Host {
  /** Node's memcmp; elsewhere there is none, or what a bundler puts in its place. */
  readonly Buffer?: { readonly prototype: { readonly equals: Equals } };
}

/** A host's comparison, where it takes plain byte arrays: substitutes for Node's refuse them. */
export function forPlainArrays(equals: Equals | undefined): Equals | undefined {
  try {
    return equals?.call(Uint8Array.of(1), Uint8Array.of(1)) === true ? equals : undefined;
  } catch {
    return undefined;
  }
}

const host: Host & typeof globalThis = globalThis;
const equals = forPlainArrays(host.Buffer?.prototype.equals);

/** Whether two runs of one length are known to be equal at the price of a memcmp. `false` if they differ, and if the host has no memcmp. */
export function areSurelyEqual(a: Uint8Array, b: Uint8Array): boolean {
  return equals?.call(a, b) === true;
}
