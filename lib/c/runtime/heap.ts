/**
 * Objects of kmalloc, each with a red zone behind it. Each context hands out memory of its own, so that the addresses do
 * not depend on the order in which contexts allocate.
 */
import { hex } from '../../base/units.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import { callSite } from '../../machine/call-site.ts';
import type { CallSite } from '../../machine/call-site.ts';
import { LIMITS } from '../../machine/limits.ts';
import { chainText } from '../../machine/violation.ts';
import type { Detail } from '../../machine/violation.ts';
import type { Runner } from './runner.ts';

/** Bytes between two objects, at least. */
const RED_ZONE = 16;
/** Pages that a context takes at once. */
const PAGES_AT_ONCE = 2;
const POISON_FREE = 0x6b;

/** An object. */
export interface HeapObject {
  readonly address: number;
  readonly bytes: number;
  readonly by: string;
  readonly allocatedAt: CallSite | undefined;
  freedAt: CallSite | undefined;
  freedBy: string | undefined;
}

/** The objects of one machine. */
export class Heap {
  private readonly machine: Machine;
  /** Objects by the number of each page that they touch. */
  /** Whether it takes pages now. */
  isGrowing = false;
  readonly #byPage = new Map<number, HeapObject[]>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Objects that were not freed. */
  get live(): readonly HeapObject[] {
    return [...new Set([...this.#byPage.values()].flat())].filter(({ freedBy }) => freedBy === undefined);
  }

  /** Returns the address of a new object, or 0. */
  allocate(runner: Runner, bytes: number, zeroed: boolean): number {
    const { machine } = this;
    const { pageSize } = machine;
    const asked = Math.max(bytes, 1);
    // A power of two is aligned to its size, as Linux promises.
    const align = (asked & (asked - 1)) === 0 ? Math.min(Math.max(asked, 8), pageSize) : 8;
    let address = Math.ceil(runner.heapAt / align) * align;
    if (runner.heapAt === 0 || address + asked + RED_ZONE > runner.heapEnd) {
      const pages = Math.max(PAGES_AT_ONCE, Math.ceil((asked + RED_ZONE) / pageSize));
      this.isGrowing = true;
      const taken = machine.takePages('lowmem', pages);
      this.isGrowing = false;
      const [first] = taken ?? [];
      if (first === undefined) return 0;
      for (const page of taken ?? []) this.#byPage.set(page.pfn, []);
      address = machine.hardware.addresses.direct(first.pfn);
      runner.heapEnd = address + pages * pageSize;
    }
    runner.heapAt = address + asked + RED_ZONE;
    const allocatedAt = machine.config.callSites ? callSite(LIMITS.reportFrames) : undefined;
    const object: HeapObject = {
      address,
      bytes,
      by: runner.name,
      allocatedAt,
      freedAt: undefined,
      freedBy: undefined,
    };
    for (let at = address; at < address + asked; at = (Math.floor(at / pageSize) + 1) * pageSize)
      this.#byPage.get(this.#pfnOf(at))?.push(object);
    if (zeroed) runner.space.fill(0, address, bytes);
    return address;
  }

  /** Frees an object. */
  free(runner: Runner, address: number): void {
    if (address === 0) return;
    const { machine } = this;
    const object = this.#byPage.get(this.#pfnOf(address))?.find((one) => one.address === address);
    if (object === undefined) {
      const inside = this.#around(address);
      machine.hardware.violate({
        rule: 'object-free',
        what: `kfree(${hex(address)}), where no object begins`,
        context: runner.context.state(),
        details: inside === undefined ? [] : [this.#detail('inside', inside)],
      });
      return;
    }
    if (object.freedBy !== undefined) {
      machine.hardware.violate({
        rule: 'object-free',
        what: `kfree(${hex(address)}) of an object that was freed`,
        context: runner.context.state(),
        details: [this.#detail('object', object)],
      });
      return;
    }
    runner.space.fill(POISON_FREE, address, object.bytes);
    object.freedBy = runner.name;
    object.freedAt = machine.config.callSites ? callSite(LIMITS.reportFrames) : undefined;
  }

  /** Reports an access to memory of kmalloc that is not in a live object. */
  check(runner: Runner, address: number, bytes: number, isWrite: boolean): void {
    const objects = this.#byPage.get(this.#pfnOf(address));
    if (objects === undefined) return;
    const object = objects.findLast((one) => one.address <= address) ?? objects.at(0);
    const verb = `a ${isWrite ? 'store' : 'load'} of ${String(bytes)} bytes at ${hex(address)}`;
    if (object === undefined || address < object.address || address + bytes > object.address + object.bytes) {
      const details = object === undefined ? [] : [this.#detail('nearest', object)];
      const where =
        object === undefined
          ? 'in memory of kmalloc that was not handed out'
          : `${String(address - object.address - object.bytes + bytes)} bytes past the end of an object of ${String(object.bytes)} bytes`;
      this.machine.hardware.violate({
        rule: 'object-overrun',
        what: `${verb}, ${where}`,
        context: runner.context.state(),
        details,
      });
    } else if (object.freedBy !== undefined)
      this.machine.hardware.violate({
        rule: 'object-use-after-free',
        what: `${verb}, ${String(address - object.address)} bytes into an object that was freed`,
        context: runner.context.state(),
        details: [this.#detail('object', object)],
      });
    else if (!isWrite) this.#checkWritten(runner, object, address, bytes);
  }

  /** Reports a load of bytes of an object that nothing has written. */
  #checkWritten(runner: Runner, object: HeapObject, address: number, bytes: number): void {
    const { machine } = this;
    if (!machine.config.trackUninitialised) return;
    const { memory } = machine.hardware;
    for (let at = address; at < address + bytes;) {
      const offset = at % memory.pageSize;
      const length = Math.min(address + bytes - at, memory.pageSize - offset);
      const page = memory.pageAt(this.#pfnOf(at));
      const first = page === undefined ? undefined : machine.uninitialised.firstIn(page, offset, length);
      if (page !== undefined && first !== undefined) {
        const into = at - offset + first - object.address;
        machine.hardware.violate({
          rule: 'uninitialised-read',
          what: `a load of ${String(bytes)} bytes at ${hex(address)}: byte ${String(into)} of the object was not written`,
          context: runner.context.state(),
          details: [this.#detail('object', object)],
        });
        return;
      }
      at += length;
    }
  }

  /** Whether a page holds objects. */
  has(pfn: number): boolean {
    return this.#byPage.has(pfn);
  }

  /** The object that an address lies in, freed or not. */
  objectAt(address: number): HeapObject | undefined {
    return this.#around(address);
  }

  #around(address: number): HeapObject | undefined {
    return this.#byPage
      .get(this.#pfnOf(address))
      ?.find((one) => address >= one.address && address < one.address + one.bytes);
  }

  #pfnOf(address: number): number {
    return this.machine.hardware.addresses.frameOf(address);
  }

  #detail(label: string, { address, bytes, by, allocatedAt, freedBy, freedAt }: HeapObject): Detail {
    const freed = freedBy === undefined ? '' : `\nfreed by "${freedBy}"${placed(freedAt)}`;
    return {
      label,
      text: `${hex(address)}, ${String(bytes)} bytes, allocated by "${by}"${placed(allocatedAt)}${freed}`,
    };
  }
}

function placed(site: CallSite | undefined): string {
  return site === undefined ? '' : ` at ${chainText(site)}`;
}
