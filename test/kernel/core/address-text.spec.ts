import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import {
  formatAddressSpace,
  ioremap,
  kmap,
  kmapLocalPage,
  kunmap,
  runAlone,
  vmap,
} from 'scatterlist/machine';
import type { Machine, Task } from 'scatterlist/machine';
import { linesOf } from '../../../lib/kernel/core/address-text.ts';

function make(task = 'driver', device = 'uart'): { machine: Machine; task: Task } {
  const machine = createMachine({ lowmemPages: 64, highmemPages: 2048, protectedPages: 4 });
  const driver = machine.task(task);
  const pages = machine.allocPages(8, { zone: 'highmem' });
  kmapLocalPage(driver, pages[0]!);
  runAlone(driver, kmap(driver, pages[2]!));
  runAlone(driver, kmap(driver, pages[2]!));
  kunmap(driver, runAlone(driver, kmap(driver, pages[1]!)));
  void vmap(driver, pages);
  void ioremap(driver, machine.ioRegion(2, { name: device })[0]!.phys, 5000);
  return { machine, task: driver };
}

describe('formatAddressSpace', () => {
  it('has a marker for each area and below it a line for each run', () => {
    expect(formatAddressSpace(make().machine.dumpAddressSpace())).to.equal(
      [
        '---[ Kernel Mapping ]---',
        '0xc0000000-0xc0040000  256K RW  pfn 0x0-0x3f lowmem',
        '0xc0040000-0xc0044000   16K key pfn 0x40-0x43 protected',
        '',
        '---[ vmalloc() Area ]---',
        '0xf9bde000-0xf9be6000   32K RW  pfn 0x44-0x4b highmem, vmap by "driver"',
        '0xf9be7000-0xf9be9000    8K RW  pfn 0x844-0x845 device uart, ioremap by "driver"',
        '',
        '---[ Persistent kmap() Area ]---',
        '0xffbe0000-0xffbe1000    4K RW  pfn 0x46 highmem',
        '    slot 1, count 3, kmap by "driver" 2 times',
        '0xffbe1000-0xffbe2000    4K RW  pfn 0x45 highmem, slot 2, count 1, unused',
        '',
        '---[ Fixmap Area ]---',
        '0xfffff000-0x100000000   4K RW  pfn 0x44 highmem',
        '    cpu0 index 0, kmap_local by "driver"',
      ].join('\n'),
    );
  });

  it('stays in 80 columns, in one line for each fact, whatever the names are', () => {
    const hostile = `${'long '.repeat(200)}\n\x1b[31m---[ Fixmap Area ]---`;
    const lines = formatAddressSpace(make(hostile, hostile).machine.dumpAddressSpace()).split('\n');
    for (const line of lines) expect(line).to.match(/^[\x20-\x7e…]{0,80}$/);
    const starts = lines.filter((line) => line.startsWith('---['));
    expect(starts).to.have.length(4);
  });

  it('names some of many holders, and counts the rest', () => {
    const { machine } = make();
    const page = machine.allocPage({ zone: 'highmem' });
    for (let i = 0; i < 9; i += 1) {
      const task = machine.task(`t${String(i)}`);
      runAlone(task, kmap(task, page));
    }
    expect(formatAddressSpace(machine.dumpAddressSpace())).to.include(
      'slot 3, count 10, kmap by "t0", kmap by "t1", kmap by "t2", 6 more',
    );
  });

  it('names on a direct machine only whose slot it is', () => {
    const machine = createMachine({ mode: 'direct', highmemPages: 4 });
    kmapLocalPage(machine.task('user'), machine.allocPage({ zone: 'highmem' }));
    expect(formatAddressSpace(machine.dumpAddressSpace())).to.match(/cpu0 index 0, of "user"$/);
  });
});

describe('linesOf', () => {
  it('leaves the rest of many ranges out and says how many', () => {
    const { machine, task } = make();
    const pages = machine.allocPages(2000, { zone: 'highmem' });
    for (let i = 0; i < 1000; i += 2) runAlone(task, kmap(task, pages[i]!));
    const area = machine.dumpAddressSpace().areas.find(({ name }) => name === 'pkmap')!;
    expect(area.ranges).to.have.length(502);
    const lines = linesOf(area, 3);
    expect(lines.at(-1)).to.equal('  … and 499 more ranges');
    expect(lines.length).to.be.at.most(7);
    expect(linesOf(area, 501).at(-1)).to.equal('  … and 1 more range');
    expect(linesOf(area, 502).join('\n')).not.to.include('…');
  });
});
