import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { SgMiter, createMachine, runAlone } from 'scatterlist';
import type { Machine, MapBackend, MemoryKind, MiterDirection, Task } from 'scatterlist';
import { defineBackend, mapLocal } from 'scatterlist/backend';
import { KMAP_LOCAL, faultInjection, kmap, kmapAtomic, kmapLocal, vmap } from 'scatterlist/backends';
import { kmapLocalPage, kunmapLocal, pagefaultDisable, pagefaultEnable } from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import { AS_LINUX, rulesOf, violationOf } from '../../kernel/violations.ts';
import { buildList } from '../../vectors/lists.ts';
import type { Entry } from '../../vectors/lists.ts';

const LOW = 16;

interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly start: <B extends MapBackend>(backend: B, direction?: MiterDirection) => SgMiter<B, 'highmem'>;
}

/** A list over a small machine: frames below 16 are lowmem, the rest highmem. */
function setUp(entries: readonly Entry[], options: MachineOptions = {}): Fixture {
  const machine = createMachine({ lowmemPages: LOW, highmemPages: 64, trace: true, ...options });
  const list = buildList(machine, { entries, chunks: [entries.length] });
  return {
    machine,
    task: machine.task(),
    start: (backend, direction = 'fromSg') => new SgMiter(list as never, backend, direction, entries.length),
  };
}

