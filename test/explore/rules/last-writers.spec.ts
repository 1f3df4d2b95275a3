import { expect } from 'chai';
import { explain } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { writeText } from '../../../lib/explore/rules/last-writers.ts';

describe('the last writers', () => {
  it('are told by actor, line and step, as far as each is known', () => {
    const site = { file: 'a/b.ts', line: 7, column: 1 };
    expect(writeText({ actor: 'task "a"', step: 3, site, how: 'store' })).to.equal(
      'by task "a" at b.ts:7 in step 3',
    );
    expect(writeText({ actor: 'setup', step: -1, site: undefined, how: 'array' })).to.equal(
      'by setup, not by a store',
    );
    expect(writeText({ actor: 'device "d"', step: 0, site: { ...site, file: '' }, how: 'store' })).to.equal(
      'by device "d" in step 0',
    );
  });

  const program = (wrong: number): Program<{ readonly page: Page; readonly fresh: Page }> => ({
    machine: { cpus: 1 },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      fresh: machine.allocPage({ zone: 'lowmem' }),
    }),
    tasks: {
      *one({ task, page }) {
        const window = kmapLocalPage(task, page);
        for (let at = 0; at < 2 * wrong; at += 2) window.store8(at, 9);
        kunmapLocal(task, window);
      },
    },
    check: ({ memory, page }) => memory.sameBytes(page, new Uint8Array(64)),
  });
  const details = (wrong: number): readonly string[] =>
    (explain(program(wrong), [0]).violation?.details ?? []).map(({ text }) => text);

  it('are told in a screenful', () => {
    expect(details(3)).to.have.lengthOf(3);
    expect(details(8)).to.have.lengthOf(8);
    expect(details(12)).to.have.lengthOf(9);
    expect(details(12).at(-1)).to.equal('… and 4 more');
  });

  it('say when a page was not written since it was allocated', () => {
    const untouched = {
      ...program(0),
      check: ({ memory, fresh }) => memory.sameBytes(fresh, 1),
    } satisfies ReturnType<typeof program>;
    expect((explain(untouched, [0]).violation?.details ?? [])[0]?.text).to.match(
      /^byte 0 of pfn 0x\w+ is 0x\w\w, expected 0x01; not written since its page was allocated or freed by setup at last-writers\.spec\.ts:\d+$/,
    );
  });

  it('are told of bytes that a rule of the machine is about', () => {
    const stale: Program<{ readonly page: Page }> = {
      machine: { cpus: 1, dcacheColours: 1 },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: {
        *one({ machine, task, page }) {
          const window = kmapLocalPage(task, page);
          window.store8(5, 7);
          machine.hardware.dataCache?.invalidate(page, 0, 0, 32);
          yield;
          window.load32(4);
          kunmapLocal(task, window);
        },
      },
    };
    const { violation } = explain(stale, [0, 0]);
    expect(violation?.rule).to.equal('discarded-line');
    const said = violation?.details.filter(({ label }) => label === 'bytes').map(({ text }) => text) ?? [];
    expect(said[1]).to.match(
      /^byte 5 of pfn 0x40: last written by task "one" at last-writers\.spec\.ts:\d+ in step 0$/,
    );
    expect(said[0]).to.match(/^byte 4 of pfn 0x40: not written since its page was allocated/);
  });
});
