/**
 * What happens in a run of the fuzzer, as data: it can be made again from a seed, shrunk, printed and replayed.
 * Numbers that depend on what the target said (its transfer tags, the next CmdSN) are put in when an action is done.
 */
import type { PduKind } from '../../../examples/iscsi-target/iscsi/pdu.ts';

/** Peers by number: the first are good, the rest hostile. */
export const GOOD_PEERS = 2;
export const HOSTILE_PEERS = 5;
/** Blocks of the disk; good peers have the first half, each its part, and hostile ones write to the second. */
export const DISK_BLOCKS = 2048;
const HOSTILE_FROM = DISK_BLOCKS / 2;

/** A PDU of a hostile peer. */
export interface HostilePdu {
  readonly do: 'pdu';
  readonly peer: number;
  readonly kind: PduKind;
  readonly immediate: boolean;
  readonly flags: number;
  readonly itt: number;
  /** From the CmdSN that is due. */
  readonly cmdSN: number;
  readonly lun: number;
  /** EXPECTED DATA TRANSFER LENGTH, TTT, buffer offset or the tag of a task to abort: what the kind has. */
  readonly number: number;
  readonly dataSN: number;
  /** The command block, in hexadecimal digits. */
  readonly cdb: string;
  readonly data: number;
  /** Takes tags and offset from the last R2T. */
  readonly fed: boolean;
  /** Bytes at the end that go only with what is sent next. */
  readonly cut: number;
}

export type Action =
  | HostilePdu
  | { readonly do: 'bytes'; readonly peer: number; readonly seed: number; readonly length: number }
  | {
      readonly do: 'login';
      readonly peer: number;
      readonly name: number;
      readonly isid: number;
      readonly discovery: boolean;
      readonly segment: number;
      readonly keys: number;
    }
  | { readonly do: 'connect' | 'drop' | 'stall' | 'drain' | 'probe'; readonly peer: number }
  | { readonly do: 'turns' | 'tick'; readonly count: number }
  | { readonly do: 'flow'; readonly peer: number; readonly bytes: number }
  | {
      readonly do: 'write' | 'read' | 'verify' | 'abort';
      readonly peer: number;
      readonly lba: number;
      readonly blocks: number;
    };

/** Numbers that repeat themselves for a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number below `limit` (mulberry32). */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0];
  }
}

function hex(bytes: readonly number[]): string {
  return Buffer.from(Uint8Array.from({ length: 16 }, (_, i) => bytes[i] ?? 0)).toString('hex');
}

function cdb10(opcode: number, lba: number, blocks: number, byte1 = 0): readonly number[] {
  return [opcode, byte1, lba >>> 24, lba >> 16, lba >> 8, lba, 0, blocks >> 8, blocks];
}

function cdb16(opcode: number, lba: number, blocks: number, byte1 = 0): readonly number[] {
  return [
    opcode,
    byte1,
    0,
    0,
    0,
    0,
    lba >>> 24,
    lba >> 16,
    lba >> 8,
    lba,
    blocks >>> 24,
    blocks >> 16,
    blocks >> 8,
    blocks,
  ];
}

/** A command block, and the length that goes with it; those that write stay in the hostile half. */
function block(random: Random): {
  readonly cdb: readonly number[];
  readonly length: number;
  readonly dir: number;
} {
  const lba = HOSTILE_FROM + random.below(HOSTILE_FROM);
  const most = DISK_BLOCKS - lba + (random.chance(5) ? 40 : 0);
  const count = random.chance(20) ? random.below(most + 1) : random.below(Math.min(most, 33));
  const anywhere = random.below(DISK_BLOCKS);
  const length = count * 512;
  const [read, write] = [0x40, 0x20];
  switch (random.below(16)) {
    case 0:
      return {
        cdb: [random.of([0x00, 0x03, 0x12, 0x1a, 0x25, 0x5a, 0xa0]), 0, 0, 0, 96],
        length: 96,
        dir: read,
      };
    case 1:
      return {
        cdb: cdb10(0x28, anywhere, Math.min(DISK_BLOCKS - anywhere, 600)),
        length: 600 * 512,
        dir: read,
      };
    case 2:
      return { cdb: cdb10(0x28, anywhere, random.below(64)), length: random.below(64) * 512, dir: read };
    case 3:
      return {
        cdb: random.chance(30) ? cdb10(0x41, HOSTILE_FROM, 0) : cdb10(0x41, lba, count),
        length: 512,
        dir: write,
      };
    case 4:
      return {
        cdb: cdb16(0x93, lba, count, random.of([0, 1, 8, 9])),
        length: random.of([0, 512]),
        dir: write,
      };
    case 5:
    case 14: {
      // The hostile half holds one byte throughout after a while, and so does the data.
      const whole = random.chance(70);
      const from = whole ? HOSTILE_FROM + random.below(64) : lba;
      const cdb = cdb10(0x2f, from, whole ? DISK_BLOCKS - from : count, whole ? 6 : random.of([0, 2, 6]));
      return { cdb, length: whole ? 512 : length, dir: write };
    }
    case 6:
      return { cdb: cdb16(0x8b, lba, count), length, dir: write };
    case 7:
      return {
        cdb: [0x89, 0, 0, 0, 0, 0, 0, 0, lba >> 8, lba, 0, 0, 0, count & 7],
        length: (count & 7) * 1024,
        dir: write,
      };
    case 8:
      // The data of an UNMAP names no blocks that lie in the good half: see `hostileData`.
      return { cdb: [0x42, 0, 0, 0, 0, 0, 0, 0, 24], length: 24, dir: write };
    case 9:
      return { cdb: [random.of([0x16, 0x17, 0x17, 0x17, 0x00, 0x00]), 0], length: 0, dir: 0 };
    case 10:
      return { cdb: [0x9e, 0x12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], length: 256, dir: read };
    case 11:
      return { cdb: [0x15, 0x10, 0, 0, 16], length: 16, dir: write };
    case 12:
      return {
        cdb: [0xc0 + random.below(64), random.below(256), random.below(256)],
        length: random.below(2000),
        dir: random.of([read, write]),
      };
    case 13: {
      // A long write, of which the data may never come.
      const long = 128 + random.below(256);
      return { cdb: cdb10(0x2a, HOSTILE_FROM + random.below(512), long), length: long * 512, dir: write };
    }
    default:
      return { cdb: cdb10(0x2a, lba, count), length, dir: write };
  }
}

