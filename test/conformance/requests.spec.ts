/**
 * What the clauses ask of a backend: where they map, and which accessors they use there. A suite that no longer maps the
 * last byte of a page would pass a backend that goes wrong there.
 */
import { expect } from 'chai';
import type { Context } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Clause } from '../../lib/conformance/clause.ts';
import { afterUnmap } from '../../lib/conformance/after-unmap.ts';
import { contents } from '../../lib/conformance/contents.ts';
import { contexts } from '../../lib/conformance/contexts.ts';
import { everyFailure } from '../../lib/conformance/every-failure.ts';
import { exhaustion } from '../../lib/conformance/exhaustion.ts';
import { kindsAndErrors } from '../../lib/conformance/kinds-and-errors.ts';
import { nesting } from '../../lib/conformance/nesting.ts';
import { scope } from '../../lib/conformance/scope.ts';
import { SHAPES } from '../../lib/conformance/shapes.ts';
import type { Shape } from '../../lib/conformance/shapes.ts';
import { sideEffects } from '../../lib/conformance/side-effects.ts';
import { sleeping } from '../../lib/conformance/sleeping.ts';
import { spans } from '../../lib/conformance/spans.ts';
import { hostileShapes } from '../../lib/conformance/hostile-shapes.ts';
import { broken, failures } from './faulty.ts';

const ACCESSORS = ['load8', 'load16', 'load32', 'load64', 'store8', 'store16', 'store32', 'store64'] as const;

/** The different maps of the tests with these words, as `offset+length`, each with the accessors used on it. */
function requests(clause: Clause, words: RegExp): readonly string[] {
  const seen = new Map<string, Set<string>>();
  let counts = false;
  const subject = broken(
    (context: Context) => kmapLocal(context),
    (inner) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        if (!counts) return mapped;
        const where = `${String(offset)}+${String(length)}`;
        const used = seen.get(where) ?? new Set();
        seen.set(where, used);
        if (!mapped.ok) return mapped;
        const held = mapped.value;
        for (const name of ACCESSORS) {
          const right = held[name].bind(held) as (at: number, value?: unknown) => unknown;
          Object.defineProperty(held, name, {
            value: (at: number, value?: unknown) => {
              used.add(`${name}(${String(at)})`);
              return right(at, value);
            },
          });
        }
        return mapped;
      },
    }),
  );
  const path: string[] = [];
  const chosen: Clause = (given) => {
    clause({
      ...given,
      describe: (title, define) => {
        path.push(title);
        given.describe(title, define);
        path.pop();
      },
      it: (title, test) => {
        if (!words.test([...path, title].join(' > '))) return;
        counts = true;
        given.it(title, test);
        counts = false;
      },
    });
  };
  expect(failures(chosen, { ...subject, machine: { pageSize: 1024 } })).to.deep.equal([]);
  return [...seen].map(([where, used]) => [where, ...used].join(' '));
}

