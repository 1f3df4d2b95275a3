import { expect } from 'chai';
import { NO_TAG } from '../../examples/iscsi-target/iscsi/pdu.ts';
import type { PduOf } from '../../examples/iscsi-target/iscsi/pdu.ts';
import { decodeText, encodeText } from '../../examples/iscsi-target/iscsi/text.ts';
import type { Target } from '../../examples/iscsi-target/target.ts';
import { cdb10, heldBy, makeTarget, Peer, pduBytes, senseOf, statusOf } from './peer.ts';
import type { Answer } from './peer.ts';

const GOOD = 0;
const CHECK = 2;
const TASK_SET_FULL = 0x28;
const BY_R2T = ['--initial-r2t', 'yes', '--immediate-data', 'no'];

function bytes(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7 + (i >> 8)) & 255);
}

function isZero(data: Uint8Array): boolean {
  return data.every((byte) => byte === 0);
}

const BASELINE = {
  connections: 0,
  sessions: 0,
  tasks: 0,
  dataBytes: 0,
  backlogBytes: 0,
  lists: 0,
  mappings: 0,
};

/** Every peer goes: nothing is held for any of them, and nothing was reported. */
function expectNothingHeld(target: Target, lines: readonly string[], peers: readonly Peer[]): void {
  for (const peer of peers) peer.connection.close();
  expect(heldBy(target)).to.deep.equal(BASELINE);
  expect(target.destroy(), lines.join('\n')).to.equal(true);
}

function r2tOf(answers: readonly Answer[]): PduOf<'r2t'> {
  const r2t = answers.map(({ pdu }) => pdu).find((pdu) => pdu.kind === 'r2t');
  if (r2t === undefined) throw new Error(`no R2T, but ${answers.map(({ pdu }) => pdu.kind).join()}`);
  return r2t;
}

/** Begins a write of 64 blocks of which `sent` bytes of its Data-Out are on the way; returns the bytes not sent yet. */
function beginWrite(
  peer: Peer,
  lba: number,
  sent: number,
): { readonly rest: Uint8Array; readonly itt: number } {
  const data = bytes(32768, lba);
  const { itt, ttt } = r2tOf(peer.command(cdb10(0x2a, lba, 64), { flags: 0xa0, edtl: data.length }));
  const pdu = pduBytes('dataOut', { flags: 0x80, itt, ttt }, data);
  peer.connection.push(pdu.subarray(0, sent));
  return { rest: pdu.subarray(sent), itt };
}

function manage(peer: Peer, what: number, fields: Partial<PduOf<'taskRequest'>> = {}): Answer[] {
  const all = {
    immediate: true,
    flags: 0x80 | what,
    lun: 1,
    itt: 9000,
    rtt: NO_TAG,
    cmdSN: peer.cmdSN,
    ...fields,
  };
  return peer.send('taskRequest', all);
}

