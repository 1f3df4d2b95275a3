/**
 * The design that docs/decisions.md rejects: all of memory in one `WebAssembly.Memory`, and one call
 * that walks a list of offsets and lengths. It is here so that the decision can be checked on another machine.
 */
import type { Group, Variant } from '../measure.ts';
import { handLoop, memcpy } from './copies.ts';
import { PAGE, pattern, same } from './fixture.ts';

/** The part of WebAssembly that is used. Every host has it, but the project's types do not declare it. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, (...args: readonly number[]) => void>> };
};

type Code = readonly number[];

/** LEB128: seven bits in each byte, the lowest first. */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** The same for `i32.const`. There bit 6 of the last byte is the sign, so a value that has this bit takes one byte more. */
function natural(value: number): Code {
  return value < 64 ? [value] : [(value % 128) + 128, ...natural(Math.floor(value / 128))];
}

const sized = (bytes: Code): Code => [...unsigned(bytes.length), ...bytes];
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, items: readonly Code[]): Code => [id, ...sized(vector(items))];
const text = (ascii: string): Code => sized([...Buffer.from(ascii)]);

const I32 = 0x7f;
const END = 0x0b;
const ADD = 0x6a;
const SUB = 0x6b;
const LESS = 0x49;
const AT_LEAST = 0x4f;

const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [...value, 0x21, local];
const constant = (value: number): Code => [0x41, ...natural(value)];
const binary = (operator: number, left: Code, right: Code): Code => [...left, ...right, operator];
const choose = (condition: Code, then: Code, otherwise: Code): Code => [
  ...[...condition, 0x04, 0x40, ...then],
  ...[0x05, ...otherwise, END],
];
const load32 = (address: Code, offset: number): Code => [...address, 0x28, 2, ...unsigned(offset)];
const memoryCopy = (to: Code, from: Code, length: Code): Code => [
  ...[...to, ...from, ...length],
  ...[0xfc, 0x0a, 0, 0],
];

/** A loop that runs `body` while the condition holds. The condition is tested before each turn, the first included. */
const loopWhile = (condition: Code, body: Code): Code => [
  ...[0x03, 0x40, ...condition, 0x04, 0x40],
  ...[...body, 0x0c, 1, END, END],
];

/** The bytes that one load and one store move. No alignment is promised, because a segment may start anywhere. */
interface Word {
  readonly bytes: number;
  readonly load: Code;
  readonly store: Code;
}
const I64: Word = { bytes: 8, load: [0x29, 0], store: [0x37, 0] };
const V128: Word = { bytes: 16, load: [0xfd, 0x00, 0], store: [0xfd, 0x0b, 0] };

/** Moves `width` bytes, in as many words as needed. */
function moveWords(to: Code, from: Code, width: number, { bytes, load, store }: Word): Code {
  return Array.from({ length: width / bytes }, (_, i) => unsigned(i * bytes)).flatMap((offset) => [
    ...[...to, ...from],
    ...[...load, ...offset, ...store, ...offset],
  ]);
}

const [LIST, LIST_END, TO, FROM, LENGTH] = [0, 1, 2, 3, 4];

/** Moves the first and the last `width` bytes. They may overlap, so all lengths from `width` to twice that need no branch. */
function moveEnds(width: number, word: Word): Code {
  const last = (start: number): Code => binary(SUB, binary(ADD, get(start), get(LENGTH)), constant(width));
  return [...moveWords(get(TO), get(FROM), width, word), ...moveWords(last(TO), last(FROM), width, word)];
}

/** Up to 64 bytes are moved inline, because a call would cost more than moving them. */
function moveSegment(): Code {
  const call = memoryCopy(get(TO), get(FROM), get(LENGTH));
  const atLeast = (bytes: number): Code => binary(AT_LEAST, get(LENGTH), constant(bytes));
  const below16 = choose(atLeast(8), moveEnds(8, I64), call);
  const upTo64 = choose(atLeast(32), moveEnds(32, V128), choose(atLeast(16), moveEnds(16, V128), below16));
  return choose(atLeast(65), call, upTo64);
}

/** The size of a descriptor in bytes: an offset and a length of 32 bits each. */
const DESCRIPTOR = 8;

/** `walk(list, listEnd, to)` copies the segments that the descriptors name, one behind the other. */
function walkModule(): Uint8Array {
  const body = loopWhile(binary(LESS, get(LIST), get(LIST_END)), [
    ...set(FROM, load32(get(LIST), 0)),
    ...set(LENGTH, load32(get(LIST), 4)),
    ...moveSegment(),
    ...set(TO, binary(ADD, get(TO), get(LENGTH))),
    ...set(LIST, binary(ADD, get(LIST), constant(DESCRIPTOR))),
  ]);
  const locals = vector([[2, I32]]);
  return Uint8Array.from([
    ...[...Buffer.from('\0asm'), 1, 0, 0, 0],
    ...section(1, [[0x60, ...vector([[I32], [I32], [I32]]), ...vector([])]]),
    ...section(2, [[...text('arena'), ...text('memory'), 0x02, 0x00, 0]]),
    ...section(3, [[0]]),
    ...section(7, [[...text('walk'), 0x00, 0]]),
    ...section(10, [sized([...locals, ...body, END])]),
  ]);
}

