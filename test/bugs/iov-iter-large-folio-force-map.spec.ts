import { virtAddr } from 'scatterlist';
import { folioTestPartialKmap, kmapLocalFolio, kunmapLocal } from 'scatterlist/machine';
import type { Folio, Machine } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The copy into a folio of several pages stops at each page end where the folio is in highmem. A debug
// option maps lowmem through slots too, and then the copy runs over the end of a one-page map; the unmap
// by the address it ended at names another page. (Linux 6.6 to 6.11; CVE-2024-50222, c749d9b7ebbc)
//
// Oracle: an access behind the end of a mapping; an unmap with an address that no map returned.

const PAGE = 256;
const FROM = 200;
const BYTES = 300;

type Limit = (machine: Machine, folio: Folio) => boolean;
const whereHighmem: Limit = (machine, folio) => machine.hardware.memory.isHighmem(folio.head);

interface Shared {
  readonly folio: Folio;
}

interface Variant {
  readonly limit: Limit;
  readonly zone: 'lowmem' | 'highmem';
  readonly forceMap: boolean;
  /** Let the overrun go, as a kernel does. */
  readonly lenient?: boolean;
}

function program({ limit, zone, forceMap, lenient = false }: Variant): Program<Shared> {
  return {
    machine: { cpus: 1, pageSize: PAGE, forceMap },
    setup: (machine) => {
      const [head] = machine.allocPages<'lowmem' | 'highmem'>(2, { zone });
      return { folio: machine.folios.compound(head!, 2) };
    },
    tasks: {
      *writer({ task, folio }) {
        for (let at = FROM; at < FROM + BYTES;) {
          const left = FROM + BYTES - at;
          const bytes = limit(task.machine, folio) ? Math.min(left, PAGE - (at % PAGE)) : left;
          const m = kmapLocalFolio(task, folio, at);
          if (!lenient) m.fill(7, 0, bytes);
          kunmapLocal(task, lenient ? virtAddr(m.vaddr + bytes - 1) : m);
          at += bytes;
          yield;
        }
      },
    },
    check: ({ memory, folio }) => lenient || memory.load8(folio.page(1), FROM + BYTES - PAGE - 1) === 7,
  };
}

describe('iov-iter-large-folio-force-map', () => {
  it('is right in highmem, and in lowmem without the option', () => {
    expectExhausted(program({ limit: whereHighmem, zone: 'highmem', forceMap: false }));
    expectExhausted(program({ limit: whereHighmem, zone: 'lowmem', forceMap: false }));
  });

  it('writes behind a forced map of lowmem', () => {
    expectFound(program({ limit: whereHighmem, zone: 'lowmem', forceMap: true }), 'page-overrun');
  });

  it('unmaps by an address in another page', () => {
    expectFound(
      program({ limit: whereHighmem, zone: 'lowmem', forceMap: true, lenient: true }),
      'unmap-address',
    );
  });

  for (const [zone, forceMap] of [
    ['highmem', false],
    ['lowmem', false],
    ['lowmem', true],
  ] as const) {
    it(`is sound with the limit wherever maps are real: ${zone}${forceMap ? ', forced' : ''}`, () => {
      expectExhausted(program({ limit: folioTestPartialKmap, zone, forceMap }));
    });
  }
});