describe('a write that is aborted while its data comes', () => {
  const cuts = [0, 1, 47, 48, 49, 4096, 32768, 32768 + 47];
  const functions: readonly [what: string, code: number, sense: string][] = [
    ['CLEAR TASK SET', 4, '6/2f/0'],
    ['LUN RESET', 5, '6/29/3'],
    ['TARGET WARM RESET', 6, '6/29/3'],
  ];
  for (const [what, code, sense] of functions) {
    it(`by a ${what} of another session has no answer and leaves no byte; its session is told`, () => {
      for (const cut of cuts) {
        const { target, lines } = makeTarget(...BY_R2T);
        const [one, two] = [new Peer(target), new Peer(target)];
        one.login();
        two.login({ InitiatorName: 'iqn.second' });
        const { rest } = beginWrite(one, 0, cut);
        expect(manage(two, code)[0]?.pdu).to.include({ kind: 'taskResponse', response: 0 });
        expect(heldBy(target)).to.include({ tasks: 0, dataBytes: 0, lists: 0 });
        const before = one.answers.length;
        one.connection.push(rest);
        expect(one.answers.slice(before), `cut at ${String(cut)}`).to.be.empty;
        expect(senseOf(one.command([0]))).to.equal(sense);
        expect(isZero(one.read(0, 64))).to.equal(true);
        expectNothingHeld(target, lines, [one, two]);
      }
    });
  }

  for (const [what, code] of [
    ['ABORT TASK', 1],
    ['ABORT TASK SET', 2],
    ['CLEAR TASK SET', 4],
  ] as const) {
    it(`by an ${what} of its own session has no answer and leaves no byte`, () => {
      const { target, lines } = makeTarget(...BY_R2T);
      const peer = new Peer(target);
      peer.login();
      const { itt, ttt } = r2tOf(peer.command(cdb10(0x2a, 0, 64), { flags: 0xa0, edtl: 32768 }));
      const data = { itt, ttt, dataSN: 0 };
      expect(peer.send('dataOut', data, bytes(512))).to.be.empty;
      expect(manage(peer, code, { rtt: itt })[0]?.pdu).to.include({ response: 0 });
      expect(peer.send('dataOut', { ...data, flags: 0x80, dataSN: 1, bufferOffset: 512 }, bytes(32256))).to.be
        .empty;
      expect(isZero(peer.read(0, 64))).to.equal(true);
      expectNothingHeld(target, lines, [peer]);
    });
  }

  it('does not disturb a session that had nothing under way', () => {
    const { target, lines } = makeTarget();
    const [one, two] = [new Peer(target), new Peer(target)];
    one.login();
    two.login({ InitiatorName: 'iqn.second' });
    manage(two, 4);
    expect(statusOf(one.command([0]))).to.equal(GOOD);
    expectNothingHeld(target, lines, [one, two]);
  });

  it('by a TARGET COLD RESET ends with every session', () => {
    const { target, lines } = makeTarget(...BY_R2T);
    const [one, two] = [new Peer(target), new Peer(target)];
    one.login();
    two.login({ InitiatorName: 'iqn.second' });
    const { rest } = beginWrite(one, 0, 1000);
    expect(manage(two, 7)[0]?.pdu).to.include({ response: 0 });
    expect([one.ended, two.ended]).to.deep.equal([true, true]);
    one.connection.push(rest);
    expectNothingHeld(target, lines, [one, two]);
  });

  it('by a logout ends before the answer to the logout', () => {
    const { target, lines } = makeTarget(...BY_R2T);
    const peer = new Peer(target);
    peer.login();
    r2tOf(peer.command(cdb10(0x2a, 0, 64), { flags: 0xa0, edtl: 32768 }));
    const answers = peer.send('logoutRequest', { immediate: true, flags: 0x80, itt: 77, cmdSN: peer.cmdSN });
    expect(answers.map(({ pdu }) => pdu.kind)).to.deep.equal(['logoutResponse']);
    expect(peer.ended).to.equal(true);
    expect(heldBy(target)).to.deep.equal({ ...BASELINE, connections: 1 });
    expectNothingHeld(target, lines, [peer]);
  });

  it('that has not come, by ABORT TASK with its CmdSN, counts as received', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    peer.cmdSN = 3;
    expect(peer.command([0])).to.be.empty;
    const answers = [1, 2].flatMap((refCmdSN) => manage(peer, 1, { rtt: 500, refCmdSN, cmdSN: 4 }));
    expect(answers.filter(({ pdu }) => pdu.kind === 'taskResponse').map(({ pdu }) => pdu)).to.have.length(2);
    expect(statusOf(answers)).to.equal(GOOD);
    expect(manage(peer, 1, { rtt: 500, refCmdSN: 3, cmdSN: 4 })[0]?.pdu).to.include({ response: 1 });
    expectNothingHeld(target, lines, [peer]);
  });
});

