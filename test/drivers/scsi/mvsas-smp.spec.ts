import { expect } from 'chai';
import { createMachine, sgInitTable, sgNext, sgSetPage } from 'scatterlist';
import type { Context, MapBackend, MemoryKind, Page } from 'scatterlist';
import {
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  recorder,
  vmap,
} from 'scatterlist/backends';
import { ERR_INFO_BYTES } from '../../../examples/drivers/scsi/mvs-slot.ts';
import { mvsSlotComplete } from '../../../examples/drivers/scsi/mvsas-smp.ts';
import { smpResponses } from '../../../examples/drivers/scsi/smp-target.ts';

const FILE = Uint8Array.from({ length: 1500 }, (_, i) => (i * 7) & 0xff);
const [SLOT] = smpResponses(FILE);
if (SLOT === undefined) throw new Error('no frame');
const FRAME = SLOT.response.subarray(ERR_INFO_BYTES);

/** A list of two entries, the first of which ends 500 bytes into its second page. */
function list(zone: MemoryKind) {
  const machine = createMachine({ protectedPages: 64 });
  const pages: readonly Page[] =
    zone === 'iomem' ? machine.ioRegion(3) : machine.allocPages<MemoryKind>(3, { zone });
  const [first, , third] = pages;
  if (first === undefined || third === undefined) throw new Error('no pages');
  const sg = sgInitTable(2).entry(0);
  const next = sgNext(sg);
  sgSetPage(sg, first, FRAME.length, 4096 + 500 - FRAME.length);
  if (next !== null) sgSetPage(next, third, 100);
  const bytes = () => Buffer.concat(pages.map((page) => machine.physical(page)));
  const complete = (bind: (context: Context) => MapBackend, slot = SLOT) =>
    machine.interrupt('softirq', (irq) => mvsSlotComplete(bind(irq), slot ?? { response: FRAME }, sg));
  return { machine, bytes, complete };
}

const V = 'verified';
const U = 'Unmappable';
const S = 'violation';
const KINDS = ['highmem', 'lowmem', 'protected', 'iomem'] as const;
const EXPECTED = [
  ['kmap', kmap, [S, S, U, U]],
  ['kmap_atomic', kmapAtomic, [V, V, V, U]],
  ['kmap_local', kmapLocal, [V, V, V, U]],
  ['page_address', pageAddress, [U, V, U, U]],
  ['vmap', vmap, [S, S, U, U]],
  ['iomem_bounce', iomemBounce, [V, V, V, V]],
  ['io_access', ioAccess, [V, V, V, V]],
  ['pgmap', pgmap, [U, V, V, U]],
] as const;

describe('the mvsas SMP response port', () => {
  for (const [name, bind, results] of EXPECTED) {
    for (const [i, kind] of KINDS.entries()) {
      const result = results[i];
      it(`over ${name} on ${kind}: ${result ?? ''}`, () => {
        const { machine, bytes, complete } = list(kind);
        if (result === S) {
          expect(() => complete(bind)).to.throw(/rule: (kmap|sleep)-in-atomic/);
          return;
        }
        const copied = complete(bind);
        machine.checkLeaks();
        if (result === U) {
          expect(copied).to.deep.include({ ok: false }).and.have.nested.property('error.code', U);
          return;
        }
        expect(copied).to.deep.equal({ ok: true, value: FRAME.length });
        const start = 4096 + 500 - FRAME.length;
        expect(
          bytes()
            .subarray(start, start + FRAME.length)
            .equals(FRAME),
        ).to.be.true;
        // What Linux would overrun: everything around the entry, and the second entry.
        expect(
          bytes()
            .subarray(0, start)
            .every((byte) => byte === 0),
        ).to.be.true;
        expect(
          bytes()
            .subarray(start + FRAME.length)
            .every((byte) => byte === 0),
        ).to.be.true;
      });
    }
  }

  it('maps each page of the entry for itself', () => {
    const { complete } = list('highmem');
    let calls: readonly { readonly call: string; readonly pageOffset: number }[] = [];
    void complete((irq) => {
      const record = recorder(kmapLocal(irq));
      ({ calls } = record);
      return record;
    });
    const first = 4096 + 500 - FRAME.length;
    expect(calls.map(({ call, pageOffset }) => [call, pageOffset])).to.deep.equal([
      ['map', first],
      ['unmap', first],
      ['map', 0],
      ['unmap', 0],
    ]);
  });

  it('says how much was copied when the second page fails', () => {
    const { machine, complete } = list('highmem');
    const copied = complete((irq) => faultInjection(kmapLocal(irq), { failAt: 1 }));
    expect(copied).to.have.nested.property('error.doneBytes', FRAME.length - 500);
    machine.checkLeaks();
  });

  it('refuses a frame that is shorter than the entry, where Linux copies what lies behind it', () => {
    const { bytes, complete } = list('highmem');
    const copied = complete(kmapLocal, { response: new Uint8Array(ERR_INFO_BYTES + 100).fill(1) });
    expect(copied).to.deep.equal({
      ok: false,
      error: { code: 'OutOfRange', haveBytes: 100, wantBytes: FRAME.length },
    });
    expect(bytes().every((byte) => byte === 0)).to.be.true;
  });

  it('gets a file back from its frames', () => {
    const frames = [...smpResponses(FILE)].map(({ response }) => response.subarray(ERR_INFO_BYTES + 4));
    expect(Buffer.concat(frames).subarray(0, FILE.length).equals(FILE)).to.be.true;
    expect(frames.map(({ length }) => length)).to.deep.equal([1020, 480]);
  });
});
