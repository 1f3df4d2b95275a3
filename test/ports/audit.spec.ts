import { expect } from 'chai';
import { COLUMNS, auditPort, countSites, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { SiteVerdict } from 'scatterlist/ports';
import type { Page, Task } from 'scatterlist';
import {
  clearHighpage,
  copyHighpage,
  folioFillTail,
  memcpyFolio,
  memcpyFromFileFolio,
  memcpyFromFolio,
  memcpyFromPage,
  memcpyPage,
  memcpyToFolio,
  memcpyToPage,
  memsetPage,
  memzeroPage,
} from 'scatterlist/machine';
import { CONTENT, LOADED } from './page-port.ts';

function site(variant: string): SiteVerdict {
  const [first] = auditPort(LOADED, variant).sites;
  if (first === undefined) throw new Error('no site');
  return first;
}

describe('the audit of a port', () => {
  it('finds a section that any address of its CPU serves, and names the cheapest', () => {
    const { needs, isLocal, fits } = site('original');
    expect([isLocal, needs.heldAtOnce, needs.maps]).to.deep.equal([true, 1, 4]);
    expect(needs.kinds).to.deep.equal(['highmem', 'lowmem', 'iomem', 'protected']);
    // Device memory and protected pages leave one backend that reaches them all.
    const served = fits.filter(({ because }) => because === undefined).map(({ backend }) => backend);
    expect(served).to.deep.equal(['io_access', 'iomem_bounce']);
  });

  /** A port that copies into a page; its address also goes to another task, or does not. */
  const port = (goesElsewhere: boolean) =>
    definePort<{
      page: Page;
      content: Uint8Array;
      address: { copyFrom(bytes: Uint8Array): void } | undefined;
      done: boolean;
    }>({
      name: 'changed',
      follows: 'no file',
      about: 'copies',
      memory: ['highmem'],
      mostBytes: 64,
      setup: ({ machine, memory, content }) => {
        const [page] = takePages(machine, memory, 1);
        if (page === undefined) throw new Error('no page');
        return { page, content, address: undefined, done: false };
      },
      variants: {
        original: {
          about: 'copies',
          linux: 'none',
          tasks: {
            *copy(env) {
              const mapped = yield* env.backend.mapWait(env.page, 0, env.content.length);
              if (!mapped.ok) return mapped;
              if (goesElsewhere) env.address = mapped.value;
              else mapped.value.copyFrom(env.content);
              while (goesElsewhere && !env.done) yield;
              env.backend.unmap(mapped.value);
              return undefined;
            },
            *other(env) {
              while (goesElsewhere && env.address === undefined) yield;
              env.address?.copyFrom(env.content);
              env.done = true;
            },
          },
        },
      },
      verify: ({ machine, page, content }) => sameBytes(content, machine.physical(page), 'the page'),
    });
  const bestOf = async (goesElsewhere: boolean): Promise<unknown> => {
    const loaded = await port(goesElsewhere).load({ name: 'x', content: Uint8Array.of(1, 2, 3) });
    const { sites, faults } = auditPort(loaded, 'original');
    return [
      sites[0]?.isLocal,
      sites[0]?.best,
      sites[0]?.needs.usedBy,
      faults,
      countSites([{ ...auditPort(loaded, 'original') }]),
    ];
  };

  it('changes its verdict if the address goes to another task', async () => {
    expect(await bestOf(false)).to.deep.equal([true, 'kmap_local', [], [], { local: 1, global: 0 }]);
    expect(await bestOf(true)).to.deep.equal([false, 'kmap', ['task "other"'], [], { local: 0, global: 1 }]);
  });

  it('tells the memory that the driver took, not the memory that it was run with', async () => {
    const owned = definePort({
      name: 'owned',
      follows: 'no file',
      about: 'copies into a page of its own',
      memory: ['highmem', 'lowmem'],
      setup: ({ machine, content }) => ({ page: machine.allocPage({ zone: 'lowmem' }), content }),
      variants: {
        original: {
          about: 'copies',
          linux: 'none',
          tasks: {
            *copy({ backend, page, content }) {
              const mapped = yield* backend.mapWait(page, 0, content.length);
              if (!mapped.ok) return mapped;
              mapped.value.copyFrom(content);
              backend.unmap(mapped.value);
              return undefined;
            },
          },
        },
      },
      verify: ({ machine, page, content }) => sameBytes(content, machine.physical(page), 'the page'),
    });
    const [only] = auditPort(await owned.load({ name: 'test', content: CONTENT }), 'original').sites;
    expect([only?.needs.kinds, only?.best]).to.deep.equal([['lowmem'], 'page_address']);
  });

  it('says what a conversion to the best backend has to add', () => {
    const { pageFaults, adds, best } = site('from a user');
    expect([pageFaults.relied, adds, best]).to.deep.equal(['yes', ['pagefault_disable'], 'io_access']);
    expect(site('original').adds).to.deep.equal([]);
    const highmem = { ...LOADED, port: { ...LOADED.port, memory: ['highmem'] as const } };
    const addsOf = (backend: string): unknown => {
      const columns = COLUMNS.filter(({ contract }) => contract.name === backend);
      const [only] = auditPort(highmem, 'from a user', columns).sites;
      return [only?.best, only?.adds];
    };
    expect(addsOf('kmap_local')).to.deep.equal(['kmap_local', ['pagefault_disable']]);
    expect(addsOf('kmap_atomic')).to.deep.equal(['kmap_atomic', []]);
    expect(addsOf('page_address')).to.deep.equal([undefined, []]);
  });

  it('finds a section that relies on preemption being off, which a conversion to kmap_local breaks', () => {
    const highmem = { ...LOADED, port: { ...LOADED.port, memory: ['highmem'] as const } };
    const { sites, faults } = auditPort(highmem, 'reads its CPU');
    const [first] = sites;
    expect([first?.preemption.relied, first?.best, faults]).to.deep.equal(['yes', 'kmap_atomic', []]);
    expect(auditPort(highmem, 'reads its CPU unmapped').faults.join()).to.contain('preemptible-cpu');
  });

  it('knows a copy helper, and a variant that maps no page', () => {
    const { steps } = auditPort(LOADED, 'original');
    expect(steps.filter(({ isHelped }) => isHelped).map(({ variant }) => variant)).to.deep.equal([
      'copy helper',
    ]);
    expect(steps.filter(({ mapsNothing }) => mapsNothing).map(({ variant }) => variant)).to.deep.equal([
      'no map',
    ]);
    expect(site('copy helper').needs.isHelper).to.equal(true);
    expect(auditPort(LOADED, 'no map').sites).to.deep.equal([]);
  });

  const helpers: Readonly<Record<string, (task: Task, to: Page, from: Page) => void>> = {
    memcpyPage: (task, to, from) => {
      memcpyPage(task, to, 0, from, 0, 8);
    },
    memcpyFromPage: (task, _, from) => {
      memcpyFromPage(task, new Uint8Array(8), from, 0);
    },
    memcpyToPage: (task, to) => {
      memcpyToPage(task, to, 0, new Uint8Array(8));
    },
    memsetPage: (task, to) => {
      memsetPage(task, to, 0, 1, 8);
    },
    memzeroPage: (task, to) => {
      memzeroPage(task, to, 0, 8);
    },
    copyHighpage,
    clearHighpage,
    memcpyFolio: (task, to, from) => {
      memcpyFolio(task, task.machine.folios.of(to), 0, task.machine.folios.of(from), 0, 8);
    },
    memcpyFromFolio: (task, _, from) => {
      memcpyFromFolio(task, new Uint8Array(8), task.machine.folios.of(from), 0);
    },
    memcpyToFolio: (task, to) => {
      memcpyToFolio(task, task.machine.folios.of(to), 0, new Uint8Array(8));
    },
    memcpyFromFileFolio: (task, _, from) => {
      memcpyFromFileFolio(task, new Uint8Array(8), task.machine.folios.of(from), 0);
    },
    folioFillTail: (task, to) => {
      folioFillTail(task, task.machine.folios.of(to), 0, new Uint8Array(8));
    },
  };
  for (const [name, help] of Object.entries(helpers))
    it(`knows ${name} as a helper, after which the driver holds no mapping`, async () => {
      const helped = definePort({
        name: 'helped',
        follows: 'no file',
        about: 'calls a helper',
        memory: ['highmem'],
        setup: ({ machine, memory }) => ({ pages: takePages(machine, memory, 2) }),
        variants: {
          original: {
            about: 'calls it',
            linux: 'none',
            usesBackend: false,
            tasks: {
              *call({ task, pages: [to, from] }) {
                if (to !== undefined && from !== undefined) help(task, to, from);
              },
            },
          },
        },
        verify: () => ({ verifiedBytes: 8 }),
      });
      const { sites } = auditPort(await helped.load({ name: 'test', content: CONTENT }), 'original');
      expect(sites.map(({ needs }) => [needs.isHelper, needs.mechanism])).to.deep.equal([
        [true, 'kmap_local'],
      ]);
    });

  it('finds what an interrupt handler uses, the order of release, and what breaks in any case', () => {
    expect(site('used by a handler').isLocal).to.equal(false);
    const older = site('older first').fits.find(({ backend }) => backend === 'kmap_local');
    expect(older?.because).to.be.a('string');
    expect(auditPort(LOADED, 'past the end').faults.join()).to.contain('page-overrun');
  });
});