describe('a session that is reinstated', () => {
  const states: Readonly<Record<string, (peer: Peer) => void>> = {
    'at rest': () => undefined,
    'with an R2T outstanding': (peer) => void beginWrite(peer, 0, 0),
    'in the middle of a Data-Out': (peer) => void beginWrite(peer, 0, 5000),
    'with a command that waits for one left out': (peer) => void peer.write(0, bytes(512), { cmdSN: 9 }),
    'with answers that it does not take': (peer) => {
      peer.stalled = true;
      for (let i = 0; i < 12; i += 1) peer.read(0, 2048);
    },
    'with a long command': (peer) => void peer.command(cdb10(0x41, 0, 0), { flags: 0xa0, edtl: 512 }),
  };
  for (const [state, bring] of Object.entries(states)) {
    it(`${state}: the old connection is closed and nothing of it is held`, () => {
      for (const again of [1, 4]) {
        const { target, lines, turns } = makeTarget(...BY_R2T);
        const peers = Array.from({ length: again }, () => {
          const peer = new Peer(target);
          peer.login();
          bring(peer);
          return peer;
        });
        const last = new Peer(target);
        last.login();
        expect(peers.map(({ ended }) => ended)).to.deep.equal(peers.map(() => true));
        expect(heldBy(target)).to.include({ sessions: 1, tasks: 0, dataBytes: 0, lists: 0 });
        for (const peer of peers) {
          const before = peer.answers.length;
          peer.connection.push(new Uint8Array(60000));
          peer.drain();
          expect(peer.answers.slice(before)).to.be.empty;
        }
        turns();
        expect(statusOf(last.command([0]))).to.equal(GOOD);
        expectNothingHeld(target, lines, [...peers, last]);
      }
    });
  }

  it('while another login of it is under way: the one that finishes last stays', () => {
    const { target, lines } = makeTarget();
    const [one, two] = [new Peer(target), new Peer(target)];
    const text = encodeText([
      ['InitiatorName', 'iqn.test'],
      ['TargetName', target.targetName],
    ]);
    for (const peer of [one, two])
      peer.send('loginRequest', { immediate: true, flags: 0x04, itt: 1, cmdSN: 1 }, text);
    for (const peer of [two, one])
      peer.send('loginRequest', { immediate: true, flags: 0x87, itt: 1, cmdSN: 1 });
    expect([one.ended, two.ended]).to.deep.equal([false, true]);
    expect(statusOf(one.command([0]))).to.equal(GOOD);
    expectNothingHeld(target, lines, [one, two]);
  });

  it('by its handle does not exist, or has its connection already', () => {
    const { target, lines } = makeTarget();
    const [one, two, three] = [new Peer(target), new Peer(target), new Peer(target)];
    const [answer] = one.login();
    if (answer?.pdu.kind !== 'loginResponse') throw new Error('no answer');
    const { tsih } = answer.pdu;
    const join = { immediate: true, flags: 0x87, itt: 1, cmdSN: 1 } as const;
    const [taken] = two.send('loginRequest', { ...join, tsih }, encodeText([['InitiatorName', 'iqn.test']]));
    expect(taken?.pdu).to.include({ statusClass: 2, statusDetail: 6 });
    const [none] = three.send('loginRequest', { ...join, tsih: tsih + 1 });
    expect(none?.pdu).to.include({ statusClass: 2, statusDetail: 10 });
    expect([two.ended, three.ended]).to.deep.equal([true, true]);
    expectNothingHeld(target, lines, [one, two, three]);
  });
});

