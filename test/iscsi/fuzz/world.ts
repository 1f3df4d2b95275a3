/** A target in this process with its peers, doing the actions of a run under a clock of its own. */
import { Connection } from '../../../examples/iscsi-target/iscsi/connection.ts';
import { parseOptions } from '../../../examples/iscsi-target/options.ts';
import type { Store } from '../../../examples/iscsi-target/store/store.ts';
import { Target } from '../../../examples/iscsi-target/target.ts';
import { heldBy } from '../peer.ts';
import { DISK_BLOCKS, GOOD_PEERS, HOSTILE_PEERS } from './actions.ts';
import type { Action } from './actions.ts';
import { GoodPeer } from './good-peer.ts';
import { HostilePeer } from './hostile-peer.ts';
import { Problem } from './stream.ts';
import type { Link } from './stream.ts';

/** Limits that a short run reaches. */
export const OPTIONS: readonly string[] = [
  ...['--size', String(DISK_BLOCKS * 512), '--machine', 'direct', '--first-burst-length', '8192'],
  ...['--max-recv-data-segment-length', '8192', '--max-burst-length', '16384', '--max-text', '4k'],
  ...['--send-window', '64k', '--data-room', '1M', '--session-data-room', '512k'],
  ...['--login-timeout', '5', '--idle-timeout', '8', '--ping-timeout', '10', '--data-timeout', '8'],
  ...['--max-connections', '9', '--max-sessions', '8', '--max-immediate', '4'],
];
/** Bytes of the disk that may be touched before others have their turn: a turn of a session, and a little. */
const MOST_WORK = 1536 * 1024;

/** Counts the bytes of the disk that are touched. */
class Meter {
  bytes = 0;

  watch(store: Store): Store {
    const count = (bytes: number): void => {
      this.bytes += bytes;
    };
    return {
      sizeBytes: store.sizeBytes,
      stage: (lengthBytes) => store.stage(lengthBytes),
      range: (offset, lengthBytes) => {
        const range = store.range(offset, lengthBytes);
        return {
          lengthBytes,
          read: (target, at) => {
            count(target.length);
            return range.read(target, at);
          },
          write: (source, at) => range.write(source, at),
          release: () => range.release(),
        };
      },
      put: (offset, data, dataAt, lengthBytes, spent) => {
        count(lengthBytes);
        return store.put(offset, data, dataAt, lengthBytes, spent);
      },
      compare: (offset, data, dataAt, lengthBytes) => {
        count(Math.max(lengthBytes, 4096));
        return store.compare(offset, data, dataAt, lengthBytes);
      },
      unmap: (offset, lengthBytes) => store.unmap(offset, lengthBytes),
      isMapped: (blockNumber) => store.isMapped(blockNumber),
    };
  }
}

/** Does the action with the peer it names. */
export function act(action: Action, good: readonly GoodPeer[], hostile: readonly HostilePeer[]): void {
  if (!('peer' in action)) return;
  const peer = good[action.peer];
  if (peer === undefined) return hostile[action.peer - GOOD_PEERS]?.act(action);
  if (action.do === 'flow') peer.flow(action.bytes);
  else if (action.do === 'abort') peer.abort();
  else if (action.do === 'write' || action.do === 'read' || action.do === 'verify')
    peer.begin(action.do, action.lba, action.blocks);
}

/** Whether an action may close every session. */
export function isColdReset(action: Action): boolean {
  return action.do === 'pdu' && action.kind === 'taskRequest' && (action.flags & 0x7f) === 7;
}

class World {
  readonly target: Target;
  readonly lines: string[] = [];
  readonly good: readonly GoodPeer[];
  readonly hostile: readonly HostilePeer[];
  readonly #waiting: (() => void)[] = [];
  readonly #meter = new Meter();
  #now = 0;
  /** Bytes given to peers and not taken, most at a time. */
  mostBacklog = 0;

