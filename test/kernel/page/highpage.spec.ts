import { expect } from 'chai';
import {
  clearHighpage,
  clearUserHighpage,
  clearUserHighpages,
  copyHighpage,
  copyMcHighpage,
  copyMcUserHighpage,
  copyUserHighpage,
} from 'scatterlist/machine';
import { PAGE, REACH, setUp, contents, flushed, maps } from './folio-fixture.ts';
import { inMemory, storeDirty } from '../dirty-line.ts';
import { violationOf } from '../violations.ts';

const zeroes = (length: number): Uint8Array => new Uint8Array(length);

describe('whole pages', () => {
  for (const [reach, options] of Object.entries(REACH)) {
    it(`are copied, ${reach}`, () => {
      for (const copy of [copyHighpage, copyUserHighpage]) {
        const { machine, task, low, high } = setUp(options);
        copy(task, high.page(1), low.page(2));
        expect(machine.physical(high.page(1))).to.deep.equal(machine.physical(low.page(2)));
        expect(flushed(machine)).to.deep.equal([]);
      }
    });

    it(`are cleared, ${reach}`, () => {
      const { machine, task, low, high } = setUp(options);
      const was = contents(machine, low);
      clearHighpage(task, low.page(1));
      expect(contents(machine, low)).to.deep.equal(was.fill(0, PAGE, 2 * PAGE));
      clearUserHighpage(task, high.page(1));
      expect(contents(machine, high).subarray(PAGE, 2 * PAGE)).to.deep.equal(zeroes(PAGE));
      expect(machine.physical(high.page(2))).to.not.deep.equal(zeroes(PAGE));
      clearUserHighpages(task, high.page(1), 3);
      expect(contents(machine, high).subarray(PAGE)).to.deep.equal(zeroes(3 * PAGE));
      expect(machine.physical(high.head)).to.not.deep.equal(zeroes(PAGE));
      expect(task.localMaps.idx).to.equal(0);
    });
  }

  it('are mapped source first, target released first', () => {
    const { machine, task, low, high } = setUp();
    copyHighpage(task, high.head, low.head);
    const [to, from] = [String(high.head.pfn), String(low.head.pfn)];
    expect(maps(machine)).to.deep.equal([`map ${from}`, `map ${to}`, `unmap ${to}`, `unmap ${from}`]);
  });
});

describe('pages whose memory failed', () => {
  for (const copy of [copyMcHighpage, copyMcUserHighpage]) {
    it(`are copied up to the failed line by ${copy.name}, which says how much is missing`, () => {
      const { machine, task, low, high } = setUp();
      machine.memoryErrors.poison(low.page(1), 130);
      machine.memoryErrors.poison(low.page(1), 70);
      const was = contents(machine, high);
      const result = copy(task, high.head, low.page(1));
      expect(result).to.deep.equal({
        ok: false,
        error: { code: 'MemoryFailure', pfn: low.page(1).pfn, bytesNotCopied: PAGE - 64 },
      });
      was.set(contents(machine, low).subarray(PAGE, PAGE + 64));
      expect(contents(machine, high)).to.deep.equal(was);
      expect(machine.memoryErrors.reported).to.deep.equal([low.page(1).pfn]);
      expect(task.localMaps.idx).to.equal(0);
    });

    it(`are copied whole by ${copy.name} where nothing failed`, () => {
      const { machine, task, low, high } = setUp();
      machine.memoryErrors.poison(low.page(2), 0);
      expect(copy(task, high.head, low.page(1)).ok).to.equal(true);
      expect(machine.physical(high.head)).to.deep.equal(machine.physical(low.page(1)));
      expect(machine.memoryErrors.reported).to.deep.equal([]);
    });
  }

  it('are a violation for everybody else', () => {
    const { machine, task, low, high } = setUp();
    machine.memoryErrors.poison(low.head, 255);
    expect(
      violationOf(() => {
        copyHighpage(task, high.head, low.head);
      }),
    ).to.equal('poison-consumed');
  });
});

describe('whole pages of a user, where the data cache has aliases', () => {
  it('are read as the user wrote them, and are in memory when they were written', () => {
    for (const [dcacheColours, expected] of [
      [1, 0],
      [4, 7],
    ] as const) {
      const { machine, task, low, high } = setUp({ dcacheColours });
      machine.physical(low.page(0)).fill(0);
      storeDirty(machine, low.page(0), 3 * PAGE, 7);
      copyUserHighpage(task, high.page(0), low.page(0));
      expect(inMemory(machine, low.page(0)), String(dcacheColours)).to.equal(expected);
      if (dcacheColours === 1) continue;
      expect(inMemory(machine, high.page(0))).to.equal(7);
      clearUserHighpage(task, high.page(0));
      expect(inMemory(machine, high.page(0))).to.equal(0);
    }
  });
});