describe('what one initiator may hold', () => {
  it('of answers on their way: reads wait for room, in order, and requests are not read', () => {
    const { target, lines, turns } = makeTarget('--machine', 'direct', '--send-window', '1M');
    const peer = new Peer(target);
    peer.login({ MaxRecvDataSegmentLength: '262144' });
    peer.stalled = true;
    const reads = Array.from({ length: 100 }, (_, i) => {
      const cdb = Uint8Array.from([...cdb10(0x28, 0, 2048), 0, 0, 0, 0, 0, 0]);
      return pduBytes('scsiCommand', { flags: 0xc0, lun: 1, itt: i, cmdSN: i + 1, cdb, edtl: 1 << 20 });
    });
    peer.connection.push(Buffer.concat(reads));
    const most = (1 << 20) + (256 << 10);
    expect(peer.paused).to.equal(true);
    let rounds = 0;
    for (; peer.answers.length < 401 && rounds < 5000; rounds += 1) {
      expect(peer.connection.backlogBytes).to.be.at.most(most);
      peer.drain(1);
      turns(1);
    }
    const done = peer.answers.filter(({ pdu }) => pdu.kind === 'dataIn' && (pdu.flags & 1) !== 0);
    expect(done.map(({ pdu }) => pdu.kind === 'dataIn' && pdu.itt)).to.deep.equal(reads.map((_, i) => i));
    peer.stalled = false;
    peer.drain();
    expect(peer.paused).to.equal(false);
    expectNothingHeld(target, lines, [peer]);
  });

  it('of answers without data, which are held back like the others', () => {
    const { target, lines } = makeTarget('--send-window', '64k');
    const peer = new Peer(target);
    peer.login();
    peer.stalled = true;
    const ping = pduBytes(
      'nopOut',
      { immediate: true, flags: 0x80, itt: 4, ttt: NO_TAG, cmdSN: 1 },
      bytes(8192),
    );
    for (let i = 0; i < 40; i += 1) peer.connection.push(ping);
    expect(peer.connection.backlogBytes).to.be.within(65536, 65536 + 8192 + 48);
    peer.stalled = false;
    peer.drain();
    expect(peer.answers.filter(({ pdu }) => pdu.kind === 'nopIn')).to.have.length(40);
    expectNothingHeld(target, lines, [peer]);
  });

  it('of the data of writes: what never feeds its writes leaves others room', () => {
    const { target, lines } = makeTarget(
      ...[
        ...BY_R2T,
        '--data-room',
        '512k',
        '--session-data-room',
        '256k',
        '--max-sessions',
        '8',
        '--size',
        '1M',
      ],
    );
    const hoarders = Array.from({ length: 7 }, (_, i) => {
      const peer = new Peer(target);
      peer.login({ InitiatorName: `iqn.hoarder.${String(i)}` });
      for (let n = 0; n < 8; n += 1) peer.command(cdb10(0x2a, 1000, 128), { flags: 0xa0, edtl: 65536 });
      return peer;
    });
    expect(hoarders.some(({ answers }) => statusOf(answers.slice(-1)) === TASK_SET_FULL)).to.equal(true);
    expect(target.budget.heldBytes).to.be.at.most(512 * 1024);
    const good = new Peer(target);
    good.login();
    for (let n = 0; n < 4; n += 1) {
      const { rest, itt } = beginWrite(good, 64 * n, 0);
      const answers = good.answers.length;
      good.connection.push(rest);
      expect(statusOf(good.answers.slice(answers)), `write ${String(itt)}`).to.equal(GOOD);
    }
    expectNothingHeld(target, lines, [...hoarders, good]);
  });

  it('of room: a transfer longer than there can be is refused, and the limit is said', () => {
    const { target, lines } = makeTarget('--session-data-room', '64k');
    const peer = new Peer(target);
    peer.login();
    const [page] = peer.command([0x12, 1, 0xb0, 0, 64], { flags: 0xc0, edtl: 64 });
    expect(Buffer.from(page?.data ?? []).readUInt32BE(8)).to.equal(128);
    expect(senseOf(peer.command(cdb10(0x2a, 0, 129), { flags: 0xa0, edtl: 129 * 512 }))).to.equal('5/24/0');
    expectNothingHeld(target, lines, [peer]);
  });

  it('of immediate commands: more are rejected', () => {
    const { target, lines } = makeTarget(...BY_R2T, '--max-immediate', '2');
    const peer = new Peer(target);
    peer.login();
    const write = { immediate: true, flags: 0xa0, edtl: 512, cmdSN: 1 } as const;
    for (const itt of [1, 2]) r2tOf(peer.command(cdb10(0x2a, 0, 1), { ...write, itt }));
    expect(peer.command(cdb10(0x2a, 0, 1), { ...write, itt: 3 })[0]?.pdu).to.include({
      kind: 'reject',
      reason: 6,
    });
    expect(statusOf(peer.command([0], { cmdSN: 1 }))).to.equal(GOOD);
    expectNothingHeld(target, lines, [peer]);
  });

  it('of text: a longer one is rejected, and what is behind it goes on', () => {
    const { target, lines } = makeTarget('--max-text', '1k');
    const peer = new Peer(target);
    peer.login();
    const text = { flags: 0x80, itt: 5, ttt: NO_TAG } as const;
    expect(peer.send('textRequest', { ...text, cmdSN: 1 }, bytes(1025))[0]?.pdu).to.include({
      kind: 'reject',
      reason: 10,
    });
    expect(peer.send('nopOut', { ...text, cmdSN: 2 }, bytes(1025))[0]?.pdu).to.include({
      kind: 'reject',
      reason: 9,
    });
    expect(statusOf(peer.command([0], { cmdSN: 3 }))).to.equal(GOOD);
    const login = new Peer(target);
    const more = { immediate: true, flags: 0x44, itt: 1, cmdSN: 1 } as const;
    expect(login.send('loginRequest', more, bytes(1000))[0]?.pdu).to.include({ statusClass: 0 });
    expect(login.send('loginRequest', more, bytes(1000))[0]?.pdu).to.include({ statusClass: 2 });
    expect(login.ended).to.equal(true);
    expectNothingHeld(target, lines, [peer, login]);
  });

  it('of connections and sessions: logins that do not end make room, sessions do not', () => {
    const { target, lines } = makeTarget('--max-connections', '4', '--max-sessions', '2');
    const idle = Array.from({ length: 4 }, () => new Peer(target));
    const [one, two, three] = [new Peer(target), new Peer(target), new Peer(target)];
    expect(idle.map(({ ended }) => ended)).to.deep.equal([true, true, true, false]);
    one.login({ InitiatorName: 'iqn.one' });
    two.login({ InitiatorName: 'iqn.two' });
    expect(three.login({ InitiatorName: 'iqn.three' })[0]?.pdu).to.include({
      statusClass: 3,
      statusDetail: 2,
    });
    expect(three.ended).to.equal(true);
    const again = new Peer(target);
    expect(again.login({ InitiatorName: 'iqn.one' })[0]?.pdu).to.include({ statusClass: 0 });
    expect(statusOf(two.command([0]))).to.equal(GOOD);
    expectNothingHeld(target, lines, [...idle, one, two, three, again]);
  });
});

