/**
 * The C side of one machine: its variables in memory, its stacks, its objects, and the locks that its structures stand for.
 *
 * The variables of C, its stacks and what kmalloc returns lie in lowmem pages of the machine, as in a kernel. So every
 * access to them is one that the machine checks and the explorer sees.
 */
import { ConfigError, InvariantError } from '../../base/invariant.ts';
import { hex } from '../../base/units.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import type { Context, Machine } from '../../kernel/core/machine.ts';
import type { Page } from '../../machine/memory.ts';
import type { CModule } from '../module.ts';
import { IMAGE_BASE } from '../toolchain/compile.ts';
import { ExploredBytes } from './explored-bytes.ts';
import { Heap } from './heap.ts';
import { lostMemory } from './lost-memory.ts';
import { Names } from './names.ts';
import { timeoutKey } from './timeout.ts';
import type { Timeout } from './timeout.ts';
import { PageRegister } from './taken-pages.ts';
import { Runner, STACK_BYTES } from './runner.ts';

/** Timeouts by `timeoutKey` of the actors. */
export type Timeouts = Record<string, Timeout>;

/** Objects of the kernel by the address of the structure in C that stands for them. */
export type Objects = Record<string, object>;

/** Reports leave out properties with such a name, because the structure in C has a better one. */
function keyOf(address: number): string {
  return `@${hex(address)}`;
}

const worlds = new WeakMap<Machine, World>();

/** The C side of a machine. */
export function worldOf(machine: Machine): World {
  const world = worlds.get(machine);
  if (world === undefined) throw new InvariantError('no C code was loaded on this machine');
  return world;
}

/** The C side of one machine. */
export class World {
  readonly machine: Machine;
  readonly module: CModule<Runner>;
  readonly heap: Heap;
  readonly names: Names;
  /** Bytes whose value is chosen when they are first read. */
  readonly explored: ExploredBytes;
  /** The pages that C code has. */
  readonly pages: PageRegister = new PageRegister();
  /** As `setup` made them; actors are given them in their environment. */
  readonly objects: Objects = {};
  readonly timeouts: Timeouts = {};
  /** Told of an interrupt to raise; an actor sets it to what it was given. */
  raise: (interrupt: string) => void = () => {
    throw new ConfigError('only an actor can raise an interrupt');
  };
  choose: (count: number) => number = () => 0;
  note: (text: string) => void = () => undefined;
  readonly #runners = new Map<string, Runner>();
  #watched: Objects = this.objects;
  #watchedTimeouts: Timeouts = this.timeouts;

  /** Loads a module onto a machine, with a stack for each of the names. */
  constructor(machine: Machine, module: CModule<Runner>, names: readonly string[]) {
    if (worlds.has(machine)) throw new ConfigError('a machine runs one C module');
    if (machine.pageSize !== 4096)
      throw new ConfigError(
        `pageSize is ${String(machine.pageSize)}; C code is compiled for pages of 4096 bytes`,
      );
    worlds.set(machine, this);
    this.machine = machine;
    this.module = module;
    this.heap = new Heap(machine);
    this.explored = new ExploredBytes(machine);
    this.names = this.#makeNames();
    machine.hardware.lostMemory = () => this.#lostMemory();
    this.#loadImage();
    const pages = STACK_BYTES / machine.pageSize;
    for (const name of names) {
      const [first] = machine.allocPages(pages, { zone: 'lowmem' });
      if (first === undefined) throw new ConfigError('no page for a stack');
      this.#markWritten(first, pages);
      const chunk = machine.hardware.memory.touchRun(first, pages);
      const view = new DataView(chunk.bytes.buffer, chunk.bytes.byteOffset + first.chunkOffset, STACK_BYTES);
      const lo = machine.hardware.addresses.direct(first.pfn);
      this.#runners.set(name, new Runner(name, new AddressSpace(machine.executing), lo, view));
    }
  }

