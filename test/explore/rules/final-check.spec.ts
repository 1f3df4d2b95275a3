import { expect } from 'chai';
import { explain, explore, load8, parseSchedule, store8 } from 'scatterlist/explore';
import type { Mismatch, Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { found, lineOf } from '../programs.ts';

const withCheck = (check: NonNullable<Program['check']>) =>
  explore({
    tasks: {
      *five() {
        return 5;
      },
    },
    check,
  });

/** The details of the violation under a label. */
function told<S extends object>(program: Program<S>, label: string): readonly string[] {
  const { violation } = found(explore(program));
  expect(violation.rule).to.equal('final-check');
  return violation.details.filter((detail) => detail.label === label).map(({ text }) => text);
}

describe('final-check', () => {
  it('takes false, a sentence or an error as a violation', () => {
    expect(found(withCheck(() => false)).violation.what).to.match(/returned false/);
    expect(found(withCheck(() => 'the page is torn')).violation.what).to.equal('the page is torn');
    expect(
      found(
        withCheck(() => {
          throw new Error('not five');
        }),
      ).violation,
    ).to.include({ rule: 'final-check', what: 'not five' });
  });

  it('takes true and nothing as well', () => {
    expect(withCheck(() => true).kind).to.equal('exhausted');
    expect(withCheck(() => undefined).kind).to.equal('exhausted');
  });

  it('is given what the tasks returned', () => {
    expect(withCheck(({ results }) => results['five'] === 5).kind).to.equal('exhausted');
  });

  it('refuses an object that says no mismatch', () => {
    const odd: object = { expected: 1 };
    expect(() => withCheck(() => odd as Mismatch)).to.throw(ConfigError, /no mismatch/);
  });
});

describe('a check of bytes', () => {
  it('names the bytes that differ, and who wrote them last, where', () => {
    let line = 0;
    const program: Program<{ readonly page: Parameters<typeof kmapLocalPage>[1] }> = {
      machine: { cpus: 1 },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: {
        *copy({ task, page }) {
          const to = kmapLocalPage(task, page);
          line = lineOf() + 1;
          for (let at = 0; at < 1024; at += 1) to.store8(at, at === 513 ? 0 : 0x5a);
          kunmapLocal(task, to);
        },
      },
      check: ({ memory, page }) => memory.sameBytes(page, new Uint8Array(1024).fill(0x5a)),
    };
    const { violation } = found(explore(program));
    expect(violation.what).to.equal('byte 513 of pfn 0x40 is 0x00, expected 0x5a');
    expect(violation.details.map(({ text }) => text)).to.deep.equal([
      `byte 513 of pfn 0x40 is 0x00, expected 0x5a; last written by task "copy" at final-check.spec.ts:${String(line)} in step 0`,
    ]);
  });

  it('names the writer of each run of bytes: stores, arrays, devices, set-up', () => {
    const lines: Record<string, number> = {};
    const program: Program<{ readonly page: Parameters<typeof kmapLocalPage>[1] }> = {
      machine: { cpus: 1 },
      setup: (machine) => {
        const page = machine.allocPage({ zone: 'highmem' });
        machine.physical(page).fill(1, 0, 16);
        return { page };
      },
      tasks: {
        *store({ task, page }) {
          const to = kmapLocalPage(task, page);
          lines['store'] = lineOf() + 1;
          yield* store8(to, 1, 2);
          kunmapLocal(task, to);
        },
      },
      devices: {
        *card({ machine, page }) {
          lines['card'] = lineOf() + 1;
          const bytes = machine.physical(page);
          yield;
          bytes.fill(3, 2, 4);
        },
      },
      check: ({ memory, page }) => memory.sameBytes(page, new Uint8Array(5)),
    };
    const texts = told(program, 'differs').map((text) => text.replace(/ in step \d+/, ''));
    expect(texts[0]).to.match(/^byte 0 of pfn 0x40 is 0x01, expected 0x00; last written by setup/);
    expect(texts.slice(1, 3)).to.deep.equal([
      `byte 1 of pfn 0x40 is 0x02, expected 0x00; last written by task "store" at final-check.spec.ts:${String(lines['store'])}`,
      `bytes 2 to 3 of pfn 0x40 are 0x03 0x03, expected 0x00 0x00; last written by device "card" at final-check.spec.ts:${String(lines['card'])}, not by a store`,
    ]);
  });

  it('says what the check read, with the last writers, where it says only that something is wrong', () => {
    let line = 0;
    const program: Program<{ n: number; readonly m: number; list: number[]; bytes: Uint8Array }> = {
      setup: () => ({ n: 0, m: 4, list: [1, 2], bytes: new Uint8Array(4) }),
      tasks: {
        *one(env) {
          line = lineOf() + 1;
          env.n = 7;
          env.list[1] = 9;
          env.bytes[2] = 5;
          yield;
        },
      },
      check: ({ n, m, list, bytes }) => n + m + (list[1] ?? 0) + (bytes[2] ?? 0) === 0,
    };
    const at = (offset: number): string =>
      `by task "one" at final-check.spec.ts:${String(line + offset)} in step 0`;
    expect(told(program, 'read')).to.deep.equal([
      `n is 7; last written ${at(0)}`,
      'm is 4; never written by an actor',
      'bytes[2] is 5; last written by task "one" in step 0, not by a store',
      `list.1 is 9; last written ${at(1)}`,
    ]);
    const compared = {
      ...program,
      check: ({ memory, list }) => memory.sameBytes(list, [1, 2]),
    } satisfies typeof program;
    expect(told(compared, 'differs')).to.deep.equal([
      `byte 1 of the array is 0x09, expected 0x02; last written ${at(1)}`,
    ]);
  });

  it('counts what the check loads through a mapping as read', () => {
    const program: Program<{ readonly page: Parameters<typeof kmapLocalPage>[1] }> = {
      machine: { cpus: 1 },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: {
        *one({ task, page }) {
          const to = kmapLocalPage(task, page);
          to.store32(4, 0x01020304);
          to.store8(6, yield* load8(to, 4));
          kunmapLocal(task, to);
        },
      },
      check: ({ machine, memory, page }) => {
        const task = machine.task('checker');
        const from = kmapLocalPage(task, page);
        const value = from.load32(4);
        kunmapLocal(task, from);
        return value === 0 && memory.load8(page, 0) === 0 ? undefined : 'wrong sum';
      },
    };
    const texts = told(program, 'read');
    expect(texts.map((text) => text.split(';')[0])).to.deep.equal([
      'bytes 4 to 5 of pfn 0x40 are 0x04 0x03',
      'byte 6 of pfn 0x40 is 0x04',
      'byte 7 of pfn 0x40 is 0x01',
    ]);
    expect(found(explore(program)).violation.what).to.equal('wrong sum');
  });

  it('says the same in a replay as in what exploring came to', () => {
    const program: Program<{ n: number }> = {
      setup: () => ({ n: 0 }),
      tasks: {
        *one(env) {
          env.n = 1;
          yield;
        },
      },
      check: ({ n }) => n === 0,
    };
    const { schedule, violation } = found(explore(program));
    expect(
      explain(program, parseSchedule(schedule)).violation?.details.map(({ text }) => text),
    ).to.deep.equal(violation.details.map(({ text }) => text));
  });
});