describe('what takes too long', () => {
  it('a login is closed', () => {
    const { target, lines } = makeTarget('--login-timeout', '5');
    const [one, two] = [new Peer(target), new Peer(target)];
    two.login();
    target.tick(5000);
    expect(one.ended).to.equal(false);
    target.tick(5001);
    expect([one.ended, two.ended]).to.deep.equal([true, false]);
    expectNothingHeld(target, lines, [one, two]);
  });

  it('a silent session is pinged, and closed where it does not reply', () => {
    const { target, lines } = makeTarget('--idle-timeout', '10', '--ping-timeout', '3');
    const [one, two] = [new Peer(target), new Peer(target)];
    one.login({ InitiatorName: 'iqn.one' });
    two.login({ InitiatorName: 'iqn.two' });
    const before = one.answers.length;
    target.tick(10_001);
    const [ping] = one.answers.slice(before);
    if (ping?.pdu.kind !== 'nopIn') throw new Error('no ping');
    expect(ping.pdu).to.include({ itt: NO_TAG, lun: 1 }).and.not.include({ ttt: NO_TAG });
    one.send('nopOut', { immediate: true, flags: 0x80, itt: NO_TAG, ttt: ping.pdu.ttt, cmdSN: 1 });
    target.tick(13_002);
    expect([one.ended, two.ended]).to.deep.equal([false, true]);
    expect(statusOf(one.command([0]))).to.equal(GOOD);
    expectNothingHeld(target, lines, [one, two]);
  });

  it('a peer that takes nothing of what it asked for is closed', () => {
    const { target, lines } = makeTarget(
      '--send-window',
      '64k',
      '--idle-timeout',
      '10',
      '--ping-timeout',
      '3',
    );
    const peer = new Peer(target);
    peer.login();
    peer.stalled = true;
    peer.read(0, 1024);
    peer.read(0, 1024);
    target.tick(13_000);
    expect(peer.ended).to.equal(false);
    target.tick(13_001);
    expect(peer.ended).to.equal(true);
    peer.drain();
    expectNothingHeld(target, lines, [peer]);
  });

  it('Data-Out that does not come fails its command, and its room is free', () => {
    const { target, lines } = makeTarget(...BY_R2T, '--data-timeout', '5');
    const peer = new Peer(target);
    peer.login();
    const { rest } = beginWrite(peer, 0, 2000);
    const before = peer.answers.length;
    target.tick(5001);
    expect(senseOf(peer.answers.slice(before))).to.equal('b/4b/6');
    expect(heldBy(target)).to.include({ tasks: 0, dataBytes: 0, lists: 0 });
    peer.connection.push(rest);
    expect(isZero(peer.read(0, 64))).to.equal(true);
    expectNothingHeld(target, lines, [peer]);
  });

  it('a command that was left out ends the session', () => {
    const { target, lines } = makeTarget('--data-timeout', '5');
    const peer = new Peer(target);
    peer.login();
    peer.command([0], { cmdSN: 2 });
    for (const now of [1000, 4000, 6001]) target.tick(now);
    expect(peer.ended).to.equal(true);
    expectNothingHeld(target, lines, [peer]);
  });
});

