/** MODE SENSE (6), (10) and MODE SELECT (6), with the caching and the control page. */
import { check, GOOD, isWriteProtected, parameterList, truncated } from './command.ts';
import type { LogicalUnit, ScsiCommand } from './command.ts';
import { INVALID_FIELD_IN_CDB, INVALID_FIELD_IN_PARAMETERS, PARAMETER_LIST_LENGTH } from './sense.ts';

const CACHING = 0x08;
const CONTROL = 0x0a;
const ALL = 0x3f;
const SWP = 0x08;
const WCE = 0x04;
/** Value of QUEUE ALGORITHM MODIFIER, in its place in the control page. */
const UNRESTRICTED_REORDERING = 0x10;
/** Values asked for: current, changeable, default, saved. */
const CURRENT = 0;
const CHANGEABLE = 1;
const SAVED = 3;

/** WCE, which can be changed if there is a cache. */
function cacheIsEnabled({ cache }: LogicalUnit, values: number): boolean {
  if (values === CURRENT) return cache?.enabled === true;
  return values === CHANGEABLE ? cache !== undefined : cache?.enabledByDefault === true;
}

function page(code: number, unit: LogicalUnit, values: number): number[] {
  const changeable = values === CHANGEABLE;
  if (code === CACHING) {
    const body = new Array<number>(18).fill(0);
    body[0] = cacheIsEnabled(unit, values) ? WCE : 0;
    return [CACHING, body.length, ...body];
  }
  const body = new Array<number>(10).fill(0);
  body[0] = changeable ? 0 : 0x02; // GLTSD
  // A write that waits for its data does not hold back the commands behind it.
  body[1] = changeable ? 0 : UNRESTRICTED_REORDERING;
  body[2] = changeable || (values === CURRENT && unit.softwareWriteProtect) ? SWP : 0;
  return [CONTROL, body.length, ...body];
}

function modeSense(opcode: number, size: 6 | 10): ScsiCommand {
  return {
    name: `MODE SENSE (${String(size)})`,
    opcode,
    usage:
      size === 6 ? [0x08, 0xff, 0xff, 0xff, 0x07] : [0x18, 0xff, 0xff, 0x00, 0x00, 0x00, 0xff, 0xff, 0x07],
    run: ({ cdb, unit }) => {
      const values = cdb.u8(2) >> 6;
      const asked = cdb.u8(2) & 0x3f;
      const subpage = cdb.u8(3);
      const codes = [CACHING, CONTROL].filter((code) => asked === code || asked === ALL);
      if (codes.length === 0 || values === SAVED || (subpage !== 0 && subpage !== 0xff))
        return check(INVALID_FIELD_IN_CDB);
      const pages = codes.flatMap((code) => page(code, unit, values));
      // DPOFUA: the bits DPO and FUA of reads and writes are supported.
      const device = (isWriteProtected(unit) ? 0x80 : 0) | 0x10;
      const data =
        size === 6
          ? [pages.length + 3, 0, device, 0, ...pages]
          : [0, pages.length + 6, 0, device, 0, 0, 0, 0, ...pages];
      return truncated(Uint8Array.from(data), size === 6 ? cdb.u8(4) : cdb.u16(7));
    },
  };
}

const modeSelect: ScsiCommand = {
  name: 'MODE SELECT (6)',
  opcode: 0x15,
  usage: [0x11, 0x00, 0x00, 0xff, 0x07],
  admit: ({ cdb }) => ((cdb.u8(1) & 0x10) === 0 ? INVALID_FIELD_IN_CDB : { bytes: cdb.u8(4) }),
  run: (request) => {
    if (request.dataBytes === 0) return GOOD;
    const list = parameterList(request);
    if (!(list instanceof Uint8Array)) return list;
    let at = 4 + (list[3] ?? 0);
    if (list.length < 4) return check(PARAMETER_LIST_LENGTH);
    const { unit } = request;
    let protect = unit.softwareWriteProtect;
    let caches = unit.cache?.enabled === true;
    for (; at < list.length;) {
      const code = (list[at] ?? 0) & 0x3f;
      const length = list[at + 1] ?? 0;
      if (at + 2 + length > list.length) return check(PARAMETER_LIST_LENGTH);
      if (
        page(code === CACHING ? CACHING : CONTROL, unit, CURRENT).length !== length + 2 ||
        (code !== CACHING && code !== CONTROL)
      )
        return check(INVALID_FIELD_IN_PARAMETERS);
      if (code === CONTROL) protect = ((list[at + 4] ?? 0) & SWP) !== 0;
      else caches = ((list[at + 2] ?? 0) & WCE) !== 0;
      at += 2 + length;
    }
    // Without an image there is no cache to switch on.
    if (caches && unit.cache === undefined) return check(INVALID_FIELD_IN_PARAMETERS);
    unit.softwareWriteProtect = protect;
    if (unit.cache !== undefined) unit.cache.enabled = caches;
    return GOOD;
  },
  // When the cache is switched off, it has to be written back.
  durable: () => true,
};

export const MODES: readonly ScsiCommand[] = [modeSense(0x1a, 6), modeSense(0x5a, 10), modeSelect];
