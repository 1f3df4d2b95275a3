import { expect } from 'chai';
import { auditPort, countSites, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { SiteVerdict } from 'scatterlist/ports';
import type { Page } from 'scatterlist';
import { LOADED } from './page-port.ts';

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
    expect(served).to.deep.equal(['io-access', 'iomem-bounce']);
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

  it('finds what an interrupt handler uses, the order of release, and what breaks in any case', () => {
    expect(site('used by a handler').isLocal).to.equal(false);
    const older = site('older first').fits.find(({ backend }) => backend === 'kmap_local');
    expect(older?.because).to.be.a('string');
    expect(auditPort(LOADED, 'past the end').faults.join()).to.contain('page-overrun');
  });
});