describe('a command that does not hold together', () => {
  it('with a tag in use is rejected, and its number may come again or not', () => {
    for (const again of [false, true]) {
      const { target, lines } = makeTarget(...BY_R2T);
      const peer = new Peer(target);
      peer.login();
      const { rest, itt } = beginWrite(peer, 0, 0);
      const rejected = peer.command([0], { itt });
      expect(rejected[0]?.pdu).to.include({ kind: 'reject', reason: 7, dataLength: 48 });
      if (again) expect(statusOf(peer.command([0], { cmdSN: 2 }))).to.equal(GOOD);
      peer.cmdSN = 3;
      expect(statusOf(peer.command([0]))).to.equal(GOOD);
      const before = peer.answers.length;
      peer.connection.push(rest);
      expect(statusOf(peer.answers.slice(before))).to.equal(GOOD);
      expect(Buffer.compare(peer.read(0, 64), bytes(32768, 0))).to.equal(0);
      expectNothingHeld(target, lines, [peer]);
    }
  });

  it('with the tag that stands for none is rejected', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    expect(peer.command([0], { itt: NO_TAG })[0]?.pdu).to.include({ kind: 'reject', reason: 9 });
    expect(statusOf(peer.command([0]))).to.equal(GOOD);
    expectNothingHeld(target, lines, [peer]);
  });

  // Every command that wants data: its block for one block at LBA 8 (two for COMPARE AND WRITE).
  const one16 = (opcode: number, byte1 = 0): number[] => [opcode, byte1, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2];
  const wanting: Readonly<
    Record<string, readonly [cdb: readonly number[], wants: number, partial: boolean]>
  > = {
    'WRITE (6)': [[0x0a, 0, 0, 8, 2], 1024, true],
    'WRITE (10)': [cdb10(0x2a, 8, 2), 1024, true],
    'WRITE (12)': [[0xaa, 0, 0, 0, 0, 8, 0, 0, 0, 2], 1024, true],
    'WRITE (16)': [one16(0x8a), 1024, true],
    'WRITE ATOMIC (16)': [[0x9c, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 2], 1024, false],
    'WRITE AND VERIFY (10)': [cdb10(0x2e, 8, 2), 1024, true],
    'VERIFY (10), BYTCHK 1': [[0x2f, 2, ...cdb10(0x2f, 8, 2).slice(2)], 1024, true],
    'VERIFY (10), BYTCHK 3': [[0x2f, 6, ...cdb10(0x2f, 8, 2).slice(2)], 512, false],
    'ORWRITE (16)': [one16(0x8b), 1024, true],
    'WRITE SAME (10)': [cdb10(0x41, 8, 2), 512, false],
    'WRITE SAME (16)': [one16(0x93), 512, false],
    'COMPARE AND WRITE': [[0x89, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1], 1024, false],
    UNMAP: [[0x42, 0, 0, 0, 0, 0, 0, 0, 24], 24, false],
    'MODE SELECT (6)': [[0x15, 0x10, 0, 0, 16], 16, false],
  };
  for (const [name, [cdb, wants, partial]] of Object.entries(wanting)) {
    it(`${name}: flags and lengths that do not fit change nothing`, () => {
      const { target, lines } = makeTarget();
      const peer = new Peer(target);
      peer.login();
      const old = bytes(4096, 3);
      expect(statusOf(peer.write(4, old))).to.equal(GOOD);
      const cases: readonly [flags: number, edtl: number][] = [
        ...[0x80, 0xc0].flatMap((flags): [number, number][] => [
          [flags, wants],
          [flags, 0],
          [flags, 700],
        ]),
        [0xe0, wants],
        ...(partial ? [] : [[0xa0, 0] as [number, number]]),
        ...[1, 300, wants - 1]
          .filter((n) => n % 512 !== 0 && n < wants)
          .map((n): [number, number] => [0xa0, n]),
      ];
      for (const [flags, edtl] of cases) {
        const data = (flags & 0x20) !== 0 ? bytes(edtl, 5) : undefined;
        const answers = peer.command(cdb, { flags, edtl }, data);
        expect(statusOf(answers), `flags ${flags.toString(16)} length ${String(edtl)}`).to.equal(CHECK);
        expect(senseOf(answers)).to.be.oneOf(['5/e/3', '5/24/0', 'b/c/c']);
        expect(Buffer.compare(peer.read(4, 8), old)).to.equal(0);
      }
      expect(target.unit.softwareWriteProtect).to.equal(false);
      expectNothingHeld(target, lines, [peer]);
    });
  }

  it('writes whole blocks only, and says what was left over', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    for (const [edtl, flags, residual, status] of [
      [512, 0x84, 1024, GOOD],
      [1024, 0x84, 512, GOOD],
      [700, 0x84, 836, CHECK],
      [1536, 0x80, 0, GOOD],
      [2000, 0x82, 464, GOOD],
      [0, 0x84, 1536, GOOD],
    ] as const) {
      const [lba, data] = [edtl, bytes(edtl, edtl)];
      const [answer] = peer.command(cdb10(0x2a, lba, 3), { flags: 0xa0, edtl }, data);
      expect(answer?.pdu, String(edtl)).to.include({ kind: 'scsiResponse', flags, residual, status });
      const written = status === GOOD ? Math.min(edtl, 1536) : 0;
      const now = peer.read(lba, 4);
      expect(Buffer.compare(now.subarray(0, written), data.subarray(0, written))).to.equal(0);
      expect(isZero(now.subarray(written)), String(edtl)).to.equal(true);
    }
    expectNothingHeld(target, lines, [peer]);
  });

  it('reads without its flag, or with both', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    const read = cdb10(0x28, 0, 2);
    expect(peer.command(read, { flags: 0x80, edtl: 0 })[0]?.pdu).to.include({
      flags: 0x84,
      residual: 1024,
      status: GOOD,
    });
    expect(senseOf(peer.command(read, { flags: 0x80, edtl: 1024 }))).to.equal('5/e/3');
    expect(senseOf(peer.command(read, { flags: 0xe0, edtl: 1024 }))).to.equal('5/e/3');
    expectNothingHeld(target, lines, [peer]);
  });
});

