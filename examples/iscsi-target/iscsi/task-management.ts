/** Task management functions (RFC 7143, section 11.5): aborting tasks and resetting the unit. */
import { DISK_LUN } from '../scsi/report.ts';
import { COMMANDS_CLEARED, RESET_OCCURRED } from '../scsi/sense.ts';
import type { LogicalUnit } from '../scsi/command.ts';
import type { Sense } from '../scsi/sense.ts';
import { isBefore } from './pdu.ts';
import type { PduOf } from './pdu.ts';
import type { Task } from './task.ts';

/** What task management needs of a session. */
export interface TaskOwner {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly host: { readonly unit: LogicalUnit; readonly sessions: Iterable<TaskOwner> };
  abort(task: Task): void;
  /** The next command is told of it. */
  attention(sense: Sense): void;
  /** Counts a command as received that never came; false where its number is not in the window. */
  plug(cmdSN: number): boolean;
}

const COMPLETE = 0;
const NO_SUCH_TASK = 1;
const NO_SUCH_LUN = 2;
const REASSIGN_NOT_SUPPORTED = 4;
const NOT_SUPPORTED = 5;

const ABORT_TASK = 1;
const ABORT_TASK_SET = 2;
const CLEAR_TASK_SET = 4;
const LUN_RESET = 5;
const WARM_RESET = 6;
/** After it all sessions are closed, which is for the session that got it to do. */
export const COLD_RESET = 7;
const REASSIGN = 8;

function abortAll(session: TaskOwner): void {
  for (const task of [...session.tasks.values()]) session.abort(task);
}

/** One task set for all (TST 0), and no status for what others lose (TAS 0): they are told by a unit attention. */
function clear(session: TaskOwner): void {
  for (const other of session.host.sessions) {
    const lost = other.tasks.size > 0;
    abortAll(other);
    if (lost && other !== session) other.attention(COMMANDS_CLEARED);
  }
}

/** Everything that a unit keeps for its sessions is gone, and each is told. */
function reset({ host }: TaskOwner): void {
  for (const other of host.sessions) {
    abortAll(other);
    other.attention(RESET_OCCURRED);
  }
  host.unit.reservedBy = undefined;
  host.unit.softwareWriteProtect = false;
  if (host.unit.cache !== undefined) host.unit.cache.enabled = host.unit.cache.enabledByDefault;
}

function abortTask(session: TaskOwner, { rtt, refCmdSN, cmdSN }: PduOf<'taskRequest'>): number {
  const task = session.tasks.get(rtt);
  if (task !== undefined) session.abort(task);
  else if (!isBefore(refCmdSN, cmdSN) || !session.plug(refCmdSN)) return NO_SUCH_TASK;
  return COMPLETE;
}

/** Runs a function and returns its response code. */
export function runTaskFunction(session: TaskOwner, pdu: PduOf<'taskRequest'>): number {
  const what = pdu.flags & 0x7f;
  if (what !== WARM_RESET && what !== COLD_RESET && pdu.lun !== DISK_LUN) return NO_SUCH_LUN;
  switch (what) {
    case ABORT_TASK:
      return abortTask(session, pdu);
    case ABORT_TASK_SET:
      abortAll(session);
      return COMPLETE;
    case CLEAR_TASK_SET:
      clear(session);
      return COMPLETE;
    case LUN_RESET:
    case WARM_RESET:
    case COLD_RESET:
      reset(session);
      return COMPLETE;
    case REASSIGN:
      return REASSIGN_NOT_SUPPORTED;
    default:
      return NOT_SUPPORTED;
  }
}
