import { expect } from 'chai';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import sinon from 'sinon';
import { Connection } from '../../examples/iscsi-target/iscsi/connection.ts';
import { crc32c } from '../../examples/drivers/crc32c.ts';
import { HEADER_BYTES, NO_TAG } from '../../examples/iscsi-target/iscsi/pdu.ts';
import type { Target } from '../../examples/iscsi-target/target.ts';
import { decodeText } from '../../examples/iscsi-target/iscsi/text.ts';
import { cdb10, makeTarget, Peer, pduBytes, senseOf, statusOf } from './peer.ts';
import type { Answer } from './peer.ts';

const GOOD = 0;
const CHECK = 2;

function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 255);
}

/** Everything gone: no mapping, no page, nothing reported. */
function expectClean(target: Target, lines: readonly string[], peers: readonly Peer[] = []): void {
  for (const peer of peers) peer.connection.close();
  expect(target.machine.liveMappings).to.equal(0);
  expect(target.destroy(), lines.join('\n')).to.equal(true);
}

describe('iSCSI login', () => {
  it('answers every key, and the session works', () => {
    const { target, lines } = makeTarget('--max-burst-length', '65536', '--initial-r2t', 'yes');
    const peer = new Peer(target);
    const [answer] = peer.login({
      InitialR2T: 'No',
      MaxBurstLength: '262144',
      FirstBurstLength: '262144',
      HeaderDigest: 'None,CRC32C',
      'X-com.example': '1',
      ErrorRecoveryLevel: '2',
    });
    expect(answer?.pdu).to.include({ kind: 'loginResponse', flags: 0x87, statusClass: 0 });
    expect(decodeText(answer?.data ?? new Uint8Array(0))).to.deep.equal(
      new Map([
        ['InitialR2T', 'Yes'],
        ['MaxBurstLength', '65536'],
        ['FirstBurstLength', '262144'],
        ['HeaderDigest', 'None'],
        ['X-com.example', 'NotUnderstood'],
        ['ErrorRecoveryLevel', '0'],
        ['TargetPortalGroupTag', '1'],
        ['MaxRecvDataSegmentLength', '262144'],
      ]),
    );
    expect(statusOf(peer.command([0]))).to.equal(GOOD);
    expectClean(target, lines, [peer]);
  });

  const refused: readonly [what: string, keys: Record<string, string>, status: number][] = [
    ['another target', { TargetName: 'iqn.other' }, 0x203],
    ['no name', { InitiatorName: '' }, 0x207],
    ['a secret that we do not know', { AuthMethod: 'CHAP' }, 0x201],
  ];
  for (const [what, keys, status] of refused) {
    it(`refuses ${what}`, () => {
      const { target, lines } = makeTarget();
      const peer = new Peer(target);
      const [answer] = peer.login(keys);
      if (answer?.pdu.kind !== 'loginResponse') throw new Error('no answer');
      expect(answer.pdu.statusClass * 256 + answer.pdu.statusDetail).to.equal(status);
      expect(peer.ended).to.equal(true);
      expectClean(target, lines, [peer]);
    });
  }

  it('hangs up on a command before login', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.command([0]);
    expect(peer.ended).to.equal(true);
    expectClean(target, lines, [peer]);
  });

  it('closes the old session of an initiator that comes again', () => {
    const { target, lines } = makeTarget();
    const [first, second] = [new Peer(target), new Peer(target)];
    first.login();
    second.login();
    expect([...target.sessions]).to.have.length(1);
    expect(statusOf(second.command([0]))).to.equal(GOOD);
    expectClean(target, lines, [first, second]);
  });
});