describe('a discovery session', () => {
  it('may ask for the targets and log out, nothing else', () => {
    const { target, lines } = makeTarget();
    const [normal, peer] = [new Peer(target), new Peer(target)];
    normal.login({ InitiatorName: 'iqn.normal' });
    expect(statusOf(normal.command([0x16]))).to.equal(GOOD);
    peer.login({ SessionType: 'Discovery' });
    expect(manage(peer, 5)[0]?.pdu).to.include({ kind: 'reject', reason: 4 });
    expect(manage(peer, 7)[0]?.pdu).to.include({ kind: 'reject', reason: 4 });
    expect(peer.command([0])[0]?.pdu).to.include({ kind: 'reject', reason: 4 });
    expect(peer.send('nopOut', { flags: 0x80, itt: 3, ttt: NO_TAG, cmdSN: 2 })[0]?.pdu).to.include({
      kind: 'reject',
    });
    const ask = { flags: 0x80, itt: 4, ttt: NO_TAG, cmdSN: 3 } as const;
    const [found] = peer.send('textRequest', ask, encodeText([['SendTargets', 'All']]));
    expect(decodeText(found?.data ?? new Uint8Array(0))?.get('TargetName')).to.equal(target.targetName);
    expect(target.unit.reservedBy).to.not.equal(undefined);
    const out = peer.send('logoutRequest', { immediate: true, flags: 0x80, itt: 5, cmdSN: 4 });
    expect(out[0]?.pdu).to.include({ kind: 'logoutResponse', response: 0 });
    expectNothingHeld(target, lines, [normal, peer]);
  });
});

describe('text longer than the initiator takes', () => {
  const keys = Array.from({ length: 60 }, (_, i): [string, string] => [`X-org.example.${String(i)}`, '1']);

  it('comes in parts in a login, however the login goes on', () => {
    for (const transit of [0x87, 0x04]) {
      const { target, lines } = makeTarget();
      const peer = new Peer(target);
      const pairs: [string, string][] = [
        ['InitiatorName', 'iqn.test'],
        ['TargetName', target.targetName],
        ['MaxRecvDataSegmentLength', '512'],
        ...keys,
      ];
      const request = { immediate: true, flags: transit, itt: 1, cmdSN: 1 } as const;
      let [answer] = peer.send('loginRequest', request, encodeText(pairs));
      let text = Buffer.alloc(0);
      for (let parts = 1; parts < 9; parts += 1) {
        if (answer?.pdu.kind !== 'loginResponse') throw new Error('no answer');
        expect(answer.pdu.statusClass).to.equal(0);
        expect(answer.pdu.dataLength).to.be.at.most(512);
        text = Buffer.concat([text, answer.data]);
        if ((answer.pdu.flags & 0x40) === 0) break;
        expect(answer.pdu.flags).to.equal(0x44);
        [answer] = peer.send('loginRequest', request);
      }
      expect(decodeText(text)?.size).to.equal(62);
      if (transit === 0x04) [answer] = peer.send('loginRequest', { ...request, flags: 0x87 });
      expect(answer?.pdu).to.include({ flags: 0x87 });
      expect(statusOf(peer.command([0]))).to.equal(GOOD);
      expectNothingHeld(target, lines, [peer]);
    }
  });

  it('comes and goes in parts in a text negotiation', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login({ MaxRecvDataSegmentLength: '512' });
    const asked = encodeText(keys);
    const ask = { immediate: true, itt: 4, cmdSN: 1 } as const;
    let [answer] = peer.send('textRequest', { ...ask, flags: 0x40, ttt: NO_TAG }, asked.subarray(0, 500));
    expect(answer?.pdu).to.include({ kind: 'textResponse', flags: 0, dataLength: 0 });
    let text = Buffer.alloc(0);
    for (let parts = 0, rest = asked.subarray(500); parts < 9; parts += 1, rest = asked.subarray(0, 0)) {
      if (answer?.pdu.kind !== 'textResponse') throw new Error('no answer');
      [answer] = peer.send('textRequest', { ...ask, flags: 0x80, ttt: answer.pdu.ttt }, rest);
      if (answer?.pdu.kind !== 'textResponse') throw new Error('no answer');
      expect(answer.pdu.dataLength).to.be.at.most(512);
      text = Buffer.concat([text, answer.data]);
      if (answer.pdu.ttt === NO_TAG) break;
    }
    expect(decodeText(text)?.size).to.equal(60);
    expect(peer.send('textRequest', { ...ask, flags: 0x80, ttt: 4444 })[0]?.pdu).to.include({
      kind: 'reject',
      reason: 9,
    });
    expectNothingHeld(target, lines, [peer]);
  });
});

