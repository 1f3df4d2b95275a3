/** Task management functions (RFC 7143, section 11.5): aborting tasks and resetting the unit. */
import { DISK_LUN } from '../scsi/report.ts';
import { RESET_OCCURRED } from '../scsi/sense.ts';
import type { LogicalUnit } from '../scsi/command.ts';
import type { Sense } from '../scsi/sense.ts';
import type { PduOf } from './pdu.ts';
import type { Task } from './task.ts';

/** What task management needs of a session. */
export interface TaskOwner {
  readonly tasks: ReadonlyMap<number, Task>;
  unitAttention: Sense | undefined;
  readonly host: { readonly unit: LogicalUnit; readonly sessions: Iterable<TaskOwner> };
  abort(task: Task): void;
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
const COLD_RESET = 7;
const REASSIGN = 8;

function abortAll(session: TaskOwner): void {
  for (const task of [...session.tasks.values()]) session.abort(task);
}

/** Everything that a unit keeps for its sessions is gone, and each is told. */
function reset(session: TaskOwner): void {
  const { host } = session;
  for (const other of host.sessions) {
    abortAll(other);
    other.unitAttention = RESET_OCCURRED;
  }
  host.unit.reservedBy = undefined;
  host.unit.softwareWriteProtect = false;
  if (host.unit.cache !== undefined) host.unit.cache.enabled = host.unit.cache.enabledByDefault;
}

/** Runs a function and answers its response code. */
export function runTaskFunction(session: TaskOwner, pdu: PduOf<'taskRequest'>): number {
  const what = pdu.flags & 0x7f;
  if (what !== WARM_RESET && what !== COLD_RESET && pdu.lun !== DISK_LUN) return NO_SUCH_LUN;
  switch (what) {
    case ABORT_TASK: {
      const task = session.tasks.get(pdu.rtt);
      if (task === undefined) return NO_SUCH_TASK;
      session.abort(task);
      return COMPLETE;
    }
    case ABORT_TASK_SET:
      abortAll(session);
      return COMPLETE;
    case CLEAR_TASK_SET:
      for (const other of session.host.sessions) abortAll(other);
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