const ROWS: readonly (readonly [name: string, clause: Clause, tests: RegExp, asked: readonly string[]])[] = [
  [
    'contents',
    contents,
    /^checked > of highmem round trip through accessors/,
    [
      '0+1024 load8(0) load8(1023) load16(2) load32(4) load64(8) store8(1023) store16(0) store32(4) store64(8)',
      '104+64 load8(0) load8(63) load16(2) load32(4) load64(8) store8(63) store16(0) store32(4) store64(8)',
      '0+1 load8(0) store8(0)',
      '1023+1 load8(0) store8(0)',
      '1008+16 load8(0) load8(15) load16(2) load32(4) load64(8) store8(15) store16(0) store32(4) store64(8)',
    ],
  ],
  ['kinds and errors', kindsAndErrors, /^checked > (highmem|iomem)/, ['0+1', '16+1008', '0+8']],
  ['nesting', nesting, /^checked > highmem/, ['0+1024 load8(0)']],
  ['exhaustion', exhaustion, /^checked > highmem: 1 can/, ['0+16', '0+1024 load8(0)']],
  [
    'contexts',
    contexts,
    /^checked > .*highmem/,
    ['0+64 load8(4) store8(5)', '8+8 load8(0)', '0+1024 load8(0)'],
  ],
  ['sleeping', sleeping, /^checked > .*highmem/, ['0+16']],
  ['scope', scope, /highmem/, ['0+1024 load8(0) store8(0)', '0+64']],
  ['side effects', sideEffects, /^checked, PREEMPT >/, ['0+64']],
  [
    'spans',
    spans,
    /^checked > .*highmem/,
    [
      '100+924 load8(0) store8(923)',
      '1023+1 load8(0) store8(0)',
      '0+1024 load8(0) store8(1023)',
      '7+997 load8(0) store8(996)',
    ],
  ],
  [
    'after unmap',
    afterUnmap,
    /^checked > .*\(highmem\)/,
    [
      '32+16 load8(0) load16(0) load32(0) load64(0) store8(0) store16(0) store32(0) store64(0) load8(16) load8(-1) load8(1024) load16(16) load16(15) load16(-1) load16(1024) load32(16) load32(13) load32(14) load32(-1) load32(1024) load64(16) load64(9) load64(12) load64(-1) load64(1024) store8(16) store8(-1) store8(1024) store16(16) store16(15) store16(-1) store16(1024) store32(16) store32(13) store32(14) store32(-1) store32(1024) store64(16) store64(9) store64(12) store64(-1) store64(1024)',
    ],
  ],
  [
    'every failure',
    everyFailure,
    /^checked > sg(CopyToBuffer|CopyList) over highmem/,
    [
      '60+200',
      '924+100',
      '0+924',
      '1023+1',
      '17+300',
      '17+200',
      '217+100',
      '0+1',
      '1+100',
      '101+823',
      '0+823',
      '823+1',
      '17+100',
      '824+100',
      '117+200',
    ],
  ],
  [
    'hostile shapes',
    hostileShapes,
    /^checked > highmem: (offsets|empty)/,
    [
      '0+10',
      '5+1019',
      '0+5',
      '1023+1',
      '1+9',
      '512+9',
      '3+7',
      '5+508',
      '0+1',
      '5+9',
      '5+1010',
      '14+1010',
      '1015+5',
      '1020+4',
      '0+4',
      '4+5',
      '9+1',
      '10+20',
      '30+40',
      '11+9',
      '40+9',
      '69+1',
      '30+39',
      '13+17',
      '11+19',
      '30+11',
      '30+20',
      '50+20',
    ],
  ],
];

/** Each entry of a shape as `page@offset+length`, for pages of 1024 bytes. */
const ENTRIES: readonly (readonly [
  title: string,
  pages: number,
  layout: string,
  arraySlots: number | undefined,
  entries: readonly string[],
])[] = [
  ['an empty table', 1, 'contiguous', undefined, []],
  ['whole pages apart', 3, 'scattered', undefined, ['0@0+1024', '1@0+1024', '2@0+1024']],
  [
    'one-byte entries, at page ends too',
    3,
    'scattered',
    undefined,
    ['0@1023+1', '1@0+1', '2@5+1', '1@1023+1', '0@0+1'],
  ],
  ['entries that cross a page by a byte', 4, 'contiguous', undefined, ['0@1023+2', '2@1023+2']],
  ['offsets of a page and more', 4, 'contiguous', undefined, ['0@1024+10', '0@2053+1024', '1@1023+1']],
  ['a long entry from the middle of a page', 3, 'contiguous', undefined, ['0@700+2048']],
  [
    'empty entries at the start, in the middle and at the end',
    2,
    'scattered',
    undefined,
    ['0@0+0', '0@10+20', '1@1023+0', '1@3+0', '1@30+40', '0@100+0'],
  ],
  ['nothing but empty entries', 1, 'contiguous', undefined, ['0@8+0', '0@0+0']],
  ['chained arrays of two slots', 4, 'scattered', 2, ['0@0+512', '1@11+513', '2@22+514', '3@33+515']],
];

describe('what the clauses ask', () => {
  for (const [name, clause, tests, asked] of ROWS) {
    it(`of a backend: ${name}`, () => {
      expect(requests(clause, tests)).to.deep.equal(asked);
    });
  }

  it('of lists: these shapes', () => {
    const entry = ({ page, offset, lengthBytes }: ReturnType<Shape['segments']>[number]): string =>
      `${String(page)}@${String(offset)}+${String(lengthBytes)}`;
    expect(
      SHAPES.map(({ title, pages, layout, arraySlots, segments }) => [
        title,
        pages,
        layout,
        arraySlots,
        segments(1024).map(entry),
      ]),
    ).to.deep.equal(ENTRIES);
  });
});