describe('SgMiter', () => {
  it('maps each chunk while it is current and no longer', () => {
    const { machine, task, start } = setUp([
      [20, 4000, 200],
      [30, 0, 5],
    ]);
    const it = start(kmapLocal(task));
    const seen: number[][] = [];
    while (it.next().value) {
      seen.push([it.page?.pfn ?? -1, it.mapping.pageOffset, it.length, machine.liveMappings]);
    }
    expect(seen).to.deep.equal([
      [20, 4000, 96, 1],
      [21, 0, 104, 1],
      [30, 0, 5, 1],
    ]);
    expect(machine.liveMappings).to.equal(0);
    expect(it.next().value).to.equal(false);
  });

  it('goes on behind what was consumed', () => {
    const { task, start } = setUp([[20, 0, 100]]);
    const it = start(kmapLocal(task));
    it.next();
    it.consumed = 40;
    it.next();
    expect([it.mapping.pageOffset, it.length]).to.deep.equal([40, 60]);
    it.stop();
  });

  it('can be stopped and resumed, by another interrupt say', () => {
    const { machine, task, start } = setUp([[20, 0, 100]]);
    const it = start(kmapLocal(task));
    it.next();
    it.consumed = 10;
    it.stop();
    expect(machine.liveMappings).to.equal(0);
    expect(() => it.mapping).to.throw(RangeError);
    it.next();
    expect(it.mapping.pageOffset).to.equal(10);
    it.stop();
  });

  it('skips from what was consumed', () => {
    const { task, start } = setUp([
      [20, 0, 100],
      [30, 0, 50],
    ]);
    const it = start(kmapLocal(task));
    expect(it.skip(90)).to.equal(true);
    it.next();
    it.consumed = 5;
    expect(it.skip(10)).to.equal(true);
    it.next();
    expect([it.page?.pfn, it.mapping.pageOffset, it.length]).to.deep.equal([30, 5, 45]);
    expect(it.skip(1)).to.equal(false);
  });

  it('flushes the data cache of pages it wrote, and only of those', () => {
    const flushes = (direction: MiterDirection): number => {
      const { machine, task, start } = setUp([[20, 4000, 200]]);
      const it = start(kmapLocal(task), direction);
      while (it.next().value);
      return machine.events.filter(({ event }) => event === 'flush-dcache-page').length;
    };
    expect([flushes('toSg'), flushes('fromSg')]).to.deep.equal([2, 0]);
  });

  it('tells a failure from the end, and can try again', () => {
    const { task, start } = setUp([[20, 0, 5]]);
    const it = start(faultInjection(kmapLocal(task), { failAt: 0 }));
    const first = it.next();
    expect(first.ok).to.equal(false);
    const second = it.next();
    expect(second.ok && second.value).to.equal(true);
    it.stop();
  });

  it('waits where the backend can', () => {
    const { machine, task, start } = setUp([[20, 0, 5]], { pkmapSlots: 2 });
    const backend = kmap(task);
    const held = [40, 41].map((n) => backend.map(machine.hardware.memory.page(n), 0, 1));
    const it = start(backend);
    const full = it.next();
    expect(full.ok ? 'mapped' : full.error.code).to.equal('NoSlots');
    const waiting = it.nextWait();
    expect(waiting.next().done).to.equal(false);
    for (const result of held) if (result.ok) backend.unmap(result.value);
    expect(runAlone(task, waiting)).to.deep.equal({ ok: true, value: true });
    expect(it.page?.pfn).to.equal(20);
    it.stop();
  });

  it('gives contiguous backends whole entries', () => {
    const { task, start } = setUp([[20, 100, 9000]]);
    const it = start(vmap(task));
    expect(it.next()).to.deep.equal({ ok: true, value: true });
    expect(it.length).to.equal(9000);
    it.stop();
  });

  it('steps with one token as it would with an unmap and a map, whatever the script', () => {
    const entry = fc.record({
      pfn: fc.integer({ min: 8, max: 60 }),
      offset: fc.constantFrom(0, 100, 4000),
      length: fc.oneof(fc.constant(4096), fc.nat(9000)),
    });
    const op = fc.oneof(
      { weight: 5, arbitrary: fc.constant('next' as const) },
      fc.constant('stop' as const),
      fc.constant('consume half' as const),
      fc.constant('hold' as const),
      fc.constant('set anew' as const),
    );
    const script = fc.record({
      entries: fc.array(entry, { minLength: 1, maxLength: 8 }),
      ops: fc.array(op, { maxLength: 24 }),
      direction: fc.constantFrom('toSg' as const, 'fromSg' as const),
      forceMap: fc.boolean(),
    });
    const play = (how: typeof script extends fc.Arbitrary<infer T> ? T : never, trace: boolean): unknown => {
      const list: Entry[] = how.entries.map(({ pfn, offset, length }) => [
        pfn,
        offset,
        // To the end of memory of its kind at most.
        Math.min(length, ((pfn < LOW ? LOW : 78) - pfn) * 4096 - offset),
      ]);
      const { machine, task, start } = setUp(list, { mode: 'direct', trace, forceMap: how.forceMap });
      for (let n = 0; n < 64; n += 1) machine.physical(machine.hardware.memory.page(n)).fill(n);
      const it = start(kmapLocal(task), how.direction);
      const seen: unknown[] = [];
      const other = machine.allocPage({ zone: 'highmem' });
      for (const step of how.ops) {
        if (step === 'next') {
          const more = it.next().value === true;
          seen.push(
            more ? [it.page?.pfn, it.length, it.mapping.load8(0), it.mapping.slot, it.bytes.length] : 'end',
          );
        } else if (step === 'stop') it.stop();
        else if (step === 'consume half') it.consumed >>>= 1;
        else if (step === 'set anew') machine.physical(other).fill(seen.length);
        else kunmapLocal(task, kmapLocalPage(task, other));
        const { idx, entries: saved } = task.localMaps;
        seen.push([
          idx,
          saved[0],
          machine.hardware.pageTable.local.get(0),
          task.migrateDisabled,
          machine.ledger,
        ]);
      }
      it.stop();
      machine.checkLeaks();
      return [seen, machine.ledger, task.localMaps.idx, task.migrateDisabled];
    };
    fc.assert(
      fc.property(script, (how) => {
        expect(play(how, false)).to.deep.equal(play(how, true));
      }),
      { numRuns: 200 },
    );
  });

  it('flushes each page that it may have written, where that does anything or somebody could see it', () => {
    const flushed = (options: MachineOptions, then?: (machine: Machine) => void): unknown => {
      const { machine, task, start } = setUp(
        [20, 22, 24, 26].map((pfn) => [pfn, 0, 4096]),
        {
          mode: 'direct',
          trace: false,
          ...options,
        },
      );
      for (const pfn of [20, 22, 24, 26]) machine.physical(machine.hardware.memory.page(pfn));
      const flush = sinon.spy(machine, 'flushDcachePage');
      const it = start(kmapLocal(task), 'toSg');
      for (let i = 0; i < 3; i += 1) it.next();
      then?.(machine);
      it.next();
      it.stop();
      return flush.args.map(([page]) => page.pfn);
    };
    expect(flushed({ dcacheColours: 2 })).to.deep.equal([20, 22, 24, 26]);
    expect(flushed({ trace: true })).to.deep.equal([20, 22, 24, 26]);
    const watch = (machine: Machine): void => {
      machine.hardware.watchPoints(() => undefined);
    };
    expect(flushed({}, watch)).to.deep.equal([24, 26]);
  });

  it('maps and unmaps in pairs, whatever the script', () => {
    const scripts = fc.array(
      fc.oneof(
        fc.constant(['next'] as const),
        fc.constant(['stop'] as const),
        fc.tuple(fc.constant('skip' as const), fc.nat(6000)),
        fc.tuple(fc.constant('consume' as const), fc.nat(100)),
      ),
    );
    fc.assert(
      fc.property(scripts, (script) => {
        const { machine, task, start } = setUp([
          [20, 4000, 200],
          [30, 0, 0],
          [31, 9000, 5000],
        ]);
        const backend = kmapLocal(task);
        const map = sinon.spy(backend, 'map');
        const unmap = sinon.spy(backend, 'unmap');
        const it = start(backend);
        for (const [op, n = 0] of script as readonly [string, number?][]) {
          if (op === 'next') it.next();
          else if (op === 'stop') it.stop();
          else if (op === 'skip') it.skip(n);
          else it.consumed = Math.round((it.length * n) / 100);
        }
        it.consumed = it.length;
        it.stop();
        expect(unmap.callCount).to.equal(map.callCount);
        expect(unmap.args.map(([m]) => m)).to.deep.equal(
          map.returnValues.map((result) => (result.ok ? result.value : undefined)),
        );
        machine.checkLeaks();
      }),
      { numRuns: 60 },
    );
  });

  describe('two live iterators', () => {
    it('may nest', () => {
      const { task, start } = setUp([[20, 0, 10]]);
      const [outer, inner] = [start(kmapLocal(task)), start(kmapLocal(task))];
      void outer.next();
      void inner.next();
      inner.stop();
      outer.stop();
      expect(task.localMaps.idx).to.equal(0);
    });

    it('are reported where the first would move on under the second', () => {
      const { task, start } = setUp([
        [20, 0, 10],
        [21, 0, 10],
      ]);
      const [outer, inner] = [start(kmapLocal(task)), start(kmapLocal(task))];
      outer.next();
      inner.next();
      expect(violationOf(() => outer.next())).to.equal('unmap-order');
    });

    it('may move as they like through kmap', () => {
      const { task, start } = setUp([
        [20, 0, 10],
        [21, 0, 10],
      ]);
      const [outer, inner] = [start(kmap(task)), start(kmap(task))];
      void outer.next();
      void inner.next();
      expect(outer.next()).to.deep.equal({ ok: true, value: true });
      inner.stop();
      outer.stop();
    });
  });

  describe('consumed beyond the chunk', () => {
    it('strict: is refused before anything moves, and can be put right', () => {
      const { machine, task, start } = setUp([
        [20, 0, 100],
        [30, 0, 5],
      ]);
      const it = start(kmapLocal(task));
      it.next();
      it.consumed = 101;
      expect(violationOf(() => it.next())).to.equal('miter-over-consumed');
      expect([machine.liveMappings, it.length]).to.deep.equal([1, 100]);
      it.consumed = 100;
      it.next();
      expect(it.page?.pfn).to.equal(30);
      it.stop();
    });

    it('strict: a negative count is refused too', () => {
      const { task, start } = setUp([[20, 0, 100]]);
      const it = start(kmapLocal(task));
      it.next();
      it.consumed = -1;
      expect(violationOf(() => it.stop())).to.equal('miter-over-consumed');
    });

    it('compatible: warns, and the next chunk has 4 GiB less a byte', () => {
      const { machine, task, start } = setUp(
        [
          [20, 0, 100],
          [30, 0, 5],
        ],
        AS_LINUX,
      );
      const it = start(kmapLocal(task));
      it.next();
      it.consumed = 101;
      it.next();
      expect(rulesOf(machine)).to.deep.equal(['miter-over-consumed']);
      expect([it.page?.pfn, it.mapping.pageOffset, it.length]).to.deep.equal([20, 101, 2 ** 32 - 1]);
      // Consumed in full it ends where the chunk did.
      it.next();
      expect(it.page?.pfn).to.equal(30);
      it.stop();
    });
  });

  describe('consumed set while nothing is mapped', () => {
    it('strict: is refused at the next call', () => {
      const { task, start } = setUp([[20, 0, 100]]);
      const it = start(kmapLocal(task));
      it.consumed = 1;
      expect(violationOf(() => it.next())).to.equal('miter-over-consumed');
    });

    it('compatible: every stop warns until the next map', () => {
      const { machine, task, start } = setUp([[20, 0, 100]], AS_LINUX);
      const it = start(kmapLocal(task));
      it.consumed = 1;
      it.stop();
      it.stop();
      it.next();
      it.stop();
      expect(rulesOf(machine)).to.deep.equal(Array(3).fill('miter-over-consumed'));
    });
  });

  describe('a negative skip', () => {
    it('strict: is refused', () => {
      const { task, start } = setUp([[20, 0, 100]]);
      const it = start(kmapLocal(task));
      it.next();
      expect(violationOf(() => it.skip(-1))).to.equal('miter-negative-skip');
    });

    it('compatible: moves back inside the page', () => {
      const { task, start } = setUp([[20, 50, 100]], AS_LINUX);
      const it = start(kmapLocal(task));
      it.next();
      it.consumed = 40;
      it.skip(-30);
      it.next();
      expect([it.mapping.pageOffset, it.length]).to.deep.equal([60, 90]);
      it.stop();
    });
  });

  describe('empty entries', () => {
    const entries = [
      [20, 100, 0],
      [30, 4096, 0],
      [40, 0, 4100],
    ];

    it('strict: are passed over', () => {
      const { task, start } = setUp(entries);
      const it = start(kmapLocal(task));
      it.next();
      expect([it.page?.pfn, it.length]).to.deep.equal([40, 4096]);
      it.stop();
    });

    it('compatible: are mapped, and one at a multiple of the page size costs the next entry a page', () => {
      const { task, start } = setUp(entries, AS_LINUX);
      const it = start(kmapLocal(task));
      const seen: number[][] = [];
      while (it.next().value) seen.push([it.page?.pfn ?? -1, it.length]);
      expect(seen).to.deep.equal([
        [20, 0],
        [31, 0],
        [41, 4],
      ]);
    });
  });

  describe('what both modes report', () => {
    for (const semantics of ['strict', 'compatible'] as const) {
      it(`${semantics}: a start without a direction`, () => {
        const { task, start } = setUp([[20, 0, 100]], { semantics });
        expect(violationOf(() => start(kmapLocal(task), 'none'))).to.equal('miter-no-direction');
      });

      it(`${semantics}: an atomic chunk dropped while page faults are enabled`, () => {
        const { machine, task, start } = setUp([[20, 0, 100]], { semantics, onViolation: 'record' });
        const it = start(kmapAtomic(task));
        it.next();
        pagefaultEnable(task);
        it.stop();
        expect(rulesOf(machine)).to.deep.equal(['miter-atomic-faults']);
        pagefaultDisable(task);
        expect(task.pagefaultDisabled).to.equal(0);
      });
    }
  });

  it("asks at each step too, where an author's backend disables page faults and has tokens", () => {
    const { machine, task, start } = setUp(
      [
        [20, 0, 100],
        [22, 0, 100],
      ],
      { mode: 'direct', trace: false, onViolation: 'record' },
    );
    const backend = defineBackend(task, {
      contract: { ...KMAP_LOCAL, disables: ['migration', 'pageFaults'] as const },
      map: (page, offset, length) => {
        const mapping = mapLocal(task, page, offset, length);
        task.localMaps.keep(mapping);
        return mapping.asOk;
      },
      unmap: (mapping) => {
        kunmapLocal(task, mapping);
      },
      tokens: task.localMaps,
    });
    // Only pages that have their bytes are stepped to.
    for (const pfn of [20, 22]) machine.physical(machine.hardware.memory.page(pfn));
    const it = start(backend);
    it.next();
    it.next();
    it.stop();
    expect(rulesOf(machine)).to.deep.equal(['miter-atomic-faults', 'miter-atomic-faults']);
  });

  it('leaves local maps of the caller in order', () => {
    const { machine, task, start } = setUp([[20, 0, 10]]);
    const mine = kmapLocalPage(task, machine.hardware.memory.page(40));
    const it = start(kmapLocal(task) as MapBackend, 'toSg') as SgMiter<MapBackend, MemoryKind>;
    void it.next();
    it.stop();
    kunmapLocal(task, mine);
    machine.checkLeaks();
  });
});

