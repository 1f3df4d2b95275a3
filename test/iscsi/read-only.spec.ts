import { expect } from 'chai';
import type { ScsiCommand } from '../../examples/iscsi-target/scsi/command.ts';
import { COMMANDS } from '../../examples/iscsi-target/scsi/commands.ts';
import { makeTarget, Peer, senseOf, statusOf } from './peer.ts';
import type { Answer } from './peer.ts';

/** Commands that change what is on the medium, as the standards say (SBC-3), whether the disk has them or not. */
const CHANGES_THE_MEDIUM = new Set([
  ...[0x04, 0x07, 0x0a, 0x2a, 0xaa, 0x8a, 0x9c, 0x2e, 0xae, 0x8e, 0x41, 0x93],
  ...[0x42, 0x89, 0x8b, 0x48, 0x83, 0x3f, 0x50, 0x51],
]);

/** A command block for block 8, with data that would change it. */
function sample({ opcode, serviceAction, usage }: ScsiCommand): { cdb: number[]; data: Uint8Array } {
  const length = usage.length + 1;
  const cdb = new Array<number>(length).fill(0);
  cdb[0] = opcode;
  cdb[1] = serviceAction ?? 0;
  if (length === 6) cdb.splice(3, 2, 8, 1);
  else if (length === 10) cdb.splice(5, 4, 8, 0, 0, 1);
  else if (length === 12) cdb.splice(5, 5, 8, 0, 0, 0, 1);
  else cdb.splice(9, 5, 8, 0, 0, 0, 1);
  const data = new Uint8Array(512).fill(0xa5);
  if (opcode === 0x42) {
    const list = new Uint8Array(24);
    list.set([0, 22, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1]);
    return { cdb: [0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0], data: list };
  }
  // What is compared is what is there.
  if (opcode === 0x89) return { cdb, data: Uint8Array.from([...new Uint8Array(512).fill(0x11), ...data]) };
  return { cdb, data };
}

function send(peer: Peer, command: ScsiCommand): Answer[] {
  const { cdb, data } = sample(command);
  return peer.command(cdb, { flags: 0xa0, edtl: data.length }, data);
}

describe('a disk that is read only', () => {
  for (const command of COMMANDS) {
    const changes = CHANGES_THE_MEDIUM.has(command.opcode);
    it(`${command.name} ${changes ? 'is refused there and changes the disk elsewhere' : 'changes no disk'}`, () => {
      for (const readOnly of [false, true]) {
        const { target, lines } = makeTarget(...(readOnly ? ['--read-only'] : []));
        const before = new Uint8Array(512 * 16).fill(0x11);
        const { store, close } = target.openStore('fill');
        const data = store.stage(before.length);
        expect(data?.write(before, 0)).to.equal(undefined);
        expect(data && store.put(0, data, 0, before.length)).to.equal(undefined);
        data?.release();
        close();
        const peer = new Peer(target);
        peer.login();
        const answers = send(peer, command);
        if (readOnly && changes) expect(senseOf(answers)).to.equal('7/27/0');
        const changed = Buffer.compare(peer.read(0, 16), before) !== 0;
        expect(changed).to.equal(changes && !readOnly);
        peer.connection.close();
        expect(target.destroy(), lines.join('\n')).to.equal(true);
      }
    });
  }

  it('says so in the mode header, and no MODE SELECT and no reset changes that', () => {
    const { target } = makeTarget('--read-only');
    const peer = new Peer(target);
    peer.login();
    const header = (opcode: number, at: number): number => {
      const cdb = opcode === 0x1a ? [0x1a, 0, 0x3f, 0, 255, 0] : [0x5a, 0, 0x3f, 0, 0, 0, 0, 0, 255, 0];
      const [answer] = peer.command(cdb, { flags: 0xc0, edtl: 255 });
      return answer?.data[at] ?? 0;
    };
    const list = Uint8Array.of(0, 0, 0, 0, 0x0a, 10, 0x02, ...new Uint8Array(9));
    expect(
      statusOf(peer.command([0x15, 0x10, 0, 0, list.length, 0], { flags: 0xa0, edtl: list.length }, list)),
    ).to.equal(0);
    peer.send('taskRequest', { immediate: true, flags: 0x85, lun: 1, itt: 9, cmdSN: peer.cmdSN });
    peer.command([0]);
    expect(header(0x1a, 2)).to.equal(0x90);
    expect(header(0x5a, 3)).to.equal(0x90);
    expect(senseOf(peer.write(0, new Uint8Array(512)))).to.equal('7/27/0');
  });
});
