import { expect } from 'chai';
import { err } from 'scatterlist';
import type { Contract } from 'scatterlist';
import { KMAP, KMAP_ATOMIC, KMAP_LOCAL, PAGE_ADDRESS } from 'scatterlist/backends';
import { UserSpace, copyFromUser, resolveConfig } from 'scatterlist/machine';
import { defineMatrix, definePort, rowsOf, runRow, sameBytes } from 'scatterlist/ports';
import type { Needs } from 'scatterlist/ports';
import { besideOf, conflictsOf, expectationOf } from '../../lib/ports/expectation.ts';

const EASY: Needs = {
  site: undefined,
  mechanism: undefined,
  maps: 1,
  kinds: ['highmem'],
  contexts: ['task'],
  isAtomic: false,
  pages: 1,
  heldAtOnce: 1,
  heldOfBackendAtOnce: 1,
  isReleasedInOrder: true,
  usedBy: [],
  isUsedOnOtherCpu: false,
  sleptOn: [],
  isFaulting: false,
  isHelper: false,
  userTouches: [],
  isPreemptible: true,
  readsCpu: false,
  preemptedBy: [],
};

const config = resolveConfig({ pkmapSlots: 4 });
const because = (contract: Contract, needs: Partial<Needs>): readonly string[] =>
  conflictsOf(contract, { ...EASY, ...needs }, config).map((conflict) => conflict.because);

