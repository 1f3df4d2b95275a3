import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine } from 'scatterlist';
import type { Context, Machine, MachineOptions } from 'scatterlist';
import { explore, exhaustive, load8, store8 } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import {
  AddressSpace,
  ioremap,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmap,
  kunmapAtomic,
  kunmapLocal,
  pageToVirt,
  physToVirt,
  runAlone,
  vmap,
  vunmap,
} from 'scatterlist/machine';
import type { Mapping, Page } from 'scatterlist/machine';

const MODES: readonly MachineOptions[] = [
  { mode: 'checked' },
  { mode: 'direct' },
  { mode: 'checked', highmem: false },
  { mode: 'direct', semantics: 'compatible' },
  { mode: 'checked', dcacheColours: 1 },
  { mode: 'checked', forceMap: true },
];

/** Every way to have an address of a page. */
const WAYS: Readonly<Record<string, (task: Context, page: Page) => Mapping>> = {
  kmap: (task, page) => runAlone(task, kmap(task, page)),
  kmap_local: kmapLocalPage,
  kmap_atomic: kmapAtomic,
  vmap: (task, page) => {
    const made = vmap(task, [page]);
    if (!made.ok) throw new Error(made.error.code);
    return made.value;
  },
};

/** The rules that a step breaks, where the machine records. */
function rulesOf(machine: Machine, step: () => unknown): readonly string[] {
  const before = machine.violations.length;
  try {
    step();
  } catch (error) {
    if (machine.violations.length === before) throw error;
  }
  return machine.violations.slice(before).map(({ rule }) => rule);
}

