/**
 * Loads and stores of C code, outside its own stack.
 */
import { hex } from '../../base/units.ts';
import { checkRace, intend } from './races.ts';
import { isOwn } from './runner.ts';
import type { Runner } from './runner.ts';
import { worldOf } from './world.ts';
import type { World } from './world.ts';

/** Says of an access to the first page that it may lie behind a map at the end of the address space. */
function checkWrapped({ context }: Runner, address: number, bytes: number, isWrite: boolean): void {
  const { machine } = context;
  const last = [...machine.live].find(({ vaddr, lengthBytes }) => vaddr + lengthBytes === 2 ** 32);
  if (address >= machine.pageSize || last === undefined) return;
  const { pageName, pfn } = last.describe();
  machine.hardware.violate({
    rule: 'null-pointer',
    severity: 'bug',
    what: `a ${isWrite ? 'store' : 'load'} of ${String(bytes)} bytes at ${hex(address)}: an address in the first page`,
    context: context.state(),
    details: [
      {
        label: 'or',
        text: `an access past the end of ${pageName ?? `pfn ${hex(pfn)}`}, which is mapped at ${hex(last.vaddr)}: the address behind it is 0x0`,
      },
    ],
  });
}

/** A context that stopped before an access makes it. */
function begin(runner: Runner, address: number, bytes: number, isWrite: boolean): World {
  const world = worldOf(runner.context.machine);
  if (runner.intent.bytes > 0) checkRace(world, runner);
  runner.intent.bytes = 0;
  if (address < 4096) checkWrapped(runner, address, bytes, isWrite);
  world.heap.check(runner, address, bytes, isWrite);
  for (const other of world.runners) if (other !== runner && other.holds(address)) other.own = 0;
  return world;
}

/** The same before a load: bytes that hold one of several values get one. */
function beginLoad(runner: Runner, address: number, bytes: number): void {
  const world = worldOf(runner.context.machine);
  world.explored.settle(runner, address, bytes, world);
  begin(runner, address, bytes, false);
}

/** Loads a byte. */
export function load1(runner: Runner, address: number): number {
  beginLoad(runner, address, 1);
  return runner.space.load8(address);
}

export function load2(runner: Runner, address: number): number {
  beginLoad(runner, address, 2);
  return runner.space.load16(address);
}

export function load4(runner: Runner, address: number): number {
  beginLoad(runner, address, 4);
  return runner.space.load32(address) | 0;
}

export function load8(runner: Runner, address: number): bigint {
  beginLoad(runner, address, 8);
  return BigInt.asIntN(64, runner.space.load64(address));
}

export function store1(runner: Runner, address: number, value: number): void {
  begin(runner, address, 1, true);
  runner.space.store8(address, value);
}

export function store2(runner: Runner, address: number, value: number): void {
  begin(runner, address, 2, true);
  runner.space.store16(address, value);
}

export function store4(runner: Runner, address: number, value: number): void {
  const world = begin(runner, address, 4, true);
  // From here on others may find their way into the stack.
  if (runner.holds(value >>> 0)) runner.own = 0;
  runner.space.store32(address, value >>> 0);
  world.names.changed();
}

export function store8(runner: Runner, address: number, value: bigint): void {
  begin(runner, address, 8, true);
  runner.space.store64(address, BigInt.asUintN(64, value));
}

/** Reads bytes as the kernel does for its caller: one access. */
export function readBytes(runner: Runner, address: number, bytes: number): Uint8Array {
  const into = new Uint8Array(bytes);
  if (bytes === 0) return into;
  if (isOwn(runner, address, bytes)) {
    const { view, lo } = runner;
    into.set(new Uint8Array(view.buffer, view.byteOffset + address - lo, bytes));
    return into;
  }
  touch(runner, address, bytes, false);
  runner.space.copyTo(into, address);
  return into;
}

/** Writes bytes as the kernel does for its caller: one access. */
export function writeBytes(runner: Runner, address: number, from: Uint8Array): void {
  if (from.length === 0) return;
  if (isOwn(runner, address, from.length)) {
    const { view, lo } = runner;
    new Uint8Array(view.buffer, view.byteOffset + address - lo, from.length).set(from);
    return;
  }
  const world = touch(runner, address, from.length, true);
  runner.space.copyFrom(from, address);
  world.names.changed();
}

function touch(runner: Runner, address: number, bytes: number, isWrite: boolean): World {
  intend(runner, address, bytes, isWrite);
  if (!isWrite) {
    const world = worldOf(runner.context.machine);
    world.explored.settle(runner, address, bytes, world);
  }
  return begin(runner, address, bytes, isWrite);
}

/** Reads a word of a structure that the kernel keeps; such an access races with no other. */
export function readWord(runner: Runner, address: number): number {
  const bytes = readQuietly(runner, address, 4);
  return new DataView(bytes.buffer).getUint32(0, true);
}

/** Writes a word of such a structure. */
export function writeWord(runner: Runner, address: number, value: number): void {
  const bytes = new DataView(new ArrayBuffer(4));
  bytes.setUint32(0, value >>> 0, true);
  if (isOwn(runner, address, 4)) runner.view.setUint32(address - runner.lo, value >>> 0, true);
  else {
    worldOf(runner.context.machine).heap.check(runner, address, 4, true);
    runner.space.copyFrom(new Uint8Array(bytes.buffer), address);
  }
}

/** Changes a word at once, as `atomic_add` and `set_bit` do: a marked access. Returns what it was before. */
export function updateWord(runner: Runner, address: number, change: (value: number) => number): number {
  runner.once = true;
  const before = new DataView(readBytes(runner, address, 4).buffer).getUint32(0, true);
  const after = change(before) >>> 0;
  runner.once = true;
  if (after !== before) writeBytes(runner, address, new Uint8Array(Uint32Array.of(after).buffer));
  runner.once = false;
  return before;
}

/** Sets a word at once, as `atomic_set` does: a marked store, which reads nothing. */
export function setWord(runner: Runner, address: number, value: number): void {
  runner.once = true;
  writeBytes(runner, address, new Uint8Array(Uint32Array.of(value).buffer));
  runner.once = false;
}

/** Reads bytes that the kernel keeps for its caller; such an access races with no other. */
export function readQuietly(runner: Runner, address: number, bytes: number): Uint8Array {
  if (isOwn(runner, address, bytes)) return readBytes(runner, address, bytes);
  worldOf(runner.context.machine).heap.check(runner, address, bytes, false);
  const into = new Uint8Array(bytes);
  runner.space.copyTo(into, address);
  return into;
}

/** A text that a macro of a header put there: reading it is nothing that the program does. */
export function readConstant({ context }: Runner, address: number): string {
  const { memory, addresses } = context.machine.hardware;
  const bytes: number[] = [];
  for (let at = address >>> 0; at < addresses.directEnd; at += 1) {
    const page = memory.pageAt(addresses.frameOf(at));
    const byte = page === undefined ? 0 : (memory.bytesOf(page)[at % memory.pageSize] ?? 0);
    if (byte === 0) break;
    bytes.push(byte);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** A text up to its zero. */
export function readText(runner: Runner, address: number): string {
  const bytes: number[] = [];
  for (let at = address >>> 0; bytes.length < 4096; at += 1) {
    const [byte = 0] = readQuietly(runner, at, 1);
    if (byte === 0) break;
    bytes.push(byte);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
