import { expect } from 'chai';
import { createMachine, ViolationError } from 'scatterlist';
import { ioAccess, iomemBounce } from 'scatterlist/backends';
import {
  IoMapping,
  ioMappingMapAtomicWc,
  ioremap,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmapLocal,
  pageAddress,
  runAlone,
  vmap,
  vmapPfn,
} from 'scatterlist/machine';
import type { Context, Machine, Mechanism, Page, DirectMapping, Task, Mapping } from 'scatterlist/machine';
import { variantOf } from '../../../lib/kernel/window/mechanism.ts';
import { violationOf } from '../violations.ts';

function valueOf<T>(made: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!made.ok) throw new Error('not mapped');
  return made.value;
}

/** A mechanism of a user's own: it hands out numbers of the vmalloc area. */
const MINE: Mechanism<Mapping> = {
  name: 'mine',
  unmapName: 'unmap_mine',
  scope: 'task',
  pool: 'vmalloc area',
  isAtomic: false,
  release: (window) => {
    window.hardware.ledger.ipis += 1;
  },
};

function mapMine(context: Context, page: Page): DirectMapping {
  const window = context.machine.ramWindow(context, page, 0, context.machine.pageSize);
  window.mapBy(MINE);
  context.machine.mapped(window, context);
  return window;
}

describe('Mechanism', () => {
  type Make = (task: Task, machine: Machine, device: Page<'iomem'>, high: Page<'highmem'>) => Mapping;
  type Row = readonly [
    name: string,
    unmapName: string,
    scope: string,
    pool: string | undefined,
    isAtomic: boolean,
  ];
  const ways: readonly (readonly [Make, Row])[] = [
    [(t, _m, _d, high) => kmapLocalPage(t, high), ['kmap_local', 'kunmap_local', 'task', undefined, false]],
    [(t, _m, _d, high) => kmapAtomic(t, high), ['kmap_atomic', 'kunmap_atomic', 'task', undefined, true]],
    [(t, _m, _d, high) => runAlone(t, kmap(t, high)), ['kmap', 'kunmap', 'global', 'kmap pool', false]],
    [
      (t, m) => pageAddress(t, m.allocPage({ zone: 'lowmem' }))!,
      ['page_address', 'release', 'global', undefined, false],
    ],
    [(t, _m, _d, high) => valueOf(vmap(t, [high])), ['vmap', 'vunmap', 'global', 'vmalloc area', false]],
    [
      (t, _m, device) => valueOf(ioAccess(t).map(device, 0, 8)),
      ['io_mapping_local', 'io_mapping_unmap_local', 'task', undefined, false],
    ],
    [
      (t, m, device) => ioMappingMapAtomicWc(t, new IoMapping(m, device.phys, 8), 0),
      ['io_mapping_atomic', 'io_mapping_unmap_atomic', 'task', undefined, true],
    ],
    [
      (t, _m, device) => valueOf(ioremap(t, device.phys, 8)),
      ['ioremap', 'iounmap', 'global', 'vmalloc area', false],
    ],
    [
      (t, _m, device) => valueOf(vmapPfn(t, [device.pfn])),
      ['vmap_pfn', 'vunmap', 'global', 'vmalloc area', false],
    ],
    [
      (t, _m, device) => valueOf(iomemBounce(t).map(device, 0, 8)),
      ['bounce', 'unmap', 'global', 'bounce pool', false],
    ],
  ];
  for (const mode of ['checked', 'direct'] as const)
    for (const [make, row] of ways)
      it(`of ${row[0]} says what it is and releases what it made, ${mode}`, () => {
        const machine = createMachine({ mode });
        const window = make(
          machine.task(),
          machine,
          machine.ioRegion(1)[0]!,
          machine.allocPage({ zone: 'highmem' }),
        );
        const { name, unmapName, scope, pool, isAtomic } = window.how;
        expect([name, unmapName, scope, pool, isAtomic]).to.deep.equal(row);
        expect([window.mechanism, window.scope]).to.deep.equal([name, scope]);
        window.how.release(window);
        expect([window.live, machine.liveMappings]).to.deep.equal([false, 0]);
      });

  it('of a user is asked as ours are: for the release, for reports, by other release functions', () => {
    const machine = createMachine({ trace: true });
    const task = machine.task();
    const window = mapMine(task, machine.allocPage({ zone: 'highmem' }));
    expect(window.describe().mechanism).to.equal('mine');
    expect([window.scope, window.how === MINE]).to.deep.equal(['task', true]);
    expect(machine.events.at(-1)).to.include({ mechanism: 'mine', pool: 'vmalloc area', isAtomic: false });
    try {
      kunmapLocal(task, window);
      expect.fail('not found');
    } catch (error) {
      if (!(error instanceof ViolationError)) throw error;
      expect(error.violation.rule).to.equal('unmap-mismatch');
      expect(error.violation.what).to.equal('kunmap_local of a mapping made by mine');
    }
    window[Symbol.dispose]();
    expect(machine.ledger.ipis).to.equal(1);
  });

  it('decides which release is right, not its name', () => {
    const machine = createMachine();
    const task = machine.task();
    const page = machine.allocPage({ zone: 'highmem' });
    const named = kmapLocalPage(task, page);
    named.mapBy({ ...named.how, name: 'kmap_atomic' });
    kunmapLocal(task, named);
    const other = kmapLocalPage(task, page);
    other.mapBy({ ...MINE, name: 'kmap_local' });
    expect(violationOf(() => kunmapLocal(task, other))).to.equal('unmap-mismatch');
  });

  it('has variants that differ in their name only', () => {
    expect(variantOf(MINE, 'mine')).to.equal(MINE);
    expect(variantOf(MINE, 'yours')).to.deep.equal({ ...MINE, name: 'yours' });
    const other = { ...MINE };
    expect(variantOf(MINE, other)).to.equal(other);
  });
});
