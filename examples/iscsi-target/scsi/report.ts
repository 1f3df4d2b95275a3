/** REPORT LUNS and REPORT SUPPORTED OPERATION CODES. */
import { check, truncated } from './command.ts';
import type { ScsiCommand } from './command.ts';
import { INVALID_FIELD_IN_CDB } from './sense.ts';

/** The number of the one logical unit. */
export const DISK_LUN = 1;

export const REPORT_LUNS: ScsiCommand = {
  name: 'REPORT LUNS',
  opcode: 0xa0,
  usage: [0x00, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x07],
  ignoresReservation: true,
  run: ({ cdb }) => {
    const data = Uint8Array.from([0, 0, 0, 8, 0, 0, 0, 0, 0, DISK_LUN, 0, 0, 0, 0, 0, 0]);
    return truncated(data, cdb.u32(6));
  },
};

const RCTD = 0x80;
/** Command timeouts descriptor: its length, and no timeouts. */
const TIMEOUTS = [0, 0x0a, ...new Array<number>(10).fill(0)];

function usageData({ opcode, serviceAction, usage }: ScsiCommand): number[] {
  const data = [opcode, ...usage];
  if (serviceAction !== undefined) data[1] = serviceAction;
  return data;
}

function allCommands(commands: readonly ScsiCommand[], timeouts: boolean): number[] {
  const list = commands.flatMap((command) => {
    const { opcode, serviceAction = 0, usage } = command;
    const flags = (command.serviceAction === undefined ? 0 : 1) | (timeouts ? 2 : 0);
    return [opcode, 0, serviceAction >> 8, serviceAction & 0xff, 0, flags, 0, usage.length + 1].concat(
      timeouts ? TIMEOUTS : [],
    );
  });
  return [0, 0, list.length >> 8, list.length & 0xff, ...list];
}

function oneCommand(command: ScsiCommand | undefined, timeouts: boolean): number[] {
  if (command === undefined) return [0, 0x01, 0, 0];
  const data = usageData(command);
  return [0, 0x03 | (timeouts ? RCTD : 0), 0, data.length, ...data, ...(timeouts ? TIMEOUTS : [])];
}

/** The command that reports all of `commands`, itself included. */
export function reportSupportedOpcodes(commands: () => readonly ScsiCommand[]): ScsiCommand {
  return {
    name: 'REPORT SUPPORTED OPERATION CODES',
    opcode: 0xa3,
    serviceAction: 0x0c,
    usage: [0x1f, 0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x07],
    run: ({ cdb }) => {
      const timeouts = (cdb.u8(2) & RCTD) !== 0;
      const how = cdb.u8(2) & 7;
      const opcode = cdb.u8(3);
      const same = commands().filter((command) => command.opcode === opcode);
      if (how === 0) return truncated(Uint8Array.from(allCommands(commands(), timeouts)), cdb.u32(6));
      const hasActions = same.some((command) => command.serviceAction !== undefined);
      if (how > 3 || (how === 1 && hasActions) || (how === 2 && same.length > 0 && !hasActions))
        return check(INVALID_FIELD_IN_CDB);
      const action = hasActions ? cdb.u16(4) : undefined;
      const command = same.find(({ serviceAction }) => serviceAction === action);
      return truncated(Uint8Array.from(oneCommand(command, timeouts)), cdb.u32(6));
    },
  };
}