interface Shape {
  readonly count: number;
  readonly bytes: number;
  readonly pages: number;
}

interface Arena {
  readonly buffer: ArrayBuffer;
  /** Where each segment begins. */
  readonly offsets: Uint32Array;
  /** A part of the arena as long as all segments together. */
  readonly staging: Uint8Array;
  /** Walks the whole list into the staging area. */
  readonly walk: () => void;
}

/** Between the pages of the segments are pages that are not read, as in memory that also has other users. */
function segmentOffsets({ count, bytes, pages }: Shape): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => {
    const page = ((37 * (i % pages)) % pages) * 2;
    return page * PAGE + Math.floor(i / pages) * bytes;
  });
}

function makeArena(shape: Shape): Arena {
  const offsets = segmentOffsets(shape);
  const list = 2 * shape.pages * PAGE;
  const listEnd = list + shape.count * DESCRIPTOR;
  const staging = Math.ceil(listEnd / PAGE) * PAGE;
  const total = shape.count * shape.bytes;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((staging + total) / 65536) });
  new Uint32Array(memory.buffer, list, 2 * shape.count).set(
    [...offsets].flatMap((offset) => [offset, shape.bytes]),
  );
  const { walk } = new WebAssembly.Instance(new WebAssembly.Module(walkModule()), { arena: { memory } })
    .exports;
  if (walk === undefined) throw new Error('the module exports no walk');
  return {
    buffer: memory.buffer,
    offsets,
    staging: new Uint8Array(memory.buffer, staging, total),
    walk: () => {
      walk(list, listEnd, staging);
    },
  };
}

type WordCopy = (to: BigUint64Array, from: BigUint64Array, offsets: Uint32Array, words: number) => void;

/** The arrays are arguments, because reading them from a closure is slower. */
const copyWords: WordCopy = (to, from, offsets, words) => {
  let at = 0;
  for (let i = 0; i < offsets.length; i += 1) {
    const start = offsets[i]! >>> 3;
    for (let word = 0; word < words; word += 1) to[at + word] = from[start + word]!;
    at += words;
  }
};

/** Most of the plain loop is counting, so this loop counts only once in 64 bytes. */
const copyEights: WordCopy = (to, from, offsets, words) => {
  let at = 0;
  for (let i = 0; i < offsets.length; i += 1) {
    let start = offsets[i]! >>> 3;
    for (const end = at + words; at < end; at += 8) {
      to[at] = from[start]!;
      to[at + 1] = from[start + 1]!;
      to[at + 2] = from[start + 2]!;
      to[at + 3] = from[start + 3]!;
      to[at + 4] = from[start + 4]!;
      to[at + 5] = from[start + 5]!;
      to[at + 6] = from[start + 6]!;
      to[at + 7] = from[start + 7]!;
      start += 8;
    }
  }
};

function wordLoops({ buffer, offsets }: Arena, bytes: number, out: Uint8Array): readonly Variant[] {
  const to = new BigUint64Array(out.buffer);
  const from = new BigUint64Array(buffer);
  const words = bytes / 8;
  const variant = (name: string, copy: WordCopy): Variant => ({
    name,
    run: () => {
      copy(to, from, offsets, words);
    },
  });
  return [
    variant('word loop over BigUint64Array', copyWords),
    variant('the same, eight words a step', copyEights),
  ];
}

/** Checks that every way fills its own destination with the source. */
function check(variant: Variant, filled: Uint8Array, source: Uint8Array): void {
  filled.fill(0);
  variant.run();
  same(filled, source, variant.name);
}

function arenaGroup(name: string, shape: Shape): Group {
  const { count, bytes, pages } = shape;
  const arena = makeArena(shape);
  const { buffer, offsets, staging, walk } = arena;
  const views = Array.from(offsets, (offset) => new Uint8Array(buffer, offset, bytes));
  const source = pattern(count * bytes);
  for (const [i, view] of views.entries()) view.set(source.subarray(i * bytes, (i + 1) * bytes));
  const out = new Uint8Array(source.length);
  const baseline: Variant = { name: 'hand loop over cached views', run: handLoop(views, out) };
  const inside: Variant = { name: 'one call, destination in the arena', run: walk };
  const outside: Variant[] = [
    {
      name: "one call and a copy out to the caller's buffer",
      run: () => {
        walk();
        out.set(staging);
      },
    },
  ];
  // For whole pages `set` is memmove, and a loop over words cannot be faster.
  if (bytes < PAGE) outside.push(...wordLoops(arena, bytes, out));
  check(inside, staging, source);
  for (const variant of [baseline, ...outside]) {
    staging.fill(0);
    check(variant, out, source);
  }
  return {
    name,
    title: `WebAssembly arena: gather ${String(count)} x ${String(bytes)} bytes from ${String(pages)} pages`,
    baseline,
    variants: [inside, ...outside, memcpy(source.length)],
  };
}

export const arena4096 = (): Group => arenaGroup('arena4096', { count: 256, bytes: 4096, pages: 256 });
export const arena512 = (): Group => arenaGroup('arena512', { count: 2048, bytes: 512, pages: 2048 });
export const arena64 = (): Group => arenaGroup('arena64', { count: 16384, bytes: 64, pages: 256 });