describe('exchanges recorded from real clients', () => {
  for (const name of ['discovery', 'capacity', 'write-read', 'header-digest']) {
    it(`${name}: the answers are those recorded, byte by byte`, () => {
      const { target, lines } = makeTarget(
        ...['--max-recv-data-segment-length', '1024', '--first-burst-length', '1536'],
        ...['--max-burst-length', '2560', '--machine', 'direct'],
      );
      target.portal = '127.0.0.1:14271';
      const recorded = readFileSync(new URL(`data/${name}.txt`, import.meta.url), 'utf8')
        .trim()
        .split('\n');
      const sent: string[] = [];
      const connection = new Connection(
        {
          write: (bytes, done) => {
            sent.push(Buffer.from(bytes).toString('hex'));
            done();
            return true;
          },
          end: () => undefined,
          pause: () => undefined,
          resume: () => undefined,
        },
        target,
      );
      for (const line of recorded) {
        if (line.startsWith('>')) connection.push(Buffer.from(line.slice(2), 'hex'));
      }
      connection.close();
      const wanted = recorded.filter((line) => line.startsWith('<')).map((line) => line.slice(2));
      expect(withoutTsih(sent.join(''))).to.equal(withoutTsih(wanted.join('')));
      expectClean(target, lines);
    });
  }

  /** The handle of a session counts up over the life of a process. */
  function withoutTsih(hex: string): string {
    return hex.startsWith('23') ? hex.slice(0, 28) + '0000' + hex.slice(32) : hex;
  }
});

describe('iSCSI data', () => {
  it('comes back as it was written, immediate, at all places within pages', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login({ InitialR2T: 'No', ImmediateData: 'Yes' });
    const disk = new Uint8Array(128 * 512);
    fc.assert(
      fc.property(fc.nat({ max: 100 }), fc.integer({ min: 1, max: 28 }), fc.nat(), (lba, blocks, seed) => {
        const data = bytes(blocks * 512, seed);
        expect(statusOf(peer.write(lba, data))).to.equal(GOOD);
        disk.set(data, lba * 512);
        expect(Buffer.compare(peer.read(0, 128), disk)).to.equal(0);
      }),
      { numRuns: 30 },
    );
    expectClean(target, lines, [peer]);
  });

  for (const backend of [
    'kmap',
    'kmap_atomic',
    'vmap',
    'page_address',
    'pgmap',
    'io_access',
    'iomem_bounce',
  ]) {
    it(`comes back through ${backend}, whether pages are copied or moved`, () => {
      for (const pages of ['copy', 'move']) {
        const { target, lines } = makeTarget('--backend', backend, '--pages', pages);
        const peer = new Peer(target);
        peer.login();
        const data = bytes(24 * 512);
        expect(statusOf(peer.write(5, data))).to.equal(GOOD);
        expect(Buffer.compare(peer.read(5, 24), data)).to.equal(0);
        expectClean(target, lines, [peer]);
      }
    });
  }

  it('is asked for by R2T, burst by burst, and may be short of what the command says', () => {
    const { target, lines } = makeTarget(
      '--initial-r2t',
      'yes',
      '--immediate-data',
      'no',
      '--max-burst-length',
      '1024',
    );
    const peer = new Peer(target);
    peer.login({ ImmediateData: 'No', InitialR2T: 'Yes', MaxBurstLength: '262144' });
    const data = bytes(2048);
    // The command block says 8 blocks, the initiator has 4: the rest of the disk is not touched.
    let answers = peer.command(cdb10(0x2a, 3, 8), { flags: 0xa0, edtl: 2048 });
    for (let at = 0; at < 2048; at += 1024) {
      const [{ pdu } = { pdu: undefined }] = answers;
      if (pdu?.kind !== 'r2t') throw new Error('no R2T');
      expect(pdu).to.include({ bufferOffset: at, desiredLength: 1024, r2tSN: at / 1024 });
      for (let part = 0; part < 2; part += 1) {
        const offset = at + part * 512;
        answers = peer.send(
          'dataOut',
          { flags: part === 1 ? 0x80 : 0, itt: pdu.itt, ttt: pdu.ttt, dataSN: part, bufferOffset: offset },
          data.subarray(offset, offset + 512),
        );
      }
    }
    expect(answers[0]?.pdu).to.include({ kind: 'scsiResponse', flags: 0x84, residual: 2048, status: GOOD });
    expect(Buffer.compare(peer.read(3, 4), data)).to.equal(0);
    expect(peer.read(7, 4).every((byte) => byte === 0)).to.equal(true);
    expectClean(target, lines, [peer]);
  });

  it('of a read says how much less or more there was', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    const [less] = peer.command(cdb10(0x28, 0, 1), { flags: 0xc0, edtl: 600 });
    expect(less?.pdu).to.include({ kind: 'dataIn', flags: 0x83, residual: 88, dataLength: 512 });
    const [more] = peer.command(cdb10(0x28, 0, 1), { flags: 0xc0, edtl: 500 });
    expect(more?.pdu).to.include({ kind: 'dataIn', flags: 0x85, residual: 12, dataLength: 500 });
    expectClean(target, lines, [peer]);
  });

  it('out of order fails the command, and what was on its way is dropped', () => {
    for (const wrong of [{ dataSN: 1 }, { bufferOffset: 512 }, { ttt: 77 }, { bufferOffset: 0xffff_fe00 }]) {
      const { target, lines } = makeTarget('--initial-r2t', 'yes', '--immediate-data', 'no');
      const peer = new Peer(target);
      peer.login();
      const [asked] = peer.command(cdb10(0x2a, 0, 4), { flags: 0xa0, edtl: 2048 });
      if (asked?.pdu.kind !== 'r2t') throw new Error('no R2T');
      const { itt, ttt } = asked.pdu;
      const answers = peer.send('dataOut', { itt, ttt, dataSN: 0, bufferOffset: 0, ...wrong }, bytes(512));
      expect(statusOf(answers)).to.equal(CHECK);
      expect(senseOf(answers)).to.equal('b/4b/0');
      expect(peer.send('dataOut', { flags: 0x80, itt, ttt, dataSN: 1, bufferOffset: 512 }, bytes(1536))).to.be
        .empty;
      expect(peer.read(0, 4).every((byte) => byte === 0)).to.equal(true);
      expectClean(target, lines, [peer]);
    }
  });

  it('that was not allowed unsolicited fails the command', () => {
    const { target, lines } = makeTarget('--immediate-data', 'no');
    const peer = new Peer(target);
    peer.login({ ImmediateData: 'Yes' });
    expect(senseOf(peer.write(0, bytes(512)))).to.equal('b/c/c');
    expectClean(target, lines, [peer]);
  });
});

