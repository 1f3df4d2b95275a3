import { expect } from 'chai';
import fc from 'fast-check';
import { ADVICE, fixFor, inLinux } from '../../../../lib/cli/check/advice.ts';
import { MAPS, PAGE_TABLE_MAPS } from '../../../../lib/cli/check/contracts/contract.ts';
import type { Finding } from '../../../../lib/cli/check/judge.ts';
import { mailText } from '../../../../lib/cli/check/report/mail.ts';
import { findingLines } from '../../../../lib/cli/check/report/text.ts';

const FINDING: Finding = {
  rule: 'leak',
  function: 'fill',
  lines: [1, 9],
  line: 6,
  mapLine: 3,
  sureness: 'error',
  because: 'other ways unmap it, in line 8',
  bites: 'highmem',
  bitesBecause: undefined,
  says: 'kmap_local_page(page) of line 3 has no kunmap_local on the way out in line 6',
  variant: undefined,
  unmap: 'kunmap_local',
  path: [
    { line: 3, text: 'kmap_local_page maps page' },
    { line: 5, text: 'length > 100 is true' },
  ],
};

const words = fc
  .array(fc.stringMatching(/^[a-z_()&.>-]{1,30}$/), { minLength: 1, maxLength: 30 })
  .map((all) => all.join(' '));
const finding = fc
  .record({
    line: fc.integer({ min: 1, max: 40 }),
    says: words,
    because: words,
    function: fc.stringMatching(/^[a-z_]{1,60}$/),
    bites: fc.constantFrom('all', 'highmem', 'x86-32', 'letter'),
    path: fc.array(fc.record({ line: fc.integer({ min: 1, max: 40 }), text: words }), { maxLength: 20 }),
  })
  .map((each): Finding => ({
    ...FINDING,
    ...each,
    bitesBecause: each.bites === 'letter' ? 'nothing is highmem' : undefined,
  }));

describe('a finding as text', () => {
  it('is as wide as a terminal at most, and a mail as a mail', () => {
    const lines = Array.from({ length: 40 }, (_, at) => `\t\t${'x = y + '.repeat(at)}z;`);
    fc.assert(
      fc.property(finding, (each) => {
        for (const line of findingLines('drivers/net/ethernet/vendor/driver/very_long_name.c', each, lines))
          expect(line.length, line).to.be.at.most(80);
        for (const line of mailText('drivers/net/ethernet/vendor/driver/name.c', each).split('\n'))
          expect(line.length, line).to.be.at.most(72);
      }),
    );
  });

  it('shows the line, the way there, and how many steps are left out', () => {
    const path = Array.from({ length: 10 }, (_, at) => ({ line: at + 1, text: `step ${String(at + 1)}` }));
    const text = findingLines('a.c', { ...FINDING, path }, ['', '', '', '', '', '\treturn -EINVAL;']);
    expect(text).to.include('      6 | return -EINVAL;');
    expect(text)
      .to.include('    (2 steps before)')
      .and.to.include('    10: step 10')
      .and.not.to.include('    2: step 2');
    expect(findingLines('a.c', { ...FINDING, path: path.slice(1) }, [])).to.include('    (1 step before)');
    expect(findingLines('a.c', { ...FINDING, path: [] }, [])).not.to.include('  the way there:');
  });

  it('says on which kernels it does harm, and why on none', () => {
    const harm = (to: Partial<Finding>): string =>
      findingLines('a.c', { ...FINDING, ...to }, [])
        .join(' ')
        .replaceAll(/ +/g, ' ');
    expect(harm({})).to.include('harm: kernels with HIGHMEM: one of the 16 slots');
    expect(harm({ bites: 'all' })).to.include('harm: every kernel: ');
    expect(harm({ bites: 'x86-32' })).to.include('harm: 32-bit x86');
    expect(harm({ bites: 'letter', bitesBecause: 'arch/alpha has no HIGHMEM' })).to.include(
      'harm: none today, because arch/alpha has no HIGHMEM; for a highmem page it would be: one of the 16 slots',
    );
  });
});

describe('a finding as a mail', () => {
  it('has all that it needs in sentences', () => {
    expect(mailText('drivers/fill.c', FINDING).replaceAll('\n', ' ')).to.equal(
      'In drivers/fill.c, fill(): kmap_local_page(page) of line 3 has no kunmap_local on the way out in line 6. ' +
        'Other ways unmap it, in line 8. The way there: kmap_local_page maps page (line 3), then length > 100 is true (line 5). ' +
        'This does harm on kernels with HIGHMEM: one of the 16 slots of the task stays taken, and the next unmap in this ' +
        'task finds another mapping than its own. To mend it, call kunmap_local on this way out as well.',
    );
  });

  it('says that it does none where it does none', () => {
    const text = mailText('a.c', { ...FINDING, bites: 'letter', bitesBecause: 'arch/alpha has no HIGHMEM' });
    expect(text.replaceAll('\n', ' ')).to.include('Harm: none today, because arch/alpha has no HIGHMEM; ');
  });
});

describe('advice', () => {
  it('names the unmap of each map, and no place for a name is left', () => {
    const variants = [
      'page given',
      'another page',
      'not mapped',
      'mapped elsewhere',
      'overwritten',
      'folio',
      'unmapped as atomic',
      'another slot',
      'relied on',
    ] as const;
    const rules = Object.keys(ADVICE).flatMap((name) => (isRule(name) ? [name] : []));
    for (const { unmap } of [...MAPS, ...PAGE_TABLE_MAPS])
      for (const rule of rules)
        for (const variant of [undefined, ...variants])
          for (const text of [inLinux({ rule, variant, unmap }), fixFor({ rule, variant, unmap })])
            expect(text)
              .to.match(/^[a-z_]/i)
              .and.not.to.match(/UNMAP|undefined|\.$/);
    expect(fixFor({ rule: 'leak', variant: undefined, unmap: 'vunmap' })).to.equal(
      'call vunmap on this way out as well',
    );
    expect(fixFor({ rule: 'leak', variant: 'overwritten', unmap: 'vunmap' })).to.match(
      /vunmap before the variable/,
    );
  });

  it('tells what a leak of each map of its own takes', () => {
    for (const { name, unmap } of [...MAPS, ...PAGE_TABLE_MAPS])
      if (!/^(?:crypto_kmap|kmap_skb_frag|_*bio_|dma_buf_kmap)/.test(name))
        expect(inLinux({ rule: 'leak', variant: undefined, unmap }), name).not.to.equal(ADVICE.leak.inLinux);
  });
});

function isRule(name: string): name is keyof typeof ADVICE {
  return name in ADVICE;
}
