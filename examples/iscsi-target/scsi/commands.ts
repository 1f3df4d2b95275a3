/** All commands of the disk, and the search for the command of a CDB. */
import { CAPACITIES } from './capacity.ts';
import type { Cdb, ScsiCommand } from './command.ts';
import { COMPARE_AND_WRITE } from './compare-and-write.ts';
import { CONTROLS } from './control.ts';
import { INQUIRY } from './inquiry.ts';
import { MODES } from './mode.ts';
import { ORWRITE } from './orwrite.ts';
import { READS } from './read.ts';
import { REPORT_LUNS, reportSupportedOpcodes } from './report.ts';
import { RELEASE, RESERVE } from './reservation.ts';
import { GET_LBA_STATUS, UNMAP } from './unmap.ts';
import { VERIFIES } from './verify.ts';
import { WRITE_SAMES } from './write-same.ts';
import { WRITES } from './write.ts';

/** Every command, by operation code. */
export const COMMANDS: readonly ScsiCommand[] = [
  ...CONTROLS,
  ...READS,
  ...WRITES,
  ...VERIFIES,
  ...WRITE_SAMES,
  ...CAPACITIES,
  ...MODES,
  INQUIRY,
  RESERVE,
  RELEASE,
  UNMAP,
  GET_LBA_STATUS,
  COMPARE_AND_WRITE,
  ORWRITE,
  REPORT_LUNS,
  reportSupportedOpcodes(() => COMMANDS),
].sort((a, b) => a.opcode - b.opcode);

const BY_OPCODE: ScsiCommand[][] = [];
for (const command of COMMANDS) (BY_OPCODE[command.opcode] ??= []).push(command);

/** Returns the command of a CDB, or undefined if the disk does not have it. */
export function findCommand(cdb: Cdb): ScsiCommand | undefined {
  const candidates = BY_OPCODE[cdb.u8(0)];
  const [first] = candidates ?? [];
  if (candidates === undefined || first?.serviceAction === undefined) return first;
  const action = cdb.u8(1) & 0x1f;
  return candidates.find(({ serviceAction }) => serviceAction === action);
}