describe('ExpDataSN of a SCSI response', () => {
  function expDataSN(answers: readonly Answer[]): number | undefined {
    const response = answers.find(({ pdu }) => pdu.kind === 'scsiResponse')?.pdu;
    return response?.kind === 'scsiResponse' ? response.expDataSN : undefined;
  }

  it('counts the R2Ts of a write, and is 0 for immediate data', () => {
    for (const bursts of [0, 1, 3]) {
      const { target, lines } = makeTarget('--max-burst-length', '1024', '--first-burst-length', '1024');
      const peer = new Peer(target);
      peer.login({ InitialR2T: 'No', MaxBurstLength: '1024', FirstBurstLength: '1024' });
      const data = bytes(1024 * (bursts + 1));
      const edtl = data.length;
      let answers = peer.command(cdb10(0x2a, 0, edtl / 512), { flags: 0xa0, edtl }, data.subarray(0, 1024));
      for (let burst = 1; burst <= bursts; burst += 1) {
        const pdu = answers[0]?.pdu;
        if (pdu?.kind !== 'r2t') throw new Error('no R2T');
        const { itt, ttt, bufferOffset } = pdu;
        const part = data.subarray(bufferOffset, bufferOffset + 1024);
        answers = peer.send('dataOut', { flags: 0x80, itt, ttt, dataSN: 0, bufferOffset }, part);
      }
      expect(expDataSN(answers), `${String(bursts)} R2Ts`).to.equal(bursts);
      expectClean(target, lines, [peer]);
    }
  });

  it('counts the R2Ts of a write that fails after them', () => {
    const { target, lines } = makeTarget('--initial-r2t', 'yes', '--immediate-data', 'no');
    const peer = new Peer(target);
    peer.login();
    const [asked] = peer.command(cdb10(0x2a, 0, 4), { flags: 0xa0, edtl: 2048 });
    if (asked?.pdu.kind !== 'r2t') throw new Error('no R2T');
    const { itt, ttt } = asked.pdu;
    const answers = peer.send('dataOut', { itt, ttt, dataSN: 1, bufferOffset: 0 }, bytes(512));
    expect([statusOf(answers), expDataSN(answers)]).to.deep.equal([CHECK, 1]);
    expectClean(target, lines, [peer]);
  });

  it('counts the Data-In of a read that fails after some of them', () => {
    for (const good of [0, 1, 3]) {
      const { target } = makeTarget('--store', 'plain');
      const { store } = target.openStore('test');
      const peer = new Peer(target);
      peer.login({ MaxRecvDataSegmentLength: '512' });
      const range = store.range(0, 4096);
      let reads = 0;
      sinon.stub(range, 'read').callsFake(() => {
        reads += 1;
        return reads > good ? { why: 'planted', full: false } : undefined;
      });
      sinon.stub(store, 'range').returns(range);
      const answers = peer.command(cdb10(0x28, 0, 8), { flags: 0xc0, edtl: 4096 });
      expect([statusOf(answers), senseOf(answers)]).to.deep.equal([CHECK, '3/11/0']);
      const sent = answers.flatMap(({ pdu }) => (pdu.kind === 'dataIn' ? [pdu.dataSN] : []));
      expect(sent).to.deep.equal([0, 1, 2].slice(0, good));
      expect(expDataSN(answers)).to.equal(good);
      peer.connection.close();
    }
  });

  it('is 0 where no data moved', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    expect(expDataSN(peer.command([0]))).to.equal(0);
    expect(expDataSN(peer.command(cdb10(0x28, 0, 0), { flags: 0xc0, edtl: 0 }))).to.equal(0);
    expectClean(target, lines, [peer]);
  });
});

