import { expect } from 'chai';
import { createMachine, formatViolation, ViolationError } from 'scatterlist';
import { describeMapping, siteText } from '../../lib/machine/violation.ts';
import { kmap, kmapAtomic, kmapLocalPage, kunmapLocal, runAlone } from 'scatterlist/machine';

/** The report of what an action did wrong, without line numbers and trailing space. */
function reportOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ViolationError)) throw error;
    expect(error.message).to.equal(formatViolation(error.violation));
    return error.message.replace(/\.ts:\d+/g, '.ts:N').replace(/ +$/gm, '');
  }
  throw new Error('nothing was reported');
}

const lines = (text: string): string => text.replace(/^\n|\n *$/g, '').replace(/^ {6}/gm, '');

describe('formatViolation', () => {
  it('shows both maps and the slots of an unmap out of order', () => {
    const machine = createMachine();
    const task = machine.task('copier');
    const [a, b] = machine.allocPages(2, { zone: 'highmem' }).map((page) => kmapLocalPage(task, page));
    expect(b!.slot).to.equal(1);
    expect(reportOf(() => kunmapLocal(task, a!))).to.equal(
      lines(`
      WARNING: unmap out of order                                                                          rule: unmap-order
        what        pfn 0x1000 at 0xfffff000 was released before the newer map of pfn 0x1001
        task        "copier" on cpu0, preempt 0, pagefault 0, migrate 2
        found at    violation.spec.ts:N
        mapping     0xfffff000  slot 0  pfn 0x1000  4096 bytes  by copier (kmap_local)  mapped at violation.spec.ts:N
        but top is  0xffffe000  slot 1  pfn 0x1001  4096 bytes  by copier (kmap_local)  mapped at violation.spec.ts:N
        slots       0: pfn 0x1000  <- asked for
                    1: pfn 0x1001  <- last mapped
        Linux       WARN_ONCE on a highmem page only; silent on 64-bit. DEBUG_KMAP_LOCAL_FORCE_MAP would warn.
        advice      unmap in the reverse order of mapping, or use withMapping or \`using\`, which do that.
      `),
    );
  });

  it('says where a mapping was released that is used again', () => {
    const machine = createMachine();
    const task = machine.task('copier', { cpu: 1 });
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'lowmem' }));
    kunmapLocal(task, m);
    expect(reportOf(() => m.load16(10))).to.equal(
      lines(`
      BUG: page accessed through a mapping that was released                                           rule: use-after-unmap
        what      load of 2 bytes at offset 10 of a released mapping
        task      "copier" on cpu1, preempt 0, pagefault 0, migrate 0
        found at  violation.spec.ts:N
        mapping   0xc0000000  pfn 0x0  4096 bytes  by copier (kmap_local)  mapped at violation.spec.ts:N
        released  at violation.spec.ts:N
        Linux     silent on 64-bit; with HIGHMEM a fault, unless another map has taken the slot meanwhile.
        advice    read what you need before the unmap, or limit the life of the mapping with withMapping or \`using\`.
      `),
    );
  });

  it('shows the map that made a section atomic', () => {
    const machine = createMachine();
    const task = machine.task('copier');
    const page = machine.allocPage({ zone: 'highmem' });
    kmapAtomic(task, page);
    expect(reportOf(() => runAlone(task, kmap(task, page)))).to.equal(
      lines(`
      WARNING: kmap() called in a context that may not sleep                                            rule: kmap-in-atomic
        what      kmap while preemption is disabled (count 1)
        task      "copier" on cpu0, preempt 1, pagefault 1, migrate 1
        found at  violation.spec.ts:N
        mapping   0xfffff000  slot 0  pfn 0x1000  4096 bytes  by copier (kmap_atomic)  mapped at violation.spec.ts:N
        Linux     DEBUG_ATOMIC_SLEEP; BUG_ON(in_interrupt()) on some architectures when the page is highmem.
        advice    use kmap_local_page(), which may be called from any context.
      `),
    );
  });

  it('names a file without its folders, and says where no line is known', () => {
    const at = (file: string) => siteText({ file, line: 7, column: 1 });
    expect([at('/a/b.ts'), at('b.ts'), at('/b.ts'), at(''), siteText(undefined)]).to.deep.equal([
      'b.ts:7',
      'b.ts:7',
      'b.ts:7',
      'an unknown line',
      'an unknown line',
    ]);
  });

  it('leaves out of a mapping what it does not have', () => {
    const mapping = {
      vaddr: 0xc000_0000,
      pfn: 18,
      lengthBytes: 16,
      slot: undefined,
      mechanism: 'kmap',
      ownerName: 'driver',
      mappedAt: undefined,
      unmappedAt: undefined,
    };
    expect(describeMapping(mapping)).to.equal('0xc0000000  pfn 0x12  16 bytes  by driver (kmap)');
    const mappedAt = { file: 'a.ts', line: 3, column: 1 };
    expect(describeMapping({ ...mapping, slot: 0, mappedAt })).to.equal(
      '0xc0000000  slot 0  pfn 0x12  16 bytes  by driver (kmap)  mapped at a.ts:3',
    );
  });

  it('fills a row to its last column, sets the rest in, and keeps a word that is too long', () => {
    const row = (text: string): readonly string[] => {
      const report = formatViolation({
        rule: 'leak',
        severity: 'warn',
        what: text,
        context: undefined,
        mapping: undefined,
        details: [{ label: 'two', text: 'first\nsecond' }],
        foundAt: undefined,
      });
      const lines = report.split('\n');
      expect(lines[0])
        .to.match(/^WARNING: .* {2}rule: leak$/)
        .and.to.have.length(118);
      const two = lines.findIndex((line) => line.startsWith('  two '));
      expect(lines.slice(two, two + 2)).to.deep.equal(['  two     first', '          second']);
      return lines.slice(1, two);
    };
    // 118 columns less two for the margin, six for the longest label and two behind it.
    const [full, tail] = ['a'.repeat(100), 'b'.repeat(7)];
    expect(row(`${full} ${tail}`)).to.deep.equal([`  what    ${full} ${tail}`]);
    expect(row(`${full} ${tail}b`)).to.deep.equal([`  what    ${full}`, `            ${tail}b`]);
    expect(row(`${full} ${tail} c`)).to.deep.equal([`  what    ${full} ${tail}`, '            c']);
    const long = 'x'.repeat(120);
    expect(row(`a ${long}`)).to.deep.equal([`  what    a ${long}`]);
    expect(row(`ab ${long}`)).to.deep.equal([`  what    ab ${long}`]);
    expect(row(`abc ${long}`)).to.deep.equal(['  what    abc', `            ${long}`]);
  });

  it('breaks long rows at spaces and keeps every word', () => {
    const what = Array.from({ length: 60 }, (_, i) => `word${String(i)}`).join(' ');
    const report = formatViolation({
      rule: 'leak',
      severity: 'warn',
      what,
      context: undefined,
      mapping: undefined,
      details: [{ label: 'long', text: 'x'.repeat(150) }],
      foundAt: undefined,
    });
    const rows = report.split('\n');
    expect(rows.filter((row) => row.length > 118).length).to.equal(1);
    expect(report.match(/word\d+/g)?.join(' ')).to.equal(what);
  });
});
