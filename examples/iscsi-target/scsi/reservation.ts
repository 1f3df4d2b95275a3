/** RESERVE (6) and RELEASE (6): only one session may use the unit. */
import { GOOD } from './command.ts';
import type { LogicalUnit, ScsiCommand } from './command.ts';

export const RESERVE: ScsiCommand = {
  name: 'RESERVE (6)',
  opcode: 0x16,
  usage: [0x00, 0x00, 0x00, 0x00, 0x07],
  run: ({ unit, session }) => {
    unit.reservedBy = session;
    return GOOD;
  },
};

export const RELEASE: ScsiCommand = {
  name: 'RELEASE (6)',
  opcode: 0x17,
  usage: [0x00, 0x00, 0x00, 0x00, 0x07],
  ignoresReservation: true,
  run: ({ unit, session }) => {
    if (unit.reservedBy === session) unit.reservedBy = undefined;
    return GOOD;
  },
};

/** Whether a command of this session has to end with RESERVATION CONFLICT. */
export function conflicts(unit: LogicalUnit, session: object, command: ScsiCommand): boolean {
  return unit.reservedBy !== undefined && unit.reservedBy !== session && command.ignoresReservation !== true;
}