describe('AddressSpace', () => {
  for (const options of MODES) {
    describe(JSON.stringify(options), () => {
      for (const [name, map] of Object.entries(WAYS)) {
        it(`reads and writes what ${name} mapped, at every width`, () => {
          const machine = createMachine(options);
          const task = machine.task('driver');
          const memory = new AddressSpace(task);
          const page = machine.allocPage({ zone: 'highmem' });
          const { vaddr } = map(task, page);
          memory.fill(0x11, vaddr, 64);
          memory.store8(vaddr, 0x1fe);
          memory.store16(vaddr + 2, 0x1_2345);
          memory.store32(vaddr + 4, 0xdead_beef);
          memory.store64(vaddr + 8, 0x0123_4567_89ab_cdefn);
          memory.copyFrom(Uint8Array.of(1, 2, 3), vaddr + 16);
          expect(memory.load8(vaddr)).to.equal(0xfe);
          expect(memory.load16(vaddr + 2)).to.equal(0x2345);
          expect(memory.load32(vaddr + 4)).to.equal(0xdead_beef);
          expect(memory.load64(vaddr + 8)).to.equal(0x0123_4567_89ab_cdefn);
          const bytes = new Uint8Array(4);
          memory.copyTo(bytes, vaddr + 16);
          expect([...bytes]).to.deep.equal([1, 2, 3, 0x11]);
        });
      }

      it('reaches lowmem by its linear address, across a page', () => {
        const machine = createMachine(options);
        const [first] = machine.allocPages(2, { zone: 'lowmem' });
        const memory = new AddressSpace(machine.task('driver'));
        const at = pageToVirt(machine, first!) + machine.pageSize - 3;
        memory.store64(at, 0x0123_4567_89ab_cdefn);
        expect(memory.load64(at)).to.equal(0x0123_4567_89ab_cdefn);
        expect(memory.load8(at + 3)).to.equal(0x89);
      });

      it('crosses the pages of a contiguous map in the order of the map', () => {
        const machine = createMachine(options);
        const task = machine.task('driver');
        const pages = machine.allocPages(2, { zone: 'highmem', layout: 'scattered' });
        const mapped = vmap(task, [...pages].reverse());
        if (!mapped.ok) throw new Error('no space');
        const memory = new AddressSpace(task);
        memory.store32(mapped.value.vaddr + machine.pageSize - 2, 0x4433_2211);
        expect(memory.load32(mapped.value.vaddr + machine.pageSize - 2)).to.equal(0x4433_2211);
        expect(mapped.value.load8(machine.pageSize)).to.equal(0x33);
        vunmap(task, mapped.value);
        expect(() => memory.load8(mapped.value.vaddr)).to.throw('rule: unmapped-slot');
      });

      it('refuses what leads nowhere', () => {
        const machine = createMachine({ ...options, onViolation: 'record' });
        const memory = new AddressSpace(machine.task('driver'));
        const { addresses, memory: physical } = machine.hardware;
        expect(rulesOf(machine, () => memory.load8(0))).to.deep.equal(['null-pointer']);
        expect(rulesOf(machine, () => memory.store32(0x10, 1))).to.deep.equal(['null-pointer']);
        expect(rulesOf(machine, () => memory.load8(addresses.vmalloc(3)))).to.deep.equal(['unmapped-slot']);
        expect(rulesOf(machine, () => memory.load8(addresses.pkmap(3)))).to.deep.equal(['unmapped-slot']);
        expect(rulesOf(machine, () => memory.load8(addresses.local(3)))).to.deep.equal(['unmapped-slot']);
        expect(rulesOf(machine, () => memory.load8(addresses.direct(physical.endPfn)))).to.deep.equal([
          'wild-access',
        ]);
        expect(rulesOf(machine, () => memory.load8(1.5))).to.deep.equal(['bad-number']);
      });

      it('names a page that has no linear address', () => {
        const machine = createMachine({ ...options, onViolation: 'record' });
        const memory = new AddressSpace(machine.task('driver'));
        const [io] = machine.ioRegion(1);
        const { addresses } = machine.hardware;
        const high = machine.allocPage({ zone: 'highmem' });
        const isDirect = machine.config.highmem === false;
        expect(rulesOf(machine, () => memory.load8(pageToVirt(machine, high)))).to.deep.equal(
          isDirect ? [] : ['no-linear-address'],
        );
        expect(rulesOf(machine, () => memory.load8(addresses.direct(io!.pfn)))).to.deep.equal([
          'no-linear-address',
        ]);
      });

      it('goes to the device with readl, and to memory with it, too', () => {
        const machine = createMachine(options);
        const task = machine.task('driver');
        const seen: (number | bigint)[] = [];
        const [page] = machine.ioRegion(1, {
          handlers: {
            read: (offset) => BigInt(offset),
            write: (offset, width, value) => seen.push(offset, width, value),
          },
        });
        const registers = ioremap(task, page!.phys, 64);
        if (!registers.ok) throw new Error('no space');
        const memory = new AddressSpace(task);
        const at = registers.value.vaddr;
        expect(memory.readb(at + 1)).to.equal(1);
        expect(memory.readw(at + 2)).to.equal(2);
        expect(memory.readl(at + 4)).to.equal(4);
        expect(memory.readq(at + 8)).to.equal(8n);
        memory.writeb(1, at + 1);
        memory.writew(2, at + 2);
        memory.writel(3, at + 4);
        memory.writeq(4n, at + 8);
        expect(seen).to.deep.equal([1, 1, 1n, 2, 2, 2n, 4, 4, 3n, 8, 8, 4n]);
        const low = pageToVirt(machine, machine.allocPage({ zone: 'lowmem' }));
        memory.writel(0x1234, low);
        expect(memory.readl(low)).to.equal(0x1234);
      });
    });
  }

  it('finds a pointer that outlived each kind of map', () => {
    const machine = createMachine({ onViolation: 'record' });
    const task = machine.task('driver');
    const memory = new AddressSpace(task);
    const page = machine.allocPage({ zone: 'highmem' });
    const local = kmapLocalPage(task, page);
    kunmapLocal(task, local);
    expect(rulesOf(machine, () => memory.load8(local.vaddr))).to.deep.equal(['unmapped-slot']);
    const atomic = kmapAtomic(task, page);
    kunmapAtomic(task, atomic);
    expect(rulesOf(machine, () => memory.load8(atomic.vaddr))).to.deep.equal(['unmapped-slot']);
    const pooled = runAlone(task, kmap(task, page));
    kunmap(task, page);
    expect(rulesOf(machine, () => memory.load8(pooled.vaddr))).to.deep.equal(['use-after-unmap']);
  });

  it('finds it in the pool of an unchecked machine, too, because the count is kept', () => {
    const machine = createMachine({ mode: 'direct', onViolation: 'record' });
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const { vaddr } = runAlone(task, kmap(task, page));
    kunmap(task, page);
    expect(rulesOf(machine, () => new AddressSpace(task).load8(vaddr))).to.deep.equal(['use-after-unmap']);
  });

  it('judges by the live mapping: its owner, its CPU, its device, its page', () => {
    const machine = createMachine({ onViolation: 'record', cpus: 2 });
    const owner = machine.task('owner');
    const other = machine.task('other', { cpu: 1 });
    const page = machine.allocPage({ zone: 'highmem' });
    const { vaddr } = kmapLocalPage(owner, page);
    expect(rulesOf(machine, () => new AddressSpace(other).load8(vaddr))).to.deep.equal(['wrong-cpu']);
    expect(
      rulesOf(machine, () => {
        machine.interrupt('hardirq', (irq) => new AddressSpace(irq).load8(vaddr));
      }),
    ).to.deep.equal(['wrong-task']);
    const [io] = machine.ioRegion(1);
    const registers = ioremap(owner, io!.phys, 8);
    if (!registers.ok) throw new Error('no space');
    expect(rulesOf(machine, () => new AddressSpace(owner).load8(registers.value.vaddr))).to.deep.equal([
      'iomem-plain-access',
    ]);
    const low = machine.allocPage({ zone: 'lowmem' });
    machine.freePage(low);
    expect(rulesOf(machine, () => new AddressSpace(owner).load8(pageToVirt(machine, low)))).to.deep.equal([
      'use-after-free',
    ]);
  });

  it('sees the stale translation of another CPU', () => {
    const machine = createMachine({ onViolation: 'record', cpus: 2 });
    const owner = machine.task('owner');
    const other = machine.task('other', { cpu: 1 });
    const mapped = kmapLocalPage(owner, machine.allocPage({ zone: 'highmem' }));
    const memory = new AddressSpace(other);
    rulesOf(machine, () => memory.load8(mapped.vaddr));
    kunmapLocal(owner, mapped);
    expect(rulesOf(machine, () => memory.load8(mapped.vaddr))).to.deep.equal(['stale-tlb']);
  });

  it('wraps an address at 32 bits on a compatible machine, as C does', () => {
    const machine = createMachine({ mode: 'direct', semantics: 'compatible' });
    const task = machine.task('driver');
    const at = pageToVirt(machine, machine.allocPage({ zone: 'lowmem' }));
    new AddressSpace(task).store8(at - 2 ** 32, 7);
    expect(new AddressSpace(task).load8(at)).to.equal(7);
  });

  it('moves the same bytes as a mapping, for every offset and length', () => {
    const machine = createMachine();
    const task = machine.task('driver');
    const pages = machine.allocPages(3, { zone: 'lowmem' });
    const start = pageToVirt(machine, pages[0]!);
    const memory = new AddressSpace(task);
    fc.assert(
      fc.property(fc.nat(8192), fc.nat(4096), fc.nat(255), (offset, length, value) => {
        const bytes = Uint8Array.from({ length }, (_, i) => value + i);
        memory.copyFrom(bytes, start + offset);
        const back = new Uint8Array(length);
        memory.copyTo(back, start + offset);
        expect(back).to.deep.equal(bytes);
        const mapped = vmap(task, pages);
        if (!mapped.ok) throw new Error('no space');
        mapped.value.copyTo(back, offset);
        vunmap(task, mapped.value);
        expect(back).to.deep.equal(bytes);
      }),
      { numRuns: 20 },
    );
  });

  describe('in the explorer', () => {
    interface Shared {
      readonly page: Page;
      readonly at: number;
    }

    const counter: Program<Shared> = {
      setup: (machine) => {
        const page = machine.allocPage({ zone: 'lowmem' });
        return { page, at: physToVirt(machine, page.phys) };
      },
      tasks: Object.fromEntries(
        ['one', 'two'].map((name) => [
          name,
          function* ({ task, at }: Shared & { readonly task: Context }) {
            const memory = new AddressSpace(task);
            const value = yield* load8(memory, at);
            yield* store8(memory, at, value + 1);
          },
        ]),
      ),
      check: ({ machine, page }) => {
        expect(machine.physical(page)[0]).to.equal(2);
      },
    };

    it('loses an update that two tasks make through a pointer', () => {
      const outcome = explore(counter, exhaustive());
      expect(outcome.kind).to.equal('violation');
    });

    it('finds the order in which a pointer to a pool slot is used after its unmap', () => {
      const outcome = explore<{ page: Page; shared: { at: number } }>(
        {
          setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }), shared: { at: 0 } }),
          tasks: {
            *owner({ task, page, shared }) {
              shared.at = (yield* kmap(task, page)).vaddr;
              yield;
              kunmap(task, page);
            },
            *user({ task, shared }) {
              const { at } = shared;
              if (at !== 0) yield* load8(new AddressSpace(task), at);
              yield;
              if (at !== 0) new AddressSpace(task).load8(at);
            },
          },
        },
        exhaustive(),
      );
      expect(outcome.kind).to.equal('violation');
    });
  });
});