  constructor() {
    this.target = new Target(
      parseOptions(OPTIONS, () => undefined),
      (line) => this.lines.push(line),
      { cache: undefined, watch: (store) => this.#meter.watch(store) },
      (work) => this.#waiting.push(work),
    );
    const connect = (receive: (bytes: Uint8Array) => void, ended: () => void): Link =>
      this.#connect(receive, ended);
    this.good = Array.from({ length: GOOD_PEERS }, (_, i) => new GoodPeer(`iqn.good.${String(i)}`, connect));
    this.hostile = Array.from({ length: HOSTILE_PEERS }, (_, i) => new HostilePeer(GOOD_PEERS + i, connect));
    for (const peer of this.good) peer.login();
  }

  #connect(receive: (bytes: Uint8Array) => void, ended: () => void): Link {
    let stalled = false;
    let over = false;
    const unsent: (() => void)[] = [];
    const born = this.#now;
    const connection = new Connection(
      {
        write: (bytes, sent) => {
          if (!over) this.#hear(() => receive(bytes));
          if (stalled) unsent.push(sent);
          else sent();
          return true;
        },
        end: () => {
          over = true;
          // As a socket does: the event comes later.
          this.#ends.push(() => {
            connection.close();
            ended();
          });
        },
        pause: () => undefined,
        resume: () => undefined,
      },
      this.target,
    );
    this.#born.set(connection, born);
    return {
      send: (bytes) => {
        if (!over) connection.push(bytes);
      },
      drop: () => {
        over = true;
        connection.close();
        for (const sent of unsent.splice(0)) sent();
      },
      stall: () => {
        stalled = true;
      },
      drain: () => {
        stalled = false;
        for (let sent = unsent.shift(); sent !== undefined; sent = unsent.shift()) sent();
      },
    };
  }

  /** What a peer notices belongs to the run, not to the target, which catches what is thrown at it. */
  #hear(receive: () => void): void {
    try {
      receive();
    } catch (error) {
      this.#noticed ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  #noticed: Error | undefined = undefined;
  readonly #born = new WeakMap<Connection, number>();
  readonly #ends: (() => void)[] = [];

  #settle(): void {
    for (let end = this.#ends.shift(); end !== undefined; end = this.#ends.shift()) end();
  }

  /** Does an action, lets time go by, and looks whether all is as it must be. */
  do(action: Action): void {
    this.#meter.bytes = 0;
    // Bytes that were held back may hold one, too: any peer may be the cause from then on.
    if (isColdReset(action)) this.#coldReset = true;
    for (const peer of this.good) if (this.#coldReset) peer.mayEnd = true;
    if (action.do === 'turns') this.#turns(action.count);
    else if (action.do === 'tick') {
      this.#now += action.count;
      this.target.tick(this.#now);
      this.#settle();
      this.#checkTimes();
    } else act(action, this.good, this.hostile);
    this.#checkWork();
    this.#settle();
    this.#check();
    this.#turns(1);
    this.#settle();
    this.#check();
    for (const peer of this.good) {
      peer.step();
      peer.flow(1);
    }
    for (const peer of this.hostile) peer.step();
  }

  #coldReset = false;

  #turns(count: number): void {
    for (let i = 0; i < count; i += 1) {
      this.#meter.bytes = 0;
      this.#waiting.shift()?.();
      this.#checkWork();
    }
  }

  #checkWork(): void {
    const { bytes } = this.#meter;
    if (bytes > MOST_WORK)
      throw new Problem('too much', `${String(bytes)} bytes of the disk touched in one go`);
  }

  /** Nothing waits longer than its limit. */
  #checkTimes(): void {
    const { limits } = this.target;
    for (const connection of this.target.connections) {
      const age = (this.#now - (this.#born.get(connection) ?? 0)) / 1000;
      if (!connection.loggedIn && age > limits.loginSeconds)
        throw new Problem('too slow', `a login of ${String(age)} s`);
    }
    for (const session of this.target.sessions) {
      for (const { sequence } of session.tasks.values()) {
        const age = (this.#now - (sequence?.since ?? this.#now)) / 1000;
        if (age > limits.dataSeconds) throw new Problem('too slow', `Data-Out of ${String(age)} s`);
      }
    }
  }

  #check(): void {
    if (this.#noticed !== undefined) throw this.#noticed;
    const { target } = this;
    const { limits, budget } = target;
    const over = (what: string, is: number, most: number): void => {
      if (is > most) throw new Problem('too much', `${what}: ${String(is)}, at most ${String(most)}`);
    };
    over('room for data', budget.heldBytes, limits.dataBytes);
    over('connections', target.connections.size, limits.maxConnections);
    const names = new Set<string>();
    let sessions = 0;
    let tasks = 0;
    for (const session of target.sessions) {
      sessions += 1;
      names.add(`${session.identity.initiatorName} ${session.identity.isid}`);
      tasks += session.tasks.size;
      over('room of a session', session.heldBytes, limits.sessionDataBytes);
      over('tasks of a session', session.tasks.size, 129 + limits.maxImmediate);
    }
    over('sessions', sessions, limits.maxSessions);
    over('sessions of one name and ISID', sessions, names.size);
    over('lists of pages', target.listsInUse, tasks + sessions);
    for (const { backlogBytes } of target.connections) {
      over('bytes on their way', backlogBytes, limits.sendWindowBytes + 16384);
      this.mostBacklog = Math.max(this.mostBacklog, backlogBytes);
    }
    if (this.lines.some((line) => !/ ended: live mappings 0 /.test(line))) {
      throw new Problem('reported', this.lines.filter((line) => !/ ended: /.test(line)).join('\n'));
    }
    this.lines.length = 0;
  }

  /** Lets the good peers finish, then everybody goes: nothing may be held. */
  finish(): void {
    for (const peer of this.hostile) peer.close();
    for (let step = 0; step < 4000 && !this.good.every(({ idle }) => idle); step += 1) {
      for (const peer of this.good) peer.flow(1e9);
      this.do({ do: 'turns', count: 1 });
    }
    for (const peer of this.good) peer.close();
    for (let i = 0; i < 10_000 && this.#waiting.length > 0; i += 1) this.#turns(1);
    this.#settle();
    const held = Object.entries(heldBy(this.target)).filter(([, count]) => count !== 0);
    if (held.length > 0 || this.#waiting.length > 0) {
      throw new Problem('held', `${JSON.stringify(held)}, ${String(this.#waiting.length)} turns`);
    }
    if (!this.target.destroy()) throw new Problem('reported', this.lines.join('\n'));
  }
}

/** What a run came to. */
export interface Outcome {
  readonly problem: Problem | undefined;
  /** Actions that were done. */
  readonly done: number;
  /** PDUs that peers sent. */
  readonly pdus: number;
  /** Operations of good peers that were answered. */
  readonly good: number;
}

/** Does actions in a world of their own; returns what went wrong. */
export function runActions(actions: readonly Action[]): Outcome {
  let done = 0;
  const world = new World();
  const outcome = (problem?: Problem): Outcome => ({
    problem,
    done,
    pdus: [...world.good, ...world.hostile].reduce((sum, { pdus }) => sum + pdus, 0),
    good: world.good.reduce((sum, peer) => sum + peer.done, 0),
  });
  try {
    for (const action of actions) {
      world.do(action);
      done += 1;
    }
    world.finish();
    return outcome();
  } catch (error) {
    if (error instanceof Problem) return outcome(error);
    return outcome(
      new Problem('thrown', error instanceof Error ? (error.stack ?? error.message) : String(error)),
    );
  }
}