describe('expectationOf', () => {
  it('has nothing against a port that asks for no more than a contract has', () => {
    for (const contract of [KMAP, KMAP_ATOMIC, KMAP_LOCAL]) expect(because(contract, {})).to.deep.equal([]);
  });

  const cases: readonly (readonly [Contract, Partial<Needs>, string])[] = [
    [PAGE_ADDRESS, {}, 'the contract says that it cannot reach highmem pages'],
    [KMAP, { contexts: ['hardirq'] }, 'the port maps in hardirq context, the contract maps in task only'],
    [
      KMAP,
      { isAtomic: true },
      'the port maps in an atomic section, the contract needs a task that may sleep',
    ],
    [
      KMAP_ATOMIC,
      { sleptOn: ['a socket'] },
      "the port sleeps on a socket while a page is mapped, and the contract's map disables preemption",
    ],
    [
      KMAP_ATOMIC,
      { isFaulting: true },
      "a page of a user is not present while a page is mapped, and the contract's map disables page faults",
    ],
    [
      KMAP_LOCAL,
      { usedBy: ['hardirq "isoc"'] },
      'hardirq "isoc" uses a mapping of another context, the contract\'s mappings belong to a task',
    ],
    [
      KMAP_LOCAL,
      { isReleasedInOrder: false },
      'the port releases an older mapping first, the contract releases the newest first',
    ],
    [KMAP, { heldAtOnce: 5 }, 'the port holds 5 mappings at once, the contract allows 4'],
    [
      KMAP_LOCAL,
      { heldAtOnce: 99 },
      `the port holds 99 mappings at once, the contract allows ${String(config.kmMaxIdx)}`,
    ],
    [KMAP, { pages: 2 }, 'the port maps 2 pages at once, a mapping of this contract is within one'],
  ];
  for (const [contract, needs, sentence] of cases)
    it(`${contract.name}: ${sentence}`, () => {
      expect(because(contract, needs)).to.deep.equal([sentence]);
    });

  it("counts the port's own mappings toward a limit of the machine, not toward the backend's own", () => {
    const own: Contract = { ...KMAP_LOCAL, nesting: { order: 'lifo', limitedBy: 2, beyond: 'NoSlots' } };
    expect(because(own, { heldAtOnce: 3, heldOfBackendAtOnce: 2 })).to.deep.equal([]);
    expect(because(own, { heldAtOnce: 3, heldOfBackendAtOnce: 3 })).to.have.length(1);
    expect(because(KMAP, { heldAtOnce: 5, heldOfBackendAtOnce: 4 })).to.have.length(1);
  });

  it('looks only at mappings of the backend under test', () => {
    const observed = { needs: [{ ...EASY, mechanism: 'vmap', contexts: ['hardirq' as const] }] };
    expect(expectationOf(KMAP, observed, config).result).to.equal('verified');
  });

  it('counts highmem pages as lowmem pages on a kernel without HIGHMEM', () => {
    const without = resolveConfig({ highmem: false });
    expect(expectationOf(PAGE_ADDRESS, { needs: [EASY] }, without).result).to.equal('verified');
    expect(expectationOf(PAGE_ADDRESS, { needs: [EASY] }, config).result).to.equal('refused');
  });

  it('expects what the port does wrong by itself', () => {
    const violation = {
      rule: 'range-overrun',
      severity: 'bug',
      what: 'four bytes too many',
      context: undefined,
      mapping: undefined,
      details: [],
      foundAt: undefined,
    } as const;
    expect(expectationOf(KMAP, { needs: [EASY], violation }, config)).to.deep.include({
      result: 'violation',
      because: 'the port breaks range-overrun where every mapping is allowed: four bytes too many',
    });
    const error = { code: 'OutOfRange', haveBytes: 1, wantBytes: 2 } as const;
    expect(expectationOf(KMAP, { needs: [EASY], error }, config).result).to.equal('refused');
  });

  it('lets a port call copy_from_user where page faults are disabled, as long as none happens', () => {
    const copies = { sleptOn: ['copy_from_user'] };
    expect(because(KMAP_ATOMIC, copies)).to.deep.equal([]);
    expect(because({ ...KMAP_ATOMIC, disables: ['preemption'] }, copies)).to.have.length(1);
  });

  for (const isPresent of [true, false])
    it(`says what each backend does with a user's page that is ${isPresent ? '' : 'not '}present`, async () => {
      const port = definePort({
        name: 'user copy',
        follows: 'no file',
        about: 'copies the input from a user',
        memory: ['highmem', 'lowmem'],
        setup: ({ machine, memory, content }) => {
          const [page, own] = machine.allocPages(2, { zone: memory });
          if (page === undefined || own === undefined) throw new Error('no pages');
          machine.physical(own).set(content);
          const user = new UserSpace(machine, {
            *handleFault() {
              return own;
            },
          });
          if (isPresent) user.map(0x1000, own);
          return { page, user, content };
        },
        variants: {
          original: {
            about: 'for a test',
            linux: 'none',
            tasks: {
              *copy({ backend, task, page, user, content }) {
                const mapped = yield* backend.mapWait(page, 0, content.length);
                if (!mapped.ok) return mapped;
                const to = { mapping: mapped.value, offset: 0, length: content.length };
                const bytesNotCopied = yield* copyFromUser(task, to, user, 0x1000);
                backend.unmap(mapped.value);
                return bytesNotCopied === 0
                  ? undefined
                  : err({ code: 'BadAddress', address: 0x1000, bytesNotCopied });
              },
            },
          },
        },
        verify: ({ machine, page, content }) => sameBytes(content, machine.physical(page), 'the page'),
      });
      const matrix = defineMatrix({ ports: [port] });
      const loaded = await port.load({ name: 'test', content: Uint8Array.of(1, 2, 3) });
      for (const row of rowsOf(matrix))
        for (const cell of runRow(matrix, row, loaded)) {
          expect(cell.isExpected, `${cell.configuration} ${cell.column.contract.name}`).to.equal(true);
          if (cell.column.contract === KMAP_ATOMIC)
            expect(cell.outcome.result).to.equal(isPresent ? 'verified' : 'refused');
        }
    });
});

describe('besideOf', () => {
  const rulesOf = (contract: Contract, heldAtOnce: number, held: number): readonly (readonly string[])[] =>
    besideOf(contract, [{ ...EASY, heldAtOnce }], held, config).map(({ rules = [] }) => rules);

  it('expects a deadlock in a pool only where both users hold a page while they wait for another', () => {
    expect(rulesOf(KMAP, 2, 2)).to.deep.equal([['deadlock']]);
    expect([rulesOf(KMAP, 1, 2), rulesOf(KMAP, 2, 1), rulesOf(KMAP, 1, 1)]).to.deep.equal([[[]], [[]], [[]]]);
  });

  it('expects nothing where each user has slots of its own, or needs none', () => {
    for (const contract of [KMAP_LOCAL, KMAP_ATOMIC, PAGE_ADDRESS])
      expect(rulesOf(contract, 2, 2)).to.deep.equal([]);
  });

  it('leaves out sites that map by themselves', () => {
    expect(besideOf(KMAP, [{ ...EASY, mechanism: 'vmap', heldAtOnce: 2 }], 2, config)).to.deep.equal([]);
  });
});
