import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Context, MapBackend } from 'scatterlist';
import { kmap, kmapAtomic, kmapLocal } from 'scatterlist/backends';
import { observe, takePages } from 'scatterlist/ports';
import { commandOver } from '../../../examples/drivers/command-list.ts';
import { DIGEST_BYTES } from '../../../examples/drivers/crc32c.ts';
import { HEADER_BYTES, dataStream, encodePdu, joined } from '../../../examples/drivers/scsi/iscsi-pdu.ts';
import { dataSegment, segmentUnmap } from '../../../examples/drivers/scsi/iscsi-segment.ts';
import port, { receiverOf, recvSkb, storeMapped } from '../../../examples/drivers/scsi/libiscsi-tcp.ts';

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i) >> 3);
const LOADED = await port.load({ name: 'test', content: bytesOf(9001) });

/** A command whose data goes on from the end of one page into the next. */
function initiator(lengthBytes: number) {
  const machine = createMachine();
  const { pageSize } = machine;
  const pages = takePages(machine, 'highmem', 2);
  const layout = { offset: 0xff9, lengthBytes, entryBytes: pageSize, pageSize };
  const command = commandOver(pages, layout);
  const receiver = receiverOf([command]);
  /** One softirq, in which some pieces arrive. */
  const softirq = (bind: (context: Context) => MapBackend, ...pieces: readonly Uint8Array[]) =>
    machine.interrupt('softirq', (irq) => {
      const backend = bind(irq);
      const results = pieces.map((piece) => recvSkb(storeMapped, backend, receiver, piece));
      const wasMapped = receiver.segment.mapping !== undefined;
      segmentUnmap(backend, receiver.segment);
      return { failed: results.find(({ ok }) => !ok), wasMapped };
    });
  const data = () => joined(pages.map((page) => machine.physical(page))).slice(0xff9, 0xff9 + lengthBytes);
  return { machine, command, receiver, softirq, data };
}

describe('the libiscsi_tcp port', () => {
  it('keeps a page mapped in a softirq, and another across a sleep', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(moved?.verifiedBytes).to.equal(9001);
    expect(needs).to.have.length(2);
    const [receives, sends] = needs;
    expect(receives).to.deep.include({ contexts: ['softirq'], heldAtOnce: 1, usedBy: [], sleptOn: [] });
    expect(sends).to.deep.include({ contexts: ['task'], heldAtOnce: 1, pages: 1, usedBy: [] });
    expect(sends?.sleptOn.join()).to.contain('room in the socket');
    expect(needs.map(({ site }) => site?.file.split('/').at(-1))).to.deep.equal([
      'iscsi-segment.ts',
      'iscsi-segment.ts',
    ]);
  });

  it('sleeps without a mapping if it passes pages or copies', () => {
    for (const variant of ['pass pages', 'copy helper'])
      for (const site of observe(LOADED, variant, 'highmem').needs)
        expect(site, variant).to.deep.include({ heldAtOnce: 1, sleptOn: [] });
  });

  it('takes PDUs that are cut at any byte', () => {
    const wanted = bytesOf(30);
    const stream = dataStream('dataIn', [wanted], 13);
    expect(stream).to.have.length(3 * (HEADER_BYTES + 2 * DIGEST_BYTES) + 16 + 16 + 4);
    for (let at = 0; at <= stream.length; at += 1) {
      const { machine, receiver, softirq, data } = initiator(wanted.length);
      expect(softirq(kmapAtomic, stream.subarray(0, at)).failed).to.equal(undefined);
      expect(softirq(kmapAtomic, stream.subarray(at)).failed).to.equal(undefined);
      expect(receiver.completed).to.equal(1);
      expect(data()).to.deep.equal(wanted);
      machine.checkLeaks();
    }
  });

  it('takes a stream of single bytes, and maps each page once in a softirq', () => {
    const wanted = bytesOf(30);
    const stream = dataStream('dataIn', [wanted], 30);
    const { machine, softirq, data } = initiator(wanted.length);
    softirq(kmapLocal, ...Array.from(stream, (_, i) => stream.subarray(i, i + 1)));
    expect(data()).to.deep.equal(wanted);
    expect(machine.ledger.maps).to.equal(2);
  });

  it('gives a page back at the end of a softirq, and maps it again in the next', () => {
    const stream = dataStream('dataIn', [bytesOf(30)], 30);
    const inData = HEADER_BYTES + DIGEST_BYTES + 3;
    const { machine, softirq } = initiator(30);
    expect(softirq(kmapLocal, stream.subarray(0, inData)).wasMapped).to.equal(true);
    machine.checkLeaks();
    expect(softirq(kmapLocal, stream.subarray(inData)).wasMapped).to.equal(false);
    expect(machine.ledger.maps).to.equal(3);
  });

  it('finds a byte that is wrong on the way, by the digest', () => {
    const stream = dataStream('dataIn', [bytesOf(30)], 30);
    for (const [at, what] of [
      [17, 'a header digest'],
      [60, 'a data digest'],
      [HEADER_BYTES + DIGEST_BYTES + 31, 'a data digest'],
    ] as const) {
      const wrong = stream.slice();
      wrong[at] = 0x55 ^ (wrong[at] ?? 0);
      expect(() => initiator(30).softirq(kmapLocal, wrong)).to.throw(`of ${what} is `);
    }
  });

  it('refuses data that does not fit into the list, or is of no command', () => {
    const pdu = (tag: number, offset: number, dataBytes: number) =>
      encodePdu({ opcode: 0x25, isFinal: true, dataBytes, tag, dataSn: 0, offset }, bytesOf(dataBytes));
    const error = (haveBytes: number, wantBytes: number) => ({
      ok: false,
      error: { code: 'OutOfRange', haveBytes, wantBytes },
    });
    const failed = (...about: readonly [number, number, number]) =>
      initiator(30).softirq(kmapLocal, pdu(...about)).failed;
    expect(failed(0, 0, 30)).to.equal(undefined);
    expect(failed(0, 1, 30)).to.deep.equal(error(30, 31));
    expect(failed(0, 30, 1)).to.deep.equal(error(30, 31));
    expect(failed(1, 0, 1)).to.deep.equal(error(1, 2));
  });

  it('begins a segment in the entry where its offset lies', () => {
    const { command } = initiator(30);
    const begin = (offset: number) => {
      const made = dataSegment(false, command, offset, 2);
      return made.ok ? [made.value.sg?.length, made.value.sgOffset, made.value.size, made.value.left] : [];
    };
    expect(begin(0)).to.deep.equal([7, 0, 2, 0]);
    expect(begin(6)).to.deep.equal([7, 6, 1, 1]);
    expect(begin(7)).to.deep.equal([23, 0, 2, 0]);
  });

  it('cannot receive through a map that may sleep', () => {
    const stream = dataStream('dataIn', [bytesOf(30)], 30);
    expect(() => initiator(30).softirq(kmap, stream)).to.throw('kmap-in-atomic');
  });
});
