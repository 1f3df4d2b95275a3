/** Mistakes planted in the target, one of each kind that it once had or might have: the fuzzer must find them. */
import { CommandWindow } from '../../../examples/iscsi-target/iscsi/command-window.ts';
import { Connection } from '../../../examples/iscsi-target/iscsi/connection.ts';
import { DataBudget } from '../../../examples/iscsi-target/iscsi/data-budget.ts';
import { Outbox } from '../../../examples/iscsi-target/iscsi/outbox.ts';
import { Session } from '../../../examples/iscsi-target/iscsi/session.ts';
import { Task } from '../../../examples/iscsi-target/iscsi/task.ts';
import { TextParts } from '../../../examples/iscsi-target/iscsi/text.ts';
import { Target } from '../../../examples/iscsi-target/target.ts';

/** A property of a class, replaced; returns how it was. */
type Undo = () => void;

function replace(prototype: object, name: string, descriptor: PropertyDescriptor): Undo {
  const before = Object.getOwnPropertyDescriptor(prototype, name);
  Object.defineProperty(prototype, name, { configurable: true, ...descriptor });
  return () => {
    if (before !== undefined) Object.defineProperty(prototype, name, before);
    else Reflect.deleteProperty(prototype, name);
  };
}

/** A method, to call it from what replaces it. */
function method<T extends object, K extends keyof T>(prototype: T, name: K): T[K] {
  return prototype[name];
}

function nothing(): void {
  return undefined;
}

/** By what is wrong: how to plant it, and the kinds of problem that may show it. */
export const PLANTED: Readonly<
  Record<string, { readonly plant: () => Undo; readonly shows: readonly string[] }>
> = {
  'a task that was aborted is answered when its data comes': {
    plant: () => replace(Task.prototype, 'ended', { get: () => false, set: nothing }),
    shows: ['answer to an aborted task', 'wrong bytes', 'failed', 'too much', 'reported'],
  },
  'an abort does nothing': {
    plant: () => replace(Session.prototype, 'abort', { value: nothing }),
    shows: ['answer to an aborted task', 'held', 'too much', 'reported', 'not served'],
  },
  'the memory of a task is not given back': {
    plant: () => replace(Task.prototype, 'release', { value: nothing }),
    shows: ['too much', 'held', 'starved', 'reported'],
  },
  'nobody is told of aborted commands': {
    plant: () => replace(Session.prototype, 'attention', { value: nothing }),
    shows: ['not served'],
  },
  'a session that is reinstated stays': {
    plant: () => {
      const open = method(Target.prototype, 'open');
      return replace(Target.prototype, 'open', {
        value: function (this: Target, ...args: Parameters<Target['open']>) {
          const undo = replace(Connection.prototype, 'hangUp', { value: nothing });
          const session = open.apply(this, args);
          undo();
          return session;
        },
      });
    },
    shows: ['too much'],
  },
  'a connection that is gone keeps its session': {
    plant: () =>
      replace(Connection.prototype, 'close', {
        value: nothing,
      }),
    shows: ['too much', 'too slow', 'held'],
  },
  'a read does not wait for room': {
    plant: () => replace(Outbox.prototype, 'hasRoom', { value: () => true }),
    shows: ['too much'],
  },
  'a session takes all the room for data': {
    plant: () =>
      replace(DataBudget.prototype, 'move', {
        value: function (this: DataBudget, before: number, after: number) {
          this.heldBytes += after - before;
          return true;
        },
      }),
    shows: ['too much', 'starved'],
  },
  'the shared room is not kept apart': {
    plant: () =>
      replace(DataBudget.prototype, 'move', {
        value: function (this: DataBudget, before: number, after: number) {
          const more = after - before;
          if (more > 0 && (after > this.mostBytes || this.heldBytes + more > 512 * 1024)) return false;
          this.heldBytes += after - before;
          return true;
        },
      }),
    shows: ['starved'],
  },
  'the number of a rejected command is never consumed': {
    plant: () => replace(CommandWindow.prototype, 'refuse', { value: nothing }),
    shows: ['silently dead'],
  },
  'lengths and flags are not looked at': {
    plant: () => replace(Task.prototype, 'fits', { value: () => true }),
    shows: ['flags', 'half a block', 'thrown', 'reported'],
  },
  'the W flag is not looked at': {
    plant: () => {
      const fits = method(Task.prototype, 'fits');
      return replace(Task.prototype, 'fits', {
        value: function (this: Task, partial: boolean) {
          return (!this.writes && !this.reads) || fits.call(this, partial);
        },
      });
    },
    shows: ['flags'],
  },
  'half a block is written': {
    plant: () =>
      replace(Task.prototype, 'fits', {
        value: function (this: Task) {
          return this.wantedBytes === 0 || (this.writes && !this.reads);
        },
      }),
    shows: ['half a block'],
  },
  'a discovery session may do everything': {
    plant: () => {
      const open = method(Target.prototype, 'open');
      return replace(Target.prototype, 'open', {
        value: function (this: Target, ...[identity, link, serials]: Parameters<Target['open']>) {
          return open.call(this, { ...identity, discovery: false }, link, serials);
        },
      });
    },
    shows: ['discovery'],
  },
  'a text is sent in one part': {
    plant: () => {
      const next = method(TextParts.prototype, 'next');
      return replace(TextParts.prototype, 'next', {
        value: function (this: TextParts) {
          const parts = [next.call(this)];
          while (!this.done) parts.push(next.call(this));
          return Buffer.concat(parts);
        },
      });
    },
    shows: ['too long'],
  },
  'long work gives no other session its turn': {
    plant: () =>
      replace(Target.prototype, 'later', {
        value: (session: Session) => {
          session.takeTurn();
        },
      }),
    shows: ['too much', 'thrown', 'reported'],
  },
  'long work never goes on': {
    plant: () => replace(Target.prototype, 'later', { value: nothing }),
    shows: ['silently dead', 'not served'],
  },
  'data that never comes is waited for': {
    plant: () => replace(Session.prototype, 'tick', { value: nothing }),
    shows: ['too slow'],
  },
  'a login may take for ever': {
    plant: () => replace(Connection.prototype, 'tick', { value: nothing }),
    shows: ['too slow'],
  },
  'the last byte of a piece is lost': {
    plant: () => {
      const receive = method(Task.prototype, 'receive');
      return replace(Task.prototype, 'receive', {
        value: function (this: Task, piece: Uint8Array, at: number) {
          if (piece.length > 1) receive.call(this, piece.subarray(0, piece.length - 1), at);
        },
      });
    },
    shows: ['wrong bytes', 'failed'],
  },
};
