import { expect } from 'chai';
import { parseOptions } from '../../examples/iscsi-target/options.ts';
import type { Failure } from '../../examples/iscsi-target/store/store.ts';
import { Target } from '../../examples/iscsi-target/target.ts';
import { cdb10, makeTarget, Peer, senseOf, statusOf } from './peer.ts';
import type { Answer } from './peer.ts';

const FUA = 0x08;
const IMMED = 0x02;

/** A medium that finishes when the test says so. */
class SlowMedium {
  enabled = true;
  readonly enabledByDefault = true;
  readonly waiting: ((failure: Failure) => void)[] = [];

  flush(): Promise<Failure> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  async finish(failure?: Failure): Promise<void> {
    for (const resolve of this.waiting.splice(0)) resolve(failure);
    await new Promise(setImmediate);
  }
}

function cached(): { medium: SlowMedium; target: Target; peer: Peer; end: () => void } {
  const medium = new SlowMedium();
  const options = parseOptions(['--size', '1M', '--machine', 'checked'], () => undefined);
  const lines: string[] = [];
  const target = new Target(options, (line) => lines.push(line), { cache: medium, watch: (store) => store });
  const peer = new Peer(target);
  peer.login();
  return {
    medium,
    target,
    peer,
    end: () => {
      peer.connection.close();
      expect(target.destroy(), lines.join('\n')).to.equal(true);
    },
  };
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(0x5a);
}

function cdb16(opcode: number, flags: number, lba: number, blocks: number): number[] {
  return [opcode, flags, 0, 0, 0, 0, 0, 0, 0, lba, 0, 0, 0, blocks, 0, 0];
}

function cdb12(opcode: number, flags: number, lba: number, blocks: number): number[] {
  return [opcode, flags, 0, 0, 0, lba, 0, 0, 0, blocks, 0, 0];
}

function flagged(cdb: number[], flags: number): number[] {
  cdb[1] = flags;
  return cdb;
}

describe('a command that asks for the medium', () => {
  type Sent = readonly [
    name: string,
    cdb: number[],
    flags: number,
    data?: Uint8Array | undefined,
    expected?: number,
  ];
  const compareAndWrite = cdb16(0x89, FUA, 4, 0);
  compareAndWrite[13] = 1;
  const atomic = cdb16(0x9c, FUA, 4, 1);
  const waits: readonly Sent[] = [
    ['SYNCHRONIZE CACHE (10)', cdb10(0x35, 0, 0), 0x80],
    ['SYNCHRONIZE CACHE (16)', cdb16(0x91, 0, 0, 0), 0x80],
    ['WRITE (10) with FUA', flagged(cdb10(0x2a, 4, 1), FUA), 0xa0, bytes(512)],
    ['WRITE (12) with FUA', cdb12(0xaa, FUA, 4, 1), 0xa0, bytes(512)],
    ['WRITE (16) with FUA', cdb16(0x8a, FUA, 4, 1), 0xa0, bytes(512)],
    ['WRITE ATOMIC (16) with FUA', atomic, 0xa0, bytes(512)],
    ['ORWRITE (16) with FUA', cdb16(0x8b, FUA, 4, 1), 0xa0, bytes(512)],
    ['COMPARE AND WRITE with FUA', compareAndWrite, 0xa0, new Uint8Array(1024)],
    ['WRITE AND VERIFY (10)', cdb10(0x2e, 4, 1), 0xa0, bytes(512)],
    ['VERIFY (10)', cdb10(0x2f, 4, 1), 0x80],
    ['READ (10) with FUA', flagged(cdb10(0x28, 4, 1), FUA), 0xc0, undefined, 512],
    ['READ (12) with FUA', cdb12(0xa8, FUA, 4, 1), 0xc0, undefined, 512],
    ['READ (16) with FUA', cdb16(0x88, FUA, 4, 1), 0xc0, undefined, 512],
  ];
  for (const [name, cdb, flags, data, expected] of waits) {
    it(`${name}: is answered when the medium has it, other commands meanwhile, and fails with the medium`, async () => {
      const { medium, peer, end } = cached();
      const send = (): Answer[] => peer.command(cdb, { flags, edtl: data?.length ?? expected ?? 0 }, data);
      expect(send()).to.deep.equal([]);
      expect(statusOf(peer.command([0]))).to.equal(0);
      const before = peer.answers.length;
      await medium.finish();
      expect(statusOf(peer.answers.slice(before))).to.equal(0);

      if (name.startsWith('COMPARE')) peer.write(4, new Uint8Array(512));
      expect(send()).to.deep.equal([]);
      const second = peer.answers.length;
      await medium.finish({ why: 'no space', full: false });
      expect(senseOf(peer.answers.slice(second))).to.equal('3/c/0');
      end();
    });
  }

  const goesOn: readonly Sent[] = [
    ['SYNCHRONIZE CACHE (10) with IMMED', flagged(cdb10(0x35, 0, 0), IMMED), 0x80],
    ['WRITE (10)', cdb10(0x2a, 4, 1), 0xa0, bytes(512)],
    ['READ (10)', cdb10(0x28, 4, 1), 0xc0, undefined, 512],
    ['WRITE (6), which has no FUA', [0x0a, FUA, 0, 4, 1, 0], 0xa0, bytes(512)],
    // Bit 3 is UNMAP there.
    ['WRITE SAME (10) with UNMAP', flagged(cdb10(0x41, 4, 1), 0x08), 0xa0, bytes(512)],
  ];
  for (const [name, cdb, flags, data, expected] of goesOn) {
    it(`${name}: is answered at once`, async () => {
      const { medium, peer, end } = cached();
      expect(statusOf(peer.command(cdb, { flags, edtl: data?.length ?? expected ?? 0 }, data))).to.equal(
        name.startsWith('WRITE (6)') ? 2 : 0,
      );
      expect(medium.waiting.length).to.equal(name.includes('IMMED') ? 1 : 0);
      await medium.finish();
      end();
    });
  }

  it('a command that fails does not wait', () => {
    const { medium, peer, end } = cached();
    expect(senseOf(peer.command(cdb10(0x35, 4096, 1), { flags: 0x80 }))).to.equal('5/21/0');
    expect(medium.waiting).to.have.length(0);
    end();
  });

  it('an aborted command has no answer, and a session may end while it waits', async () => {
    const { medium, peer, target, end } = cached();
    expect(peer.command(cdb10(0x35, 0, 0), { itt: 77 })).to.deep.equal([]);
    const abort = { immediate: true, flags: 0x81, lun: 1, itt: 7, rtt: 77, cmdSN: peer.cmdSN } as const;
    expect(peer.send('taskRequest', abort)[0]?.pdu).to.include({ response: 0 });
    const before = peer.answers.length;
    const other = new Peer(target);
    other.login({ InitiatorName: 'iqn.second' });
    other.command(cdb10(0x35, 0, 0));
    other.connection.close();
    await medium.finish();
    expect(peer.answers).to.have.length(before);
    end();
  });
});

