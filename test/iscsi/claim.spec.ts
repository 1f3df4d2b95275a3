import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { claim, thisProcess } from '../../examples/iscsi-target/image/claim.ts';
import type { Claim, ClaimOptions, Owner } from '../../examples/iscsi-target/image/claim.ts';
import { Refusal } from '../../examples/iscsi-target/refusal.ts';

const SELF = thisProcess();
/** A process of another host counts as running. Its claims come before those of the host `m`. */
const ELSEWHERE: Owner = { host: 'a', pid: 12, start: '34' };
const ON_M: Owner = { ...SELF, host: 'm' };

describe('a claim', () => {
  let directory = '';
  let prefix = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'claim-'));
    prefix = join(directory, 'disk.lock-');
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function left(mode: string, { host, pid, start }: Owner, note: string): string {
    const name = `${prefix}${mode}-${host}-${String(pid)}-${start}`;
    writeFileSync(name, note);
    return name;
  }
  async function win(options: Partial<ClaimOptions> = {}): Promise<Claim> {
    const won = await claim(prefix, { mode: 'write', note: 'note', self: ON_M, ...options });
    if ('heldBy' in won) throw new Error(`it is held by ${String(won.heldBy.pid)}`);
    return won;
  }
  async function lose(options: Partial<ClaimOptions> = {}): Promise<Owner> {
    const won = await claim(prefix, { mode: 'write', note: 'note', self: ON_M, ...options });
    if (!('heldBy' in won)) throw new Error('it was won');
    return won.heldBy;
  }

  it('is a file with its note while it is held', async () => {
    const won = await win();
    const [name = ''] = readdirSync(directory);
    expect(name).to.equal(`disk.lock-write-m-${String(SELF.pid)}-${SELF.start}`);
    expect(readFileSync(join(directory, name), 'utf8')).to.equal('note');
    expect(await lose()).to.deep.equal(ON_M);
    await won.release();
    expect(readdirSync(directory)).to.deep.equal([]);
    await (await win()).release();
  });

  for (const mine of ['write', 'read'] as const)
    for (const theirs of ['write', 'read'] as const) {
      const isShared = mine === 'read' && theirs === 'read';
      it(`to ${mine} is ${isShared ? 'won beside' : 'lost to'} one that another process has to ${theirs}`, async () => {
        const other = left(theirs, ELSEWHERE, 'theirs');
        if (isShared) await (await win({ mode: mine })).release();
        else expect(await lose({ mode: mine })).to.deep.equal(ELSEWHERE);
        expect(readdirSync(directory).map((name) => join(directory, name))).to.deep.equal([other]);
      });
    }

  it('is won by one of many that race', async () => {
    const hosts = ['b', 'c', 'd', 'e'];
    const results = await Promise.all(
      hosts.map((host) => claim(prefix, { mode: 'write', note: host, self: { ...SELF, host } })),
    );
    expect(results.filter((won) => 'release' in won)).to.have.length(1);
    expect(readdirSync(directory)).to.have.length(1);
  });

  it('gives way to an undecided one before it by name, and waits for one behind it', async () => {
    const before = left('write', ELSEWHERE, '');
    expect(await lose()).to.deep.equal(ELSEWHERE);
    rmSync(before);
    const behind = { ...ELSEWHERE, host: 'z' };
    const file = left('write', behind, '');
    const decides = lose();
    await delay(20);
    writeFileSync(file, 'decided');
    expect(await decides).to.deep.equal(behind);
    writeFileSync(file, '');
    const givesWay = win();
    await delay(20);
    rmSync(file);
    await (await givesWay).release();
  });

  it('removes claims of processes that have ended, and is told what their writers noted', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => child.on('close', resolve));
    const ended: Owner = { host: SELF.host, pid: child.pid ?? 0, start: '1' };
    // The number of a process that runs, and the start of another.
    const reused: Owner = { ...SELF, start: '1' };
    left('write', ended, 'of the ended');
    left('write', reused, 'of the reused');
    left('write', { ...ended, start: '2' }, '');
    left('read', ended, 'of a reader');
    const notes: string[] = [];
    const onDead = (note: string): Promise<void> => {
      notes.push(note);
      return Promise.resolve();
    };
    const won = await win({ self: SELF, onDead });
    expect(notes).to.have.members(['of the ended', 'of the reused']);
    expect(readdirSync(directory)).to.have.length(1);
    await won.release();
  });

  it('is withdrawn where what a dead writer noted is a reason to refuse, and the dead claim stays', async () => {
    const dead = left('write', { ...SELF, start: '1' }, 'another name');
    const onDead = (note: string): Promise<void> => Promise.reject(new Refusal(note));
    const error: unknown = await win({ self: SELF, onDead }).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(Refusal);
    expect(readdirSync(directory).map((name) => join(directory, name))).to.deep.equal([dead]);
  });

  it('is not affected by what is no claim', async () => {
    for (const name of ['write', 'write-a-x-1', 'copy-a-1-1', 'write-a-1-1.old'])
      writeFileSync(prefix + name, 'x');
    writeFileSync(join(directory, 'other.lock-write-a-1-1'), 'x');
    mkdirSync(`${prefix}write-a-1-1`);
    await (await win()).release();
    expect(readdirSync(directory)).to.have.length(6);
  });

  it('fails where its file cannot be made', async () => {
    prefix = join(directory, 'missing', 'disk.lock-');
    const error: unknown = await win().catch((reason: unknown) => reason);
    expect(String(error)).to.match(/ENOENT/);
  });
});
