/** The same actions over TCP: a target that listens, and peers with sockets, in the time that passes. */
import { connect } from 'node:net';
import { setImmediate as nextTurn, setTimeout as after } from 'node:timers/promises';
import { parseOptions } from '../../../examples/iscsi-target/options.ts';
import { serve } from '../../../examples/iscsi-target/server.ts';
import { Target } from '../../../examples/iscsi-target/target.ts';
import { heldBy } from '../peer.ts';
import { GOOD_PEERS, HOSTILE_PEERS } from './actions.ts';
import type { Action } from './actions.ts';
import { GoodPeer } from './good-peer.ts';
import { HostilePeer } from './hostile-peer.ts';
import { Problem } from './stream.ts';
import type { Link } from './stream.ts';
import { act, isColdReset, OPTIONS } from './world.ts';

/** Milliseconds that what is under way may take to end. */
const PATIENCE = 10_000;

/** Does actions over TCP; returns how many operations of good peers were answered. Throws what goes wrong. */
export async function runOverTcp(actions: readonly Action[]): Promise<number> {
  const lines: string[] = [];
  const target = new Target(
    parseOptions(OPTIONS, () => undefined),
    (line) => lines.push(line),
  );
  const server = await serve(target, { host: '127.0.0.1', port: 0 });
  let noticed: unknown;
  const hear = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      noticed ??= error;
    }
  };
  const open = (receive: (bytes: Uint8Array) => void, ended: () => void): Link => {
    const socket = connect(server.port, '127.0.0.1');
    let dropped = false;
    socket.on('data', (bytes) => hear(() => receive(bytes)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (!dropped) hear(ended);
    });
    return {
      send: (bytes) => {
        if (!socket.destroyed) socket.write(bytes);
      },
      drop: () => {
        dropped = true;
        socket.destroy();
      },
      stall: () => void socket.pause(),
      drain: () => void socket.resume(),
    };
  };
  const good = Array.from({ length: GOOD_PEERS }, (_, i) => new GoodPeer(`iqn.good.${String(i)}`, open));
  const hostile = Array.from({ length: HOSTILE_PEERS }, (_, i) => new HostilePeer(GOOD_PEERS + i, open));
  const until = async (what: string, done: () => boolean): Promise<void> => {
    for (let waited = 0; !done() && noticed === undefined; waited += 5) {
      if (waited > PATIENCE) throw new Problem('held', `${what}: ${JSON.stringify(heldBy(target))}`);
      for (const peer of good) peer.flow(1e9);
      await after(5);
    }
    if (noticed !== undefined) throw noticed as Error;
  };
  try {
    for (const peer of good) peer.login();
    for (const action of actions) {
      if (isColdReset(action)) for (const peer of good) peer.mayEnd = true;
      hear(() => act(action, good, hostile));
      await nextTurn();
      for (const peer of good) {
        hear(() => peer.step());
        peer.flow(1);
      }
      if (noticed !== undefined) throw noticed as Error;
    }
    for (const peer of hostile) peer.close();
    for (const peer of good) {
      peer.mayEnd = true;
      // One that lost commands to another initiator is told with this one.
      peer.begin('test', 0, 0);
    }
    await until('good peers finish', () => good.every(({ idle }) => idle));
    for (const peer of good) peer.close();
    await until('everybody is gone', () => Object.values(heldBy(target)).every((count) => count === 0));
  } finally {
    for (const peer of [...good, ...hostile]) peer.close();
    server.close();
    await after(20);
    if (!target.destroy() && noticed === undefined) noticed = new Problem('reported', lines.join('\n'));
  }
  if (noticed !== undefined) throw noticed as Error;
  return good.reduce((sum, { done }) => sum + done, 0);
}
