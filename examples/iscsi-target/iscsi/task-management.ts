/** Task management functions (RFC 7143, section 11.5): aborting tasks and resetting the unit. */
import { DISK_LUN } from '../scsi/report.ts';
import { COMMANDS_CLEARED, RESET_OCCURRED } from '../scsi/sense.ts';
import type { LogicalUnit } from '../scsi/command.ts';
import type { Sense } from '../scsi/sense.ts';
import { isBefore } from './pdu.ts';
import type { PduOf } from './pdu.ts';
import type { Task } from './task.ts';

/** The part of a session that task management uses. */
export interface TaskOwner {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly host: { readonly unit: LogicalUnit; readonly sessions: Iterable<TaskOwner> };
  abort(task: Task): void;
  /** Lets the next command report a unit attention. */
  attention(sense: Sense): void;
  /** Counts a command that never came as received; returns false if its number is not in the window. */
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
/** After this function all sessions are closed. The session that received the request does that. */
export const COLD_RESET = 7;
const REASSIGN = 8;

function abortAll(session: TaskOwner): void {
  for (const task of [...session.tasks.values()]) session.abort(task);
}

/** All sessions share one task set (TST 0). Tasks that another session aborts get no status (TAS 0); a unit attention reports it. */
function clear(session: TaskOwner): void {
  for (const other of session.host.sessions) {
    const lost = other.tasks.size > 0;
    abortAll(other);
    if (lost && other !== session) other.attention(COMMANDS_CLEARED);
  }
}

/** Resets what the unit keeps for its sessions, and lets each session report it with a unit attention. */
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
