import { expect } from 'chai';
import { exhaustive, explain, explore, formatReport, htmlReport, parseSchedule } from 'scatterlist/explore';
import type { Explained, Program } from 'scatterlist/explore';
import { AddressSpace, kmap, kmapLocalPage, kunmap, kunmapLocal, vmap } from 'scatterlist/machine';
import type { Machine, MachineOptions, Sleeping, Task } from 'scatterlist/machine';
import type { Page } from 'scatterlist';
import { addressLines } from '../../../lib/explore/report/addresses.ts';
import { counter, found } from '../programs.ts';

interface Env {
  readonly machine: Machine;
  readonly task: Task;
  readonly pages: readonly Page<'highmem'>[];
}

type Body = (env: Env) => Sleeping<void>;

function told(body: Body, machine: MachineOptions = {}, pages = 4): Explained {
  const program: Program<{ readonly pages: Env['pages'] }> = {
    machine,
    setup: (made) => ({ pages: made.allocPages(pages, { zone: 'highmem' }) }),
    tasks: { driver: body, other: body },
  };
  return explain(program, parseSchedule(found(explore(program, exhaustive())).schedule));
}

/** A program for each rule, and what its addresses must tell. */
const CASES: Readonly<
  Record<string, { readonly run: Body; readonly machine?: MachineOptions; readonly shows: RegExp }>
> = {
  leak: {
    *run({ task, pages }) {
      yield* kmap(task, pages[0]!);
    },
    shows: /Persistent kmap\(\) Area[^]*slot 1, count 3, kmap by "driver", kmap by "other"/,
  },
  'slot-taken': {
    *run({ machine, task, pages }) {
      const window = kmapLocalPage(task, pages[0]!);
      machine.hardware.pageTable.local.set(window.slot, pages[1]!.pfn);
      window.load8(0);
      yield;
    },
    shows: /Fixmap Area[^]*0xfffff000-0x100000000 +4K RW {2}pfn 0x[0-9a-f]+ highmem, cpu0 index 0$/m,
  },
  'left-over-translation': {
    *run({ machine, task, pages }) {
      const { slot } = kmapLocalPage(task, pages[0]!);
      kunmapLocal(task, machine.newestMappingOf(task)!);
      machine.hardware.pageTable.local.set(slot, pages[0]!.pfn);
      machine.freePage(pages[0]!);
      yield;
    },
    shows: /Fixmap Area[^]*0xfffff000-0x100000000/,
  },
  'unmap-order': {
    *run({ task, pages }) {
      const older = kmapLocalPage(task, pages[0]!);
      kmapLocalPage(task, pages[1]!);
      kunmapLocal(task, older);
      yield;
    },
    shows: /Fixmap Area[^]*index 1, kmap_local by "\w+"[^]*index 0, kmap_local by "\w+"/,
  },
  'unmap-address': {
    *run({ task, pages }) {
      const { vaddr } = kmapLocalPage(task, pages[0]!);
      kunmapLocal(task, task.machine.hardware.addresses.pageBase(vaddr - 4096));
      yield;
    },
    shows: /Fixmap Area[^]*index 0, kmap_local by/,
  },
  'wild-access': {
    *run({ machine, task, pages }) {
      const made = vmap(task, pages);
      if (!made.ok) return;
      machine.hardware.pageTable.vmalloc.clear(made.value.slot + 1);
      made.value.load8(machine.pageSize);
      yield;
    },
    shows: /vmalloc\(\) Area[^]*4K RW[^]*8K RW/,
  },
  'unmapped-slot': {
    *run({ task, pages }) {
      kmapLocalPage(task, pages[1]!);
      const { vaddr } = kmapLocalPage(task, pages[0]!);
      kunmapLocal(task, task.localWindows.at(-1)!);
      new AddressSpace(task).load8(vaddr);
      yield;
    },
    shows: /Fixmap Area[^]*index 0, kmap_local by/,
  },
  deadlock: {
    machine: { pkmapSlots: 2 },
    *run({ task, pages }) {
      const [a, b] = task.name === 'driver' ? [pages[0]!, pages[1]!] : [pages[2]!, pages[3]!];
      yield* kmap(task, a);
      yield;
      yield* kmap(task, b);
      kunmap(task, a);
      kunmap(task, b);
    },
    shows: /Persistent kmap\(\) Area[^]*slot 0, count 2, kmap by "\w+"[^]*slot 1, count 2, kmap by "\w+"/,
  },
};

describe('addressLines', () => {
  for (const [rule, { run, machine, shows }] of Object.entries(CASES)) {
    it(`tells the addresses at a ${rule} in both reports`, () => {
      const explained = told(run, machine);
      expect(explained.violation?.rule).to.equal(rule);
      const lines = addressLines(explained);
      expect(lines.join('\n')).to.match(shows);
      expect(lines.join('\n')).not.to.include('Kernel Mapping');
      const text = formatReport(explained, { width: 80 });
      for (const line of lines) expect(text.replaceAll(/\n {6}/g, ' ')).to.include(line.trim());
      for (const line of text.split('\n'))
        if (!line.includes('Replay')) expect(line.length).to.be.at.most(80);
      expect(htmlReport(explained)).to.include(lines[0]!);
    });
  }

  it('has none for a rule that is not on addresses, and where only the linear map is used', () => {
    const race = explain(counter(), parseSchedule('0.1.1.0'));
    expect(addressLines(race)).to.deep.equal([]);
    expect(formatReport(race)).not.to.include('---[');
    const low = told(function* ({ machine, task }) {
      yield* kmap(task, machine.allocPage({ zone: 'lowmem' }));
    });
    expect([low.violation?.rule, addressLines(low)]).to.deep.equal(['leak', []]);
  });

  it('is of the moment of the violation, before cleaning up ran', () => {
    const explained = told(function* ({ task, pages }) {
      const older = kmapLocalPage(task, pages[0]!);
      const newer = kmapLocalPage(task, pages[1]!);
      try {
        kunmapLocal(task, older);
      } finally {
        kunmapLocal(task, newer);
        kunmapLocal(task, older);
      }
      yield;
    });
    expect(explained.violation?.rule).to.equal('unmap-order');
    expect(addressLines(explained).join('\n')).to.match(/index 1[^]*index 0/);
  });

  it('is short, however much is mapped', () => {
    const explained = told(
      function* ({ task, pages }) {
        for (let i = 0; i < pages.length; i += 2) yield* kmap(task, pages[i]!);
      },
      { pkmapSlots: 256, highmemPages: 512 },
      400,
    );
    expect(explained.violation?.rule).to.equal('leak');
    const lines = addressLines(explained);
    expect(lines.length).to.be.at.most(10);
    expect(lines.at(-1)).to.equal('  … and 196 more ranges');
  });
});