  #lostMemory() {
    const { module, heap, pages, machine } = this;
    const { memMap, imageEnd } = module;
    const mapEnd = memMap === 0 ? IMAGE_BASE : memMap + PAGE_STRUCTS * PAGE_STRUCT_BYTES;
    return lostMemory({
      objects: heap.live,
      pages: pages.taken,
      roots: [
        [IMAGE_BASE, memMap === 0 ? IMAGE_BASE : memMap],
        [mapEnd, imageEnd],
      ],
      memMap,
      pageStructBytes: PAGE_STRUCT_BYTES,
      memory: machine.hardware.memory,
      addresses: machine.hardware.addresses,
    });
  }

  #makeNames(): Names {
    const { module, heap } = this;
    const { memory, addresses } = this.machine.hardware;
    const names = new Names({
      // Read when a name is asked for.
      get variables() {
        return module.variables;
      },
      memMap: module.memMap,
      pageStructBytes: PAGE_STRUCT_BYTES,
      pageAt: (address) =>
        address < addresses.directEnd ? memory.pageAt(addresses.frameOf(address)) : undefined,
      page: (pfn) => memory.pageAt(pfn),
      bytesOf: (page) => memory.bytesOf(page),
      objectAt: (address) => heap.objectAt(address),
      isHeap: (pfn) => heap.isGrowing || heap.has(pfn),
    });
    this.machine.hardware.names = {
      page: (pfn) => names.page(pfn),
      bytes: (pfn, offset) => {
        const start = addresses.direct(pfn);
        return names.inPage(pfn, offset, start < addresses.directEnd ? start + offset : undefined);
      },
    };
    return names;
  }

  /** Puts the variables of C into memory: page 0 stays free, so that no pointer to one is the start of memory. */
  #loadImage(): void {
    const { machine, module } = this;
    const { pageSize } = machine;
    const count = Math.ceil((module.imageEnd - IMAGE_BASE) / pageSize) + 1;
    const [first] = machine.allocPages(count, { zone: 'lowmem' });
    if (first?.pfn !== 0)
      throw new ConfigError('C code is loaded first, before any page of the machine is taken');
    this.#markWritten(first, count);
    for (const { address, bytes } of module.data)
      for (let done = 0; done < bytes.length;) {
        const offset = (address + done) % pageSize;
        const part = Math.min(bytes.length - done, pageSize - offset);
        const page = machine.hardware.memory.page(machine.hardware.addresses.frameOf(address + done));
        machine.hardware.memory.bytesOf(page).set(bytes.subarray(done, done + part), offset);
        done += part;
      }
  }

  #markWritten(first: Page, count: number): void {
    for (let i = 0; i < count; i += 1) {
      const page = this.machine.hardware.memory.nthPage(first, i);
      this.machine.uninitialised.written(page, 0, this.machine.pageSize);
    }
  }

  /** The contexts that have a stack. */
  get runners(): Iterable<Runner> {
    return this.#runners.values();
  }

  /** The stack of a name, to run in a context from its top on. */
  runner(name: string, context: Context): Runner {
    const runner = this.actor(name);
    runner.begin(new AddressSpace(context));
    return runner;
  }

  /** From now on objects are looked up through what the explorer watches. */
  watchThrough(objects: Objects, timeouts: Timeouts): void {
    this.#watched = objects;
    this.#watchedTimeouts = timeouts;
  }

  /** The timeout of an actor. */
  timeout(actor: string): Timeout {
    const timeout = this.#watchedTimeouts[timeoutKey(actor)];
    if (timeout === undefined) throw new ConfigError(`"${actor}" cannot wait with a timeout`);
    return timeout;
  }

  /** The actor of a name, as it is. */
  actor(name: string): Runner {
    const runner = this.#runners.get(name);
    if (runner === undefined) throw new InvariantError(`no stack was made for "${name}"`);
    return runner;
  }

  /** The object that a structure at an address stands for, made when it is first used. */
  object<T extends object>(
    address: number,
    type: abstract new (...args: never[]) => T,
    make: (name: string) => T,
  ): T {
    const key = keyOf(address);
    const known = this.#watched[key];
    const bare = this.objects[key];
    if (known !== undefined && bare instanceof type) return bare;
    const made = make(this.nameOf(address));
    this.#watched[key] = made;
    return made;
  }

  /** Forgets what a structure stood for, because it is initialised anew. */
  forget(address: number): void {
    const key = keyOf(address);
    if (this.objects[key] !== undefined) delete this.#watched[key];
  }

  /** The name of a structure of the kernel: `device.lock`. It is the same in all schedules. */
  nameOf(address: number): string {
    const variable = this.names.variableAt(address, true);
    if (variable !== undefined) return variable.text;
    const object = this.heap.objectAt(address);
    if (object === undefined) return hex(address);
    const offset = address - object.address;
    const name = `an object at ${hex(object.address)}`;
    return offset === 0 ? name : `${name}+${String(offset)}`;
  }

  /** The name of bytes for a report, as it is at this moment. */
  textAt(address: number): string {
    return this.names.at(address)?.text ?? hex(address);
  }

  /** The page that a `struct page *` stands for. */
  pageAt(pointer: number): Page {
    const { machine, module } = this;
    const index = ((pointer >>> 0) - module.memMap) / PAGE_STRUCT_BYTES;
    const page = index >= 0 && index < PAGE_STRUCTS ? machine.hardware.memory.pageAt(index) : undefined;
    if (page !== undefined) return page;
    machine.hardware.violate({
      rule: pointer >>> 0 < machine.pageSize ? 'null-pointer' : 'wild-access',
      severity: 'bug',
      what: `${hex(pointer >>> 0)} is used as a struct page, and is none`,
      context: machine.executing.state(),
    });
    throw new InvariantError('a wild struct page was reported and not thrown');
  }

  /** The `struct page *` of a page. */
  pointerTo(page: Page): number {
    if (page.pfn >= PAGE_STRUCTS)
      throw new ConfigError(
        `pfn ${hex(page.pfn)}: C code can use ${String(PAGE_STRUCTS)} pages; make the machine smaller`,
      );
    return this.module.memMap + page.pfn * PAGE_STRUCT_BYTES;
  }
}

/** `sizeof(struct page)`, and how many there are in `mem_map`; c/include/linux/mm_types.h has the same. */
const PAGE_STRUCT_BYTES = 32;
const PAGE_STRUCTS = 1024;
