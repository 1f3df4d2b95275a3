/** The command line. */
import { parseArgs } from 'node:util';
import { getHeapStatistics } from 'node:v8';
import { DEFAULT_LIMITS } from './iscsi/limits.ts';
import type { Limits } from './iscsi/limits.ts';
import type { TargetParameters } from './iscsi/parameters.ts';
import { Refusal } from './refusal.ts';
import { BACKENDS, backendNamed } from './store/carrier.ts';
import type { BackendName } from './store/carrier.ts';
import { FAULTS } from './store/faults.ts';
import { PAGE_BYTES } from './store/provisioning.ts';
import { BLOCK_BYTES } from './store/store.ts';

/** The options of the command line. */
export interface Options extends TargetParameters, Limits {
  readonly host: string;
  readonly port: number;
  readonly sizeBytes: number;
  readonly iqn: string;
  readonly backend: BackendName;
  readonly store: 'sg' | 'plain';
  /** Whether whole pages of written data are copied or become pages of the disk. */
  readonly pages: 'move' | 'copy';
  readonly machine: 'checked' | 'direct';
  readonly image: string | undefined;
  /** Whether the disk cannot be written. */
  readonly readOnly: boolean;
  /** Whether a write succeeds only when its data are in the image. */
  readonly writeThrough: boolean;
  readonly help: boolean;
  readonly inject: string | undefined;
}

/** The text of --help. */
export const USAGE: string = `iscsi-target [--listen 127.0.0.1:3260] [--size 100M] [--iqn iqn.2026-11.org.scatterlist:disk]
  --size SIZE                       of a disk in memory, or of an image that does not exist yet
  --backend ${Object.keys(BACKENDS).join(' | ')}
  --machine checked | direct        --store sg | plain (no scatterlists, for comparison)
  --pages move | copy               what becomes of whole pages of written data
  --image FILE                      the file behind the disk; without it the disk is only memory
  --write-through                   a write is answered when the image has it, not when memory has it
  --read-only                       every command that changes the disk is refused
  --help                            prints this
  --max-recv-data-segment-length N  --max-burst-length N  --first-burst-length N
  --initial-r2t yes | no            --immediate-data yes | no  --header-digest
  --max-connections 64              --max-sessions 32     --max-immediate 8
  --max-text 16k                    of a login or text negotiation, and of a ping
  --send-window 4M                  on its way to one initiator
  --data-room 256M                  --session-data-room 64M   for the data of writes under way
  --login-timeout 15  --idle-timeout 60  --ping-timeout 15  --data-timeout 20   in seconds; 0 is never
  --inject ${Object.keys(FAULTS).join(' | ')}`;

/** What is wrong with a command line. */
class UsageError extends Refusal {}

/** Bytes of a size like `100M`, in whole blocks. */
function parseSize(text: string, name = 'size'): number {
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  const bytes = Number(match?.[1]) * 1024 ** ' kmg'.indexOf((match?.[2] ?? '').toLowerCase() || ' ');
  if (match === null || bytes < BLOCK_BYTES)
    throw new UsageError(`--${name} ${text}: a number with k, M or G`);
  if (bytes % BLOCK_BYTES !== 0)
    throw new UsageError(
      `--${name} ${text}: ${String(bytes)} bytes are no whole blocks of ${String(BLOCK_BYTES)}`,
    );
  return bytes;
}

/** The size of the disk. An existing file has a size already, which is not changed. */
function diskBytes(
  text: string | undefined,
  image: string | undefined,
  imageBytes: number | undefined,
): number {
  const asked = text === undefined ? undefined : parseSize(text);
  if (image === undefined) return asked ?? parseSize('100M');
  if (imageBytes === undefined) {
    if (asked !== undefined) return asked;
    throw new UsageError(`--image ${image}: there is no such file; with --size one is made`);
  }
  if (asked !== undefined && asked !== imageBytes)
    throw new UsageError(
      `--size ${String(text)}: ${String(image)} has ${String(imageBytes)} bytes, and the disk is as large as its file; leave --size out`,
    );
  return imageBytes;
}

/** The memory that the tables need for one page of the disk, rounded up. */
const TABLE_BYTES_PER_PAGE = 128;

/** Refuses a disk whose tables do not fit in memory. They have their full size even if little is written. */
function checkTables(sizeBytes: number): number {
  const most = Math.floor(getHeapStatistics().heap_size_limit / 2 / TABLE_BYTES_PER_PAGE) * PAGE_BYTES;
  if (sizeBytes > most)
    throw new UsageError(
      `a disk of ${String(sizeBytes)} bytes: the tables of one larger than ${String(most)} do not fit in memory`,
    );
  return sizeBytes;
}

function oneOf<T extends string>(name: string, text: string, values: readonly T[]): T {
  const value = values.find((v) => v === text);
  if (value === undefined) throw new UsageError(`--${name} ${text}: one of ${values.join(', ')}`);
  return value;
}

function bytesFrom(name: string, text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 512 || n > 0xff_ffff)
    throw new UsageError(`--${name} ${text}: a whole number from 512 to 16777215`);
  return n;
}