describe('the order of commands', () => {
  it('is not kept while a write waits for its data, and the control mode page says so', () => {
    const { target, lines } = makeTarget('--initial-r2t', 'yes', '--immediate-data', 'no');
    const peer = new Peer(target);
    peer.login();
    const [asked] = peer.command(cdb10(0x2a, 0, 1), { flags: 0xa0, edtl: 512 });
    if (asked?.pdu.kind !== 'r2t') throw new Error('no R2T');
    expect(
      peer.read(0, 1).every((byte) => byte === 0),
      'the read overtakes the write',
    ).to.equal(true);
    const { itt, ttt } = asked.pdu;
    expect(statusOf(peer.send('dataOut', { flags: 0x80, itt, ttt }, bytes(512)))).to.equal(GOOD);
    for (const [values, algorithm] of [
      ['current', 0x10],
      ['changeable', 0],
      ['default', 0x10],
    ] as const) {
      const control = ['current', 'changeable', 'default'].indexOf(values);
      const sense = [0x1a, 0, (control << 6) | 0x0a, 0, 255, 0];
      const [answer] = peer.command(sense, { flags: 0xc0, edtl: 255 });
      expect([answer?.data[4], answer?.data[7]], values).to.deep.equal([0x0a, algorithm]);
    }
    expectClean(target, lines, [peer]);
  });
});

describe('iSCSI command window', () => {
  it('drops what is outside, and runs what came early in its turn', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    expect(peer.command([0], { cmdSN: 0 })).to.be.empty;
    expect(peer.command([0], { cmdSN: 1000 })).to.be.empty;
    expect(peer.command([0], { cmdSN: 2, itt: 52 })).to.be.empty;
    const answers = peer.command([0], { cmdSN: 1, itt: 51 });
    expect(answers.map(({ pdu }) => pdu.kind === 'scsiResponse' && pdu.itt)).to.deep.equal([51, 52]);
    expectClean(target, lines, [peer]);
  });
});

describe('iSCSI task management', () => {
  it('aborts a command that waits for its data, and its pages are free again', () => {
    const { target, lines } = makeTarget('--initial-r2t', 'yes', '--immediate-data', 'no');
    const peer = new Peer(target);
    peer.login();
    const [asked] = peer.command(cdb10(0x2a, 0, 64), { flags: 0xa0, edtl: 32768 });
    if (asked?.pdu.kind !== 'r2t') throw new Error('no R2T');
    const { itt, ttt } = asked.pdu;
    const abort = { immediate: true, flags: 0x81, lun: 1, itt: 7, rtt: itt, cmdSN: peer.cmdSN } as const;
    expect(peer.send('taskRequest', abort)[0]?.pdu).to.include({ kind: 'taskResponse', response: 0 });
    expect(peer.send('taskRequest', abort)[0]?.pdu).to.include({ response: 1 });
    expect(peer.send('dataOut', { flags: 0x80, itt, ttt }, bytes(4096))).to.be.empty;
    expectClean(target, lines, [peer]);
  });

  it('resets the unit for all sessions, which are told', () => {
    const { target, lines } = makeTarget();
    const [one, two] = [new Peer(target), new Peer(target)];
    one.login();
    two.login({ InitiatorName: 'iqn.second' });
    expect(statusOf(one.command([0x16]))).to.equal(GOOD);
    expect(statusOf(two.command([0]))).to.equal(0x18);
    one.send('taskRequest', { immediate: true, flags: 0x85, lun: 1, itt: 9, cmdSN: one.cmdSN });
    for (const peer of [one, two]) {
      expect(senseOf(peer.command([0]))).to.equal('6/29/3');
      expect(statusOf(peer.command([0]))).to.equal(GOOD);
    }
    expectClean(target, lines, [one, two]);
  });
});

