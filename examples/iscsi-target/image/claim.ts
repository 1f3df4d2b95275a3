/**
 * Which process serves a file. Every process that wants to serve it makes a file of its own beside it, a claim, whose
 * name has the number of the process, and reads the claims of others. A process that writes the file shares it with no
 * other process; processes that only read it can share it. Claims of processes that have ended are ignored and removed,
 * so a target that was killed does not keep others from starting.
 *
 * A claim begins undecided, as an empty file. If two claims are undecided, the one whose name comes first waits until
 * the other has decided, and the other is withdrawn. So one of them wins.
 */
import { readFileSync } from 'node:fs';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A process. The time of its start distinguishes it from a later process with the same number. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
  readonly start: string;
}

/** What a process wants to do with a file. */
type ClaimMode = 'write' | 'read';

/** A claim that was won. */
export interface Claim {
  release(): Promise<void>;
}

const POLL_MS = 5;
/** The longest time to wait for an undecided process. */
const PATIENCE_MS = 5000;

/** State and start of a process, fields 3 and 22 of its stat file; undefined where the system has no such files. */
function processStat(pid: number): { readonly state: string; readonly start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The second field is a name in brackets, which may contain spaces and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = ''] = fields;
    return { state, start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** This process. */
export function thisProcess(): Owner {
  const host = hostname().replace(/[^\w.]/g, '_');
  return { host, pid: process.pid, start: processStat(process.pid)?.start ?? '0' };
}

/** Whether a process still runs. For a process of another host this is not known, and the function returns true. */
function isAlive(owner: Owner, host: string): boolean {
  if (owner.host !== host) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const stat = processStat(owner.pid);
  if (stat === undefined) return true;
  // A zombie has ended.
  return stat.start === owner.start && !['Z', 'X'].includes(stat.state);
}

function nameOf(mode: ClaimMode, { host, pid, start }: Owner): string {
  return `${mode}-${host}-${String(pid)}-${start}`;
}

function parseName(name: string): { readonly mode: ClaimMode; readonly owner: Owner } | undefined {
  const match = /^(write|read)-([\w.]*)-(\d+)-(\w*)$/.exec(name);
  if (match === null) return undefined;
  const [, mode, host = '', pid, start = ''] = match;
  return { mode: mode === 'write' ? 'write' : 'read', owner: { host, pid: Number(pid), start } };
}

interface Other {
  readonly name: string;
  readonly path: string;
  readonly mode: ClaimMode;
  readonly owner: Owner;
  readonly content: string;
}

/** The claims of this process. */
const held = new Set<string>();

/** Reads the claims of other processes, one after the other. */
async function othersOf(prefix: string, own: string): Promise<Other[]> {
  const start = basename(prefix);
  const others: Other[] = [];
  for (const entry of await readdir(dirname(prefix))) {
    const name = entry.slice(start.length);
    const parsed = entry.startsWith(start) && name !== own ? parseName(name) : undefined;
    if (parsed === undefined) continue;
    const path = join(dirname(prefix), entry);
    // A claim that is gone by now was withdrawn. Only a plain file can be a claim, and reading it cannot block.
    const isFile = await lstat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    const content = isFile ? await readFile(path, 'utf8').catch(() => undefined) : undefined;
    if (content !== undefined) others.push({ name, path, ...parsed, content });
  }
  return others;
}

/** How to claim. */
export interface ClaimOptions {
  readonly mode: ClaimMode;
  /** What the claim's file says, for the target that finds it when this process is dead. */
  readonly note: string;
  readonly self?: Owner;
  /** Called with the note of each dead writer before its claim is removed; throws to refuse the claim. */
  readonly onDead?: (note: string) => Promise<void>;
}

/** Claims the file whose claims begin with `prefix`; returns the owner if another process has it. */
export async function claim(
  prefix: string,
  options: ClaimOptions,
): Promise<Claim | { readonly heldBy: Owner }> {
  const { mode, note, self = thisProcess(), onDead } = options;
  const own = nameOf(mode, self);
  const path = prefix + own;
  if (held.has(path)) return { heldBy: self };
  const withdraw = async (): Promise<void> => {
    held.delete(path);
    await rm(path, { force: true });
  };
  held.add(path);
  try {
    // A claim with our name that is not ours was left from before the system was started again.
    await rm(path, { force: true });
    await writeFile(path, '', { flag: 'wx' });
    for (let waited = 0; ; waited += POLL_MS) {
      const rivals: Other[] = [];
      for (const other of await othersOf(prefix, own)) {
        if (!isAlive(other.owner, self.host)) {
          if (other.mode === 'write' && other.content !== '') await onDead?.(other.content);
          await rm(other.path, { force: true });
        } else if (mode === 'write' || other.mode === 'write') rivals.push(other);
      }
      if (rivals.length === 0) break;
      const winner = rivals.find(({ content, name }) => content !== '' || name < own || waited > PATIENCE_MS);
      if (winner !== undefined) {
        await withdraw();
        return { heldBy: winner.owner };
      }
      await delay(POLL_MS);
    }
    await writeFile(path, note);
  } catch (error) {
    await withdraw();
    throw error;
  }
  return { release: withdraw };
}