/** The options that are limits: numbers, sizes and times, each with its least value. */
const COUNTS = {
  'max-connections': 'maxConnections',
  'max-sessions': 'maxSessions',
  'max-immediate': 'maxImmediate',
} as const;
const SIZES = {
  'max-text': ['maxTextBytes', 1024],
  'send-window': ['sendWindowBytes', 65536],
  'data-room': ['dataBytes', 65536],
  'session-data-room': ['sessionDataBytes', 4096],
} as const;
const TIMES = {
  'login-timeout': 'loginSeconds',
  'idle-timeout': 'idleSeconds',
  'ping-timeout': 'pingSeconds',
  'data-timeout': 'dataSeconds',
} as const;

function limitsFrom(values: Readonly<Record<string, unknown>>): Limits {
  const limits: Record<keyof Limits, number> = { ...DEFAULT_LIMITS };
  const given = (name: string): string | undefined => {
    const text = values[name];
    return typeof text === 'string' ? text : undefined;
  };
  const number = (name: string, text: string, least: number): number => {
    const n = Number(text);
    if (/^\d{1,9}$/.test(text) && n >= least) return n;
    throw new UsageError(`--${name} ${text}: a whole number of at least ${String(least)}`);
  };
  for (const [name, key] of Object.entries(COUNTS)) {
    const text = given(name);
    if (text !== undefined) limits[key] = number(name, text, 1);
  }
  for (const [name, key] of Object.entries(TIMES)) {
    const text = given(name);
    if (text !== undefined) limits[key] = number(name, text, 0);
  }
  for (const [name, [key, least]] of Object.entries(SIZES)) {
    const text = given(name);
    if (text === undefined) continue;
    limits[key] = parseSize(text, name);
    if (limits[key] < least) throw new UsageError(`--${name} ${text}: at least ${String(least)} bytes`);
  }
  return limits;
}

/** Reads a command line; `sizeOfImage` returns the size of a file, and undefined where there is none. */
export function parseOptions(
  argv: readonly string[],
  sizeOfImage: (file: string) => number | undefined,
): Options {
  const { values } = parse(argv);
  const [host = '', port = ''] = values.listen.split(/:(?=\d+$)/);
  if (host === '' || port === '') throw new UsageError(`--listen ${values.listen}: host:port`);
  const backend = backendNamed(values.backend);
  if (backend === undefined) oneOf('backend', values.backend, Object.keys(BACKENDS));
  const { image, inject } = values;
  const yesNo = ['yes', 'no'] as const;
  return {
    ...limitsFrom(values),
    host,
    port: Number(port),
    sizeBytes: values.help
      ? 0
      : checkTables(diskBytes(values.size, image, image === undefined ? undefined : sizeOfImage(image))),
    iqn: values.iqn,
    backend: backend ?? 'kmap_local',
    store: oneOf('store', values.store, ['sg', 'plain']),
    pages: oneOf('pages', values.pages, ['move', 'copy']),
    machine: oneOf('machine', values.machine, ['checked', 'direct']),
    image,
    readOnly: values['read-only'],
    writeThrough: values['write-through'],
    help: values.help,
    inject: inject === undefined ? undefined : oneOf('inject', inject, Object.keys(FAULTS)),
    maxRecvDataSegmentLength: bytesFrom(
      'max-recv-data-segment-length',
      values['max-recv-data-segment-length'],
    ),
    maxBurstLength: bytesFrom('max-burst-length', values['max-burst-length']),
    firstBurstLength: bytesFrom('first-burst-length', values['first-burst-length']),
    initialR2T: oneOf('initial-r2t', values['initial-r2t'], yesNo) === 'yes',
    immediateData: oneOf('immediate-data', values['immediate-data'], yesNo) === 'yes',
    headerDigest: values['header-digest'],
  };
}

/** Every option of the command line, with its default. */
export const OPTIONS = {
  listen: { type: 'string', default: '127.0.0.1:3260' },
  size: { type: 'string' },
  iqn: { type: 'string', default: 'iqn.2026-11.org.scatterlist:disk' },
  backend: { type: 'string', default: 'kmap_local' },
  store: { type: 'string', default: 'sg' },
  pages: { type: 'string', default: 'move' },
  machine: { type: 'string', default: 'direct' },
  image: { type: 'string' },
  'read-only': { type: 'boolean', default: false },
  'write-through': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  inject: { type: 'string' },
  'max-recv-data-segment-length': { type: 'string', default: '262144' },
  'max-burst-length': { type: 'string', default: '262144' },
  'first-burst-length': { type: 'string', default: '262144' },
  'initial-r2t': { type: 'string', default: 'no' },
  'immediate-data': { type: 'string', default: 'yes' },
  'header-digest': { type: 'boolean', default: false },
  ...Object.fromEntries(
    [...Object.keys(COUNTS), ...Object.keys(SIZES), ...Object.keys(TIMES)].map((name) => [
      name,
      { type: 'string' } as const,
    ]),
  ),
} as const;

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