function hostilePdu(random: Random, peer: number): HostilePdu {
  // Peers with odd numbers count their commands as they should: they may expect answers.
  const orderly = peer % 2 === 1;
  const base = {
    do: 'pdu',
    peer,
    immediate: random.chance(orderly ? 5 : 20),
    itt: random.chance(3) ? 0xffff_ffff : random.below(orderly ? 40 : 6),
    cmdSN: orderly || random.chance(80) ? 0 : random.below(200) - 20,
    lun: random.chance(95) ? 1 : random.below(3),
    number: 0xffff_ffff,
    dataSN: 0,
    cdb: '',
    fed: false,
    cut: random.chance(25) ? random.below(600) : 0,
    flags: 0x80,
    data: 0,
  } as const;
  const what = random.below(100);
  if (what < 55) {
    const { cdb, length, dir } = block(random);
    const flags = random.chance(90) ? dir : random.of([0, 0x20, 0x40, 0x60]);
    const number = random.chance(85) ? length : random.of([0, 1, 511, 512, 700, length + 512, 0xffff_ffff]);
    const final = random.chance(85) ? 0x80 : 0;
    const data =
      (flags & 0x20) !== 0 && random.chance(50) ? Math.min(number, random.of([512, 4096, 8192])) : 0;
    return { ...base, kind: 'scsiCommand', cdb: hex(cdb), flags: flags | final, number, data };
  }
  if (what < 80) {
    const flags = random.chance(60) ? 0x80 : 0;
    const data = random.of([0, 512, 700, 4096, 8192, 8192]);
    const wild = { number: random.below(5), dataSN: random.below(3) };
    return { ...base, kind: 'dataOut', flags, data, fed: random.chance(85), ...(random.chance(10) && wild) };
  }
  if (what < 85) {
    const code = random.of([1, 1, 2, 2, 2, 4, 4, 5, 6, random.chance(4) ? 7 : 8, 3]);
    return { ...base, kind: 'taskRequest', flags: 0x80 | code, number: random.below(6) };
  }
  if (what < 90) return { ...base, kind: 'nopOut', data: random.of([0, 0, 100, 2000, 5000]) };
  if (what < 97) {
    return {
      ...base,
      kind: 'textRequest',
      flags: random.of([0x80, 0x80, 0x40]),
      data: random.of([0, 16, 1200, 5000]),
    };
  }
  if (random.chance(70)) return { ...base, kind: 'nopOut' };
  if (what < 98) return { ...base, kind: 'logoutRequest', flags: 0x80 | random.below(3) };
  return { ...base, kind: random.of(['snack', 'nopIn', 'r2t', 'loginRequest']) };
}

/** The next thing that happens. */
function nextAction(random: Random): Action {
  const good = random.below(GOOD_PEERS);
  const hostile = GOOD_PEERS + random.below(HOSTILE_PEERS);
  const what = random.below(1000);
  if (what < 90) {
    const blocks = 1 + random.below(random.chance(20) ? 128 : 16);
    const part = HOSTILE_FROM / GOOD_PEERS;
    const lba = good * part + random.below(part - blocks);
    return { do: random.of(['write', 'write', 'read', 'read', 'verify']), peer: good, lba, blocks };
  }
  if (what < 95) return { do: 'abort', peer: good, lba: 0, blocks: 0 };
  if (what < 330) {
    return {
      do: 'flow',
      peer: good,
      bytes: random.chance(50) ? 1e9 : 1 + random.below(random.chance(30) ? 60 : 9000),
    };
  }
  if (what < 350) return { do: 'turns', count: 1 + random.below(3) };
  if (what < 370) return { do: 'tick', count: random.below(2000) };
  if (what < 390) {
    return {
      do: 'login',
      peer: hostile,
      name: random.chance(70) ? hostile : GOOD_PEERS + random.below(HOSTILE_PEERS),
      isid: random.chance(80) ? 0 : 1,
      discovery: random.chance(7),
      segment: random.of([0, 0, 512, 4096, 262144]),
      keys: random.chance(20) ? random.below(90) : 0,
    };
  }
  if (what < 406) return { do: 'connect', peer: hostile };
  if (what < 414) return { do: 'drop', peer: hostile };
  if (what < 422) return { do: 'stall', peer: hostile };
  if (what < 440) return { do: 'drain', peer: hostile };
  if (what < 485) return { do: 'probe', peer: hostile };
  if (what < 488) return { do: 'bytes', peer: hostile, seed: random.below(1e6), length: random.below(300) };
  return hostilePdu(random, hostile);
}

/** The actions of a seed. */
export function actionsOf(seed: number, count: number): Action[] {
  const random = new Random(seed);
  const actions: Action[] = [];
  // A world in which many are logged in from the start.
  for (let peer = GOOD_PEERS; peer < GOOD_PEERS + HOSTILE_PEERS; peer += 1) {
    actions.push({ do: 'login', peer, name: peer, isid: 0, discovery: false, segment: 0, keys: 0 });
  }
  while (actions.length < count) actions.push(nextAction(random));
  return actions;
}
