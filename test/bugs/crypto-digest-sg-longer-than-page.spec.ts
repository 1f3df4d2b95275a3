import type { SgTable } from 'scatterlist';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Task } from 'scatterlist/machine';
import { tableOf } from './components/table-of.ts';
import { expectExhausted, expectFound } from './support.ts';

// The update loop of a digest maps the page of each entry once and reads the whole entry through it.
// Entries that were merged are longer than a page. (Linux up to 2.6.7-rc2, June 2004; linux-history
// 1e4b22635d)
//
// Oracle: an access behind the end of a mapping; of the fixed loop, the digest.

type Entry = readonly [offset: number, lengthBytes: number];
type Update = (digest: number, bytes: Uint8Array) => number;
interface Shared {
  readonly table: SgTable<'highmem'>;
  readonly state: { expected: number };
}

const update: Update = (digest, bytes) => bytes.reduce((sum, byte) => (sum * 31 + byte) % 65521, digest);

function wholeEntries(task: Task, table: SgTable): number {
  let digest = 1;
  for (const sg of table) {
    const m = kmapLocalPage(task, sg.page!);
    const bytes = new Uint8Array(sg.length);
    m.copyTo(bytes, sg.offset);
    digest = update(digest, bytes);
    kunmapLocal(task, m);
  }
  return digest;
}

function pageByPage(task: Task, table: SgTable): number {
  const { pageSize, hardware } = task.machine;
  let digest = 1;
  for (const sg of table) {
    const end = sg.offset + sg.length;
    for (let at = sg.offset; at < end;) {
      const inPage = at % pageSize;
      const bytes = new Uint8Array(Math.min(end - at, pageSize - inPage));
      const m = kmapLocalPage(task, hardware.memory.nthPage(sg.page!, Math.floor(at / pageSize)));
      m.copyTo(bytes, inPage);
      kunmapLocal(task, m);
      digest = update(digest, bytes);
      at += bytes.length;
    }
  }
  return digest;
}

function program(digestOf: typeof pageByPage, entries: readonly Entry[]): Program<Shared> {
  return {
    machine: { cpus: 1, pageSize: 256 },
    setup: (machine) => {
      let expected = 1;
      const made = entries.map(([offset, lengthBytes]) => {
        const pages = machine.allocPages(3, { zone: 'highmem' });
        const run = Uint8Array.from({ length: 3 * 256 }, (_, at) => (at * 7) % 251);
        for (const [n, page] of pages.entries())
          machine.physical(page).set(run.subarray(n * 256, (n + 1) * 256));
        expected = update(expected, run.subarray(offset, offset + lengthBytes));
        return [pages[0]!, lengthBytes, offset] as const;
      });
      return { table: tableOf(made), state: { expected } };
    },
    tasks: {
      *digest({ task, table }) {
        yield;
        return digestOf(task, table);
      },
    },
    check: ({ results, state }) => results['digest'] === state.expected,
  };
}

const WITHIN: Entry = [10, 200];
const MERGED: Entry = [200, 400];
const BEYOND: Entry = [300, 20];

describe('crypto-digest-sg-longer-than-page', () => {
  it('is right while entries lie in one page', () => {
    expectExhausted(program(wholeEntries, [WITHIN, WITHIN]));
  });

  it('reads behind the page of an entry that was merged', () => {
    expectFound(program(wholeEntries, [WITHIN, MERGED]), 'page-overrun');
  });

  it('reads behind the page of an entry whose offset is not in its first page', () => {
    expectFound(program(wholeEntries, [BEYOND]), 'page-overrun');
  });

  it('is sound page by page, the offset applied once', () => {
    expectExhausted(program(pageByPage, [WITHIN, MERGED, BEYOND]));
  });
});