describe('SgMiter in the hands of another task', () => {
  for (const mode of ['checked', 'direct'] as const) {
    for (const step of ['stop', 'next', 'skip', 'nextWait'] as const) {
      it(`${mode}: ${step} is reported, and the owner goes on where it was`, () => {
        const { machine, task, start } = setUp(
          [
            [20, 0, 100],
            [30, 8, 50],
            [40, 0, 7],
          ],
          { mode, trace: false },
        );
        // Once around, so that a token waits at the slot.
        const first = start(kmapLocal(task));
        while (first.next().value);
        const it = start(kmapLocal(task));
        it.next();
        const other = machine.task('other');
        machine.enter(other);
        const run = {
          stop: () => it.stop(),
          next: () => it.next(),
          skip: () => it.skip(4),
          nextWait: () => runAlone(other, it.nextWait()),
        }[step];
        expect(violationOf(run)).to.equal('wrong-task');
        expect(machine.executing).to.equal(other);
        machine.enter(task);
        expect([it.page?.pfn, it.length, it.mapping.live]).to.deep.equal([20, 100, true]);
        const seen: number[] = [];
        while (it.next().value) seen.push(it.page?.pfn ?? -1, it.length);
        expect(seen).to.deep.equal([30, 50, 40, 7]);
        expect(machine.liveMappings).to.equal(0);
      });
    }
  }
});
