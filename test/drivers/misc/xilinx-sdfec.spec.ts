import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { faultInjection, kmapLocal } from 'scatterlist/backends';
import { UserSpace, ioremap } from 'scatterlist/machine';
import { observe } from 'scatterlist/ports';
import port, {
  tableCopy,
  tableWrite,
  tableWriteRunningOn,
} from '../../../examples/drivers/misc/xilinx-sdfec.ts';

const load = async (length: number) =>
  port.load({ name: 'test', content: Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff) });
const LOADED = await load(9001);

/** A table of 1030 words that begins 16 bytes before the end of a page, and ends in the third. */
function decoder() {
  const machine = createMachine();
  const task = machine.task('ioctl');
  const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
  const user = new UserSpace(machine);
  for (const [i, page] of pages.entries()) {
    machine.physical(page).set(Uint8Array.from({ length: 4096 }, (_, at) => (at >> 2) + i));
    user.map(0x8000 + i * 4096, page);
  }
  const [device] = machine.ioRegion(2);
  if (device === undefined) throw new Error('no device');
  const registers = ioremap(task, device.phys, 8192);
  if (!registers.ok) throw new Error('no registers');
  const table = { pages, user, address: 0x8000 + 4080, words: 1030 };
  const word = (i: number) => registers.value.load32(4 * i);
  const leaks = machine.live.size;
  return { machine, task, table, registers: registers.value, word, leaks };
}

describe('the xilinx sdfec port', () => {
  it('maps one page at a time, in one task that does not sleep', () => {
    const [site] = observe(LOADED, 'original', 'highmem').needs.filter(
      ({ mechanism }) => mechanism === undefined,
    );
    expect(site).to.deep.include({ maps: 3, pages: 1, usedBy: [], sleptOn: [], isReleasedInOrder: true });
  });

  it('reads past the mapping from the second page on, with the index of Linux', async () => {
    expect(observe(LOADED, 'word index runs on', 'highmem').violation?.rule).to.equal('page-overrun');
    const onePage = observe(await load(4096), 'word index runs on', 'highmem');
    expect(onePage.moved?.verifiedBytes).to.equal(4096);
  });

  for (const [name, write] of Object.entries({ tableWrite, tableCopy }))
    it(`begins and ends in the middle of pages: ${name}`, () => {
      const { task, table, registers, word } = decoder();
      expect(runAlone(task, write(kmapLocal(task), registers, table)).ok).to.equal(true);
      const byte = (value: number) => (value & 0xff) * 0x01010101;
      expect([0, 3, 4, 1027, 1029].map(word)).to.deep.equal(
        [byte(1020), byte(1023), byte(1), byte(1024), byte(3)].map((value) => value >>> 0),
      );
    });

  it('ignores where in its first page the table begins, with the index of Linux', () => {
    const { task, table, registers, word } = decoder();
    const written = runAlone(task, tableWriteRunningOn(kmapLocal(task), registers, { ...table, words: 4 }));
    expect(written.ok).to.equal(true);
    expect(word(3)).to.equal(0x03030303);
  });

  it('keeps no mapping if the second page cannot be mapped', () => {
    const { machine, task, table, registers, leaks } = decoder();
    const failing = faultInjection(kmapLocal(task), { failAt: 1 });
    expect(runAlone(task, tableWrite(failing, registers, table))).to.deep.include({ ok: false });
    expect(machine.live.size).to.equal(leaks);
  });

  it('fails where the user has no page', () => {
    const { task, table, registers } = decoder();
    table.user.unmap(0x8000 + 4096);
    const copied = runAlone(task, tableCopy(kmapLocal(task), registers, table));
    expect(copied).to.deep.equal({
      ok: false,
      error: { code: 'BadAddress', address: 0x9000, bytesNotCopied: 1030 * 4 - 16 },
    });
  });
});
