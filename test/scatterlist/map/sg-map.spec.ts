import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import {
  ViolationError,
  createMachine,
  runAlone,
  sgAllocTable,
  sgMap,
  sgMapWait,
  sgSetPage,
  sgUnmap,
  withMapping,
} from 'scatterlist';
import type { Machine, SgEntry, Task } from 'scatterlist';
import { faultInjection, kmap, kmapLocal, recorder, vmap } from 'scatterlist/backends';
import { violationOf } from '../../kernel/violations.ts';

const PAGE = 4096;

function entryOver(machine: Machine, pages: number, offset: number, length: number): SgEntry<'highmem'> {
  const made = sgAllocTable<'highmem'>(1);
  if (!made.ok) throw new Error(made.error.code);
  const [first] = machine.allocPages(pages, { zone: 'highmem' });
  sgSetPage(made.value.sgl!, first!, length, offset);
  return made.value.sgl!;
}

describe('sgMap', () => {
  let machine: Machine;
  let task: Task;

  beforeEach(() => {
    machine = createMachine({ pkmapSlots: 1, vmallocPages: 64 });
    task = machine.task('driver');
  });

  afterEach(() => {
    machine.checkLeaks();
  });

  it('adds the offset of the entry before it chooses the page, and unmap cannot disagree', () => {
    // The example on which the sg_unmap of 2017 named another page than sg_map had.
    const sg = entryOver(machine, 3, 100, 2 * PAGE);
    const m = sgMap(sg, 4000, kmapLocal(task)).value;
    expect([m.page.pfn - sg.page!.pfn, m.pageOffset, m.length]).to.deep.equal([1, 4, PAGE - 4]);
    sgUnmap(m);
    expect(machine.liveMappings).to.equal(0);
  });

  it('maps to the end of the page or of the entry, or all of it through a contiguous backend', () => {
    fc.assert(
      fc.property(fc.nat(3 * PAGE), fc.integer({ min: 1, max: 4 * PAGE }), fc.nat(), (offset, length, at) => {
        const m = createMachine({ mode: 'direct', vmallocPages: 64 });
        const sg = entryOver(m, 8, offset, length);
        const where = at % length;
        const local = sgMap(sg, where, kmapLocal(m.task())).value;
        const inPage = (offset + where) % PAGE;
        expect(local.length).to.equal(Math.min(length - where, PAGE - inPage));
        expect(local.page.pfn).to.equal(sg.page!.pfn + Math.floor((offset + where) / PAGE));
        sgUnmap(local);
        const whole = sgMap(sg, where, vmap(m.task()));
        if (!whole.ok) throw new Error(whole.error.code);
        expect(whole.value.length).to.equal(length - where);
        sgUnmap(whole.value);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses an offset outside the entry, with the numbers', () => {
    const sg = entryOver(machine, 1, 0, 10);
    for (const offset of [-1, 10, 0.5, Number.NaN]) {
      expect(() => sgMap(sg, offset, kmapLocal(task))).to.throw(ViolationError, /sg-range/);
    }
    expect(machine.liveMappings).to.equal(0);
  });

  it('refuses what is no offset also where a token waits', () => {
    const direct = createMachine({ mode: 'direct' });
    const local = kmapLocal(direct.task('driver'));
    const sg = entryOver(direct, 1, 8, 100);
    for (let i = 0; i < 2; i += 1) sgUnmap(sgMap(sg, 0, local).value);
    for (const offset of [-1, 0.5, 100, Number.NaN, 2 ** 32])
      expect(() => sgMap(sg, offset, local)).to.throw(ViolationError, /sg-range/);
    expect(direct.liveMappings).to.equal(0);
  });

  it('asks for a token that waits wherever bytes are left, the first and the last of them too', () => {
    const direct = createMachine({ mode: 'direct' });
    const local = kmapLocal(direct.task('driver'));
    const ask = sinon.spy(local.tokens!, 'map');
    for (const [offset, length, at] of [
      [0, 1, 0],
      [0, PAGE, 1],
      [0, 2, 1],
      [8, 100, 99],
      [PAGE - 1, 1, 0],
    ] as const) {
      const sg = entryOver(direct, 1, offset, length);
      ask.resetHistory();
      sgUnmap(sgMap(sg, at, local).value);
      sinon.assert.calledWithExactly(ask, sg.page!, offset + at, length - at);
      const asked = ask.callCount;
      expect(() => sgMap(sg, length, local)).to.throw(ViolationError, /sg-range/);
      expect(ask.callCount).to.equal(asked);
    }
  });

  it('takes the offset and the length of an entry for what they are, beyond 2 GiB too', () => {
    const direct = createMachine({ mode: 'direct', lowmemPages: 16, highmemPages: 16 });
    const local = kmapLocal(direct.task('driver'));
    const sg = entryOver(direct, 2, 0, PAGE);
    for (let i = 0; i < 2; i += 1) sgUnmap(sgMap(sg, 0, local).value);
    // The sum of both offsets is a page more than 4 GiB, which 32 bits cannot tell from a page.
    const raw = (length: number, offset: number): void => {
      sg.array.set(sg.slot, sg.page, length, offset, 'compatible');
    };
    raw(4 * PAGE, 2 ** 32 - PAGE);
    expect(violationOf(() => sgMap(sg, 2 * PAGE, local))).to.equal('sg-range');
    raw(4 * PAGE, 2 ** 31);
    expect(violationOf(() => sgMap(sg, 0, local))).to.equal('sg-range');
    raw(2 ** 31 + 8, 8);
    const m = sgMap(sg, 4, local).value;
    expect([m.page, m.pageOffset, m.length]).to.deep.equal([sg.page, 12, PAGE - 12]);
    sgUnmap(m);
    expect(direct.liveMappings).to.equal(0);
  });

  it('refuses an entry without a page', () => {
    const made = sgAllocTable<'highmem'>(1);
    if (!made.ok) throw new Error(made.error.code);
    expect(() => sgMap(made.value.sgl!, 0, kmapLocal(task))).to.throw(ViolationError, /sg-empty-entry/);
  });

  it('answers a full pool as an error, and the waiting form waits for it', () => {
    const [a, b] = [entryOver(machine, 1, 0, 8), entryOver(machine, 1, 0, 8)];
    const held = sgMap(a, 0, kmap(task));
    if (!held.ok) throw new Error(held.error.code);
    expect(sgMap(b, 0, kmap(task))).to.deep.equal({
      ok: false,
      error: { code: 'NoSlots', slots: 1, waiting: 0 },
    });
    const other = machine.task('waiter');
    const waiting = sgMapWait(b, 0, kmap(other));
    expect(waiting.next().done).to.equal(false);
    expect(other.asleepOn?.name).to.equal('kmap pool');
    sgUnmap(held.value);
    expect(other.asleepOn).to.equal(undefined);
    const woken = waiting.next();
    if (woken.done !== true) throw new Error('still asleep');
    expect(woken.value.value.page).to.equal(b.page);
    sgUnmap(woken.value.value);
  });

  it('answers what waiting cannot mend, and releases through the backend that mapped', () => {
    const sg = entryOver(machine, 1, 0, 8);
    const recording = recorder(kmap(task));
    const failing = faultInjection(recording, { failAt: 0 });
    expect(runAlone(task, sgMapWait(sg, 0, failing))).to.deep.equal({
      ok: false,
      error: { code: 'Injected', attempt: 0 },
    });
    const mapped = runAlone(task, sgMapWait(sg, 0, failing));
    if (!mapped.ok) throw new Error(mapped.error.code);
    sgUnmap(mapped.value);
    expect(recording.calls.map(({ call }) => call)).to.deep.equal(['map', 'unmap']);
  });

  it('never waits where the backend does not', () => {
    const sg = entryOver(machine, 1, 0, 8);
    const mapped = runAlone(task, sgMapWait(sg, 0, kmapLocal(task))).value;
    sgUnmap(mapped);
  });
});

describe('withMapping and using', () => {
  it('release once, in reverse order, also when the section throws', () => {
    const machine = createMachine();
    const task = machine.task();
    const recording = recorder(kmapLocal(task));
    const [a, b] = [entryOver(machine, 1, 0, 8), entryOver(machine, 1, 0, 16)];
    const use = sinon.spy(() => {
      throw new Error('section');
    });
    expect(() => withMapping(a, 0, recording, use)).to.throw('section');
    expect(use.callCount).to.equal(1);
    {
      using outer = sgMap(a, 0, recording).value;
      using inner = sgMap(b, 0, recording).value;
      inner.copyFrom(new Uint8Array(8).fill(outer.length));
    }
    expect(recording.calls.map(({ call, lengthBytes }) => `${call} ${String(lengthBytes)}`)).to.deep.equal([
      'map 8',
      'unmap 8',
      'map 8',
      'map 16',
      'unmap 16',
      'unmap 8',
    ]);
    machine.checkLeaks();
  });

  it('keep the report that ends the section, not one about its release', () => {
    const machine = createMachine();
    const task = machine.task();
    const [a, b] = [entryOver(machine, 1, 0, 8), entryOver(machine, 1, 0, 8)];
    expect(() =>
      withMapping(a, 0, kmapLocal(task), (m) => {
        sgMap(b, 0, kmapLocal(task));
        return m.load8(99);
      }),
    ).to.throw(ViolationError, /page-overrun/);
  });

  it('leave a mapping alone that the section released itself', () => {
    const machine = createMachine();
    const sg = entryOver(machine, 1, 0, 8);
    const answer = withMapping(sg, 0, kmapLocal(machine.task()), (m) => {
      sgUnmap(m);
      return 5;
    });
    expect(answer.value).to.equal(5);
  });
});

describe('sgUnmap in another context than the one that mapped', () => {
  for (const mode of ['checked', 'direct'] as const) {
    it(`${mode}: is reported for a local map, and the owner does not run meanwhile`, () => {
      const machine = createMachine({ mode });
      const [a, b] = [machine.task('a'), machine.task('b')];
      const sg = entryOver(machine, 1, 0, 64);
      // Once before, so that a token waits at the slot.
      sgUnmap(sgMap(sg, 0, kmapLocal(a)).value);
      const m = sgMap(sg, 0, kmapLocal(a)).value;
      machine.enter(b);
      expect(() => sgUnmap(m)).to.throw(
        ViolationError,
        /release by task "b" of a mapping that belongs to "a"|kunmap_local by task "b"/,
      );
      expect(machine.executing).to.equal(b);
      machine.interrupt('hardirq', () => {
        expect(() => sgUnmap(m)).to.throw(
          ViolationError,
          /by hardirq "hardirq" of a mapping that belongs to "a"/,
        );
      });
      machine.enter(a);
      sgUnmap(m);
      expect([machine.liveMappings, a.localMaps.idx, b.localMaps.idx]).to.deep.equal([0, 0, 0]);
    });
  }

  it('is right for a map that everybody may use', () => {
    const machine = createMachine({ vmallocPages: 8 });
    const [a, b] = [machine.task('a'), machine.task('b', { cpu: 1 })];
    const sg = entryOver(machine, 1, 0, 64);
    const pooled = sgMap(sg, 0, kmap(a));
    const mapped = sgMap(sg, 0, vmap(a));
    if (!pooled.ok || !mapped.ok) throw new Error('not mapped');
    machine.enter(b);
    sgUnmap(pooled.value);
    sgUnmap(mapped.value);
    expect([machine.executing, machine.liveMappings]).to.deep.equal([b, 0]);
  });
});