describe('the caching page', () => {
  function page(peer: Peer, values: number): Uint8Array {
    const [answer] = peer.command([0x1a, 0, (values << 6) | 0x08, 0, 255, 0], { flags: 0xc0, edtl: 24 });
    return answer?.data ?? new Uint8Array(0);
  }
  function select(peer: Peer, wce: boolean): Answer[] {
    const list = new Uint8Array(24);
    list.set([0, 0, 0, 0, 0x08, 18, wce ? 4 : 0]);
    return peer.command([0x15, 0x10, 0, 0, list.length, 0], { flags: 0xa0, edtl: list.length }, list);
  }

  it('says that there is a cache, and that it can be switched off: then writes wait for the medium', async () => {
    const { medium, peer, end } = cached();
    for (const values of [0, 1, 2]) expect(page(peer, values)[6], `values ${String(values)}`).to.equal(4);
    expect(page(peer, 0)[2], 'DPOFUA').to.equal(0x10);
    expect(select(peer, false), 'waits until the cache is empty').to.deep.equal([]);
    const before = peer.answers.length;
    await medium.finish();
    expect(statusOf(peer.answers.slice(before))).to.equal(0);
    expect(page(peer, 0)[6]).to.equal(0);
    expect(page(peer, 2)[6]).to.equal(4);
    expect(peer.write(1, bytes(512))).to.deep.equal([]);
    await medium.finish();
    peer.send('taskRequest', { immediate: true, flags: 0x85, lun: 1, itt: 9, cmdSN: peer.cmdSN });
    peer.command([0]);
    expect(page(peer, 0)[6], 'after a reset').to.equal(4);
    end();
  });

  it('says that memory alone has no cache, and refuses one', () => {
    const { target, lines } = makeTarget();
    const peer = new Peer(target);
    peer.login();
    for (const values of [0, 1, 2]) expect(page(peer, values)[6]).to.equal(0);
    expect(senseOf(select(peer, true))).to.equal('5/26/0');
    expect(statusOf(select(peer, false))).to.equal(0);
    peer.connection.close();
    expect(target.destroy(), lines.join('\n')).to.equal(true);
  });
});
