import { expect } from 'chai';
import { ConfigError, createMachine, sgAllocTable } from 'scatterlist';
import type { MemoryKind } from 'scatterlist';
import { PAGE_SIZE, inPage, now, pageAt } from 'scatterlist/lab';
import { TestList } from '../../lib/lab/test-list.ts';

describe('what call sites of C have at hand', () => {
  it('counts to the end of a page', () => {
    expect([0, 1, 4095, 4096, 5000].map(inPage)).to.deep.equal([4096, 4095, 1, 4096, 3192]);
    expect(createMachine().pageSize).to.equal(PAGE_SIZE);
  });

  it('finds the page of a byte of an entry', () => {
    const machine = createMachine({ highmemPages: 16 });
    const { table, pages } = new TestList<MemoryKind>(
      machine,
      [{ kind: 'highmem', offset: 4000, length: 5000 }],
      1,
    );
    const [sg] = table;
    if (sg === undefined) throw new Error('no entry');
    expect([0, 95, 96, 4191, 4192].map((at) => pages.indexOf(pageAt(sg, at)))).to.deep.equal([0, 0, 1, 1, 2]);
    expect(() => pageAt(sg, -1)).to.throw(ConfigError, 'offset is -1');
    const made = sgAllocTable(1);
    if (!made.ok) throw new Error('no table');
    expect([...made.value].map((empty) => () => pageAt(empty, 0))[0]).to.throw(ConfigError, 'without a page');
  });

  it('runs work that does not sleep, and refuses work that does', () => {
    expect(
      now(
        (function* work() {
          return 3;
        })(),
      ),
    ).to.equal(3);
    expect(() => {
      now(
        (function* work() {
          yield;
        })(),
      );
    }).to.throw(ConfigError, 'sleeps');
  });
});