describe('commands that take long together', () => {
  it('in one piece of the stream are done in turns', () => {
    const { target, lines, turns } = makeTarget('--machine', 'direct', '--size', '4M');
    const peer = new Peer(target);
    peer.login();
    const verify = Array.from({ length: 40 }, (_, i) => {
      const cdb = Uint8Array.from([0x2f, 6, 0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0]);
      const fields = { flags: 0xa0, lun: 1, itt: i, cmdSN: i + 1, cdb, edtl: 512 };
      return pduBytes('scsiCommand', fields, new Uint8Array(512));
    });
    const before = peer.answers.length;
    peer.connection.push(Buffer.concat(verify));
    expect(peer.answers.length - before).to.be.within(1, 3);
    expect(turns(100)).to.be.within(20, 40);
    expect(peer.answers.length - before).to.equal(40);
    expectNothingHeld(target, lines, [peer]);
  });
});

describe('a command that takes long', () => {
  const long: Readonly<Record<string, (peer: Peer) => void>> = {
    'VERIFY of one block repeated': (peer) =>
      void peer.command(
        [0x2f, 6, 0, 0, 0, 0, 0, 0x3f, 0xff],
        { flags: 0xa0, edtl: 512 },
        new Uint8Array(512),
      ),
    'WRITE SAME': (peer) => void peer.command(cdb10(0x41, 0, 0), { flags: 0xa0, edtl: 512 }, bytes(512)),
    READ: (peer) => void peer.command(cdb10(0x28, 0, 0x3fff), { flags: 0xc0, edtl: 0x3fff * 512 }),
    'GET LBA STATUS': (peer) =>
      void peer.command([0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], { flags: 0xc0, edtl: 256 }),
  };
  for (const [name, begin] of Object.entries(long)) {
    it(`${name}: others are served in between, and it can be aborted`, () => {
      for (const aborted of [false, true]) {
        const { target, lines, turns } = makeTarget(
          '--machine',
          'direct',
          '--size',
          '64M',
          '--send-window',
          '16M',
        );
        const [one, two] = [new Peer(target), new Peer(target)];
        one.login();
        two.login({ InitiatorName: 'iqn.second' });
        const before = one.answers.length;
        begin(one);
        expect(statusOf(one.answers.slice(before)), 'at once').to.equal(undefined);
        for (let i = 0; i < 2; i += 1) {
          if (i > 0) turns(1);
          expect(statusOf(one.answers.slice(before)), 'after a turn').to.equal(undefined);
          expect(statusOf(two.write(10, bytes(512)))).to.equal(GOOD);
        }
        if (aborted) expect(manage(one, 2)[0]?.pdu).to.include({ response: 0 });
        expect(turns(1000)).to.be.below(1000);
        expect(statusOf(one.answers.slice(before))).to.equal(aborted ? undefined : GOOD);
        expect(statusOf(one.command([0]))).to.equal(GOOD);
        expectNothingHeld(target, lines, [one, two]);
      }
    });
  }
});