describe('a peer that lies or vanishes', () => {
  it('may go in the middle of a burst: no mapping and no page stays', () => {
    for (const cut of [1, 47, 48, 49, 300, 559]) {
      const { target, lines } = makeTarget('--initial-r2t', 'yes', '--immediate-data', 'no');
      const peer = new Peer(target);
      peer.login();
      const [asked] = peer.command(cdb10(0x2a, 0, 64), { flags: 0xa0, edtl: 32768 });
      if (asked?.pdu.kind !== 'r2t') throw new Error('no R2T');
      const { itt, ttt } = asked.pdu;
      peer.connection.push(pduBytes('dataOut', { itt, ttt }, bytes(512)).subarray(0, cut));
      expectClean(target, lines, [peer]);
    }
  });

  it('is rejected for an unknown operation code and for a segment that is too long', () => {
    for (const bad of [
      Uint8Array.of(0x1d, ...new Uint8Array(47)),
      pduBytes('nopOut', { itt: 5, dataLength: 0xff_ffff }),
    ]) {
      const { target, lines } = makeTarget();
      const peer = new Peer(target);
      peer.login();
      const before = peer.answers.length;
      peer.connection.push(bad);
      const [answer] = peer.answers.slice(before);
      expect(answer?.pdu).to.include({ kind: 'reject', reason: 4, dataLength: HEADER_BYTES });
      expect(peer.ended).to.equal(true);
      expect(peer.command([0])).to.be.empty;
      expectClean(target, lines, [peer]);
    }
  });

  it('cannot break the target with any bytes', () => {
    const fields = fc.record({
      flags: fc.nat({ max: 255 }),
      itt: fc.constantFrom(1, 2, 3, NO_TAG),
      ttt: fc.constantFrom(0, 1, 2, NO_TAG),
      lun: fc.constantFrom(0, 1, 2),
      cmdSN: fc.nat({ max: 12 }),
      edtl: fc.constantFrom(0, 1, 512, 700, 4096, 0xffff_ffff),
      dataSN: fc.nat({ max: 2 }),
      bufferOffset: fc.constantFrom(0, 512, 4096, 0xffff_ffff),
      immediate: fc.boolean(),
    });
    const kinds = fc.constantFrom('scsiCommand', 'dataOut', 'taskRequest', 'nopOut', 'textRequest', 'snack');
    const opcodes = fc.constantFrom(
      0x00,
      0x12,
      0x15,
      0x25,
      0x28,
      0x2a,
      0x2e,
      0x2f,
      0x41,
      0x42,
      0x89,
      0x8b,
      0x93,
      0x9e,
      0xa3,
    );
    const cdb = fc.tuple(opcodes, fc.uint8Array({ minLength: 15, maxLength: 15 }));
    const step = fc.tuple(kinds, fields, cdb, fc.uint8Array({ maxLength: 1100 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const { target, lines } = makeTarget();
        const peer = new Peer(target);
        peer.login();
        for (const [kind, some, [opcode, rest], data] of steps) {
          const block = Uint8Array.from([opcode, ...rest]);
          peer.send(kind, kind === 'scsiCommand' ? { ...some, cdb: block } : some, data);
        }
        expectClean(target, lines, [peer]);
      }),
      { numRuns: 60 },
    );
  });

  it('with a wrong header digest is cut off', () => {
    const { target, lines } = makeTarget('--header-digest');
    const peer = new Peer(target);
    peer.login({ HeaderDigest: 'None,CRC32C' });
    const ping = pduBytes('nopOut', { immediate: true, itt: 3, ttt: NO_TAG });
    const digest = new Uint8Array(4);
    new DataView(digest.buffer).setUint32(0, crc32c(ping) ^ 1, true);
    peer.connection.push(Buffer.concat([ping, digest]));
    expect(peer.ended).to.equal(true);
    expectClean(target, lines, [peer]);
  });
});
