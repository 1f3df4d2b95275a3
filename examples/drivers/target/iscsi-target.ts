/**
 * The data of commands of an iSCSI target, after `iscsit_map_iovec` and `iscsit_unmap_iovec` and their callers in
 * drivers/target/iscsi/iscsi_target.c (Linux 7.2).
 *
 * The data of a PDU is received into a command's list, or sent from it, at an offset. The driver maps every entry of that
 * part at once, and the socket sleeps over the vectors. Later the maps are released, the oldest first, as many as were
 * recorded. The digest of received data is made after that, through a map of each entry in turn; the digest of data to
 * send is made before, while the vectors are mapped.
 *
 * If the list ends before the data does, Linux returns an error without recording how many entries it has mapped, and those
 * maps are never released: the variant `error path` has the target go on with its next PDU after that. Linux takes one
 * page for each entry; `entries of two pages` shows what becomes of the second. The driver also releases by the place in an
 * array of entries, which is wrong for a list of several arrays; a mapping here knows its page, so that is not shown.
 */
import { err, ok, sgNext } from 'scatterlist';
import type { MapBackend, Mapping, OutOfRange, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { memcpyFromBvec, memcpyToBvec } from 'scatterlist/machine';
import type { BioVec, Context } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';
import { commandOver } from '../command-list.ts';
import type { Command } from '../command-list.ts';
import { DIGEST_BYTES, crc32c, digestBytes } from '../crc32c.ts';
import {
  HEADER_BYTES,
  dataHeaders,
  dataStream,
  decodeHeader,
  encodeHeader,
  joined,
  paddingOf,
  readDataStream,
} from '../scsi/iscsi-pdu.ts';
import type { DataHeader } from '../scsi/iscsi-pdu.ts';
import { Connection } from '../scsi/iscsi-peer.ts';

/** `struct iscsi_cmd`, as far as it concerns its maps. */
export interface IscsiCommand extends Command {
  /** The mappings of the vectors. */
  readonly iovec: Mapping[];
  /** `kmapped_nents`: how many of them are to be released. */
  kmappedNents: number;
}

export function iscsiCommand(command: Command): IscsiCommand {
  return { ...command, iovec: [], kmappedNents: 0 };
}

/** The vectors of some bytes of a list from an offset on, and an error if the list ends before them. */
export function vectorsOf(
  { sgl, nents }: Command,
  offset: number,
  lengthBytes: number,
): { readonly vectors: readonly BioVec[]; readonly error: OutOfRange | undefined } {
  const vectors: BioVec[] = [];
  let skip = offset;
  let left = lengthBytes;
  let haveBytes = 0;
  for (
    let sg: Command['sgl'] | null = sgl, i = 0;
    i < nents && sg !== null && left > 0;
    sg = sgNext(sg), i += 1
  ) {
    haveBytes += sg.length;
    const length = Math.min(sg.length - skip, left);
    if (sg.page !== null && length > 0) {
      vectors.push({ page: sg.page, offset: sg.offset + skip, length });
      left -= length;
    }
    skip = Math.max(skip - sg.length, 0);
  }
  const error: OutOfRange = { code: 'OutOfRange', haveBytes, wantBytes: offset + lengthBytes };
  return { vectors, error: left > 0 ? error : undefined };
}

/** Maps the data of a PDU. */
type MapIovec = (
  backend: MapBackend,
  command: IscsiCommand,
  offset: number,
  lengthBytes: number,
) => Sleeping<Result<readonly BioVec[], ScatterlistError>>;

/** `iscsit_map_iovec`, which records how many entries it has mapped at its end, or, not as in Linux, with each. */
export const mapIovec = (recordsEach: boolean): MapIovec =>
  function* map(backend, command, offset, lengthBytes) {
    const { vectors, error } = vectorsOf(command, offset, lengthBytes);
    command.iovec.length = 0;
    command.kmappedNents = 0;
    for (const { page } of vectors) {
      const mapped = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
      if (!mapped.ok) {
        command.kmappedNents = command.iovec.length;
        return mapped;
      }
      command.iovec.push(mapped.value);
      if (recordsEach) command.kmappedNents = command.iovec.length;
    }
    if (error !== undefined) return err(error);
    command.kmappedNents = command.iovec.length;
    return ok(vectors);
  };

/** `iscsit_unmap_iovec`: releases as many maps as were recorded, in the order in which they were made or in the other. */
export function unmapIovec(backend: MapBackend, command: IscsiCommand, newestFirst = false): void {
  const mapped = command.iovec.slice(0, command.kmappedNents);
  for (const mapping of newestFirst ? mapped.reverse() : mapped) backend.unmap(mapping);
  command.iovec.length = 0;
  command.kmappedNents = 0;
}

/** The digest of vectors and padding, through a map of each entry in turn. */
function* digestOf(
  backend: MapBackend,
  vectors: readonly BioVec[],
  padding: Uint8Array,
): Sleeping<Result<Uint8Array, ScatterlistError>> {
  let crc = 0;
  for (const { page, offset, length } of vectors) {
    const mapped = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
    if (!mapped.ok) return mapped;
    crc = crc32c(bytesAt(mapped.value, offset, length), crc);
    backend.unmap(mapped.value);
  }
  return ok(digestBytes(crc32c(padding, crc)));
}

function bytesAt(mapping: Mapping, offset: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  mapping.copyTo(bytes, offset);
  return bytes;
}

/** What is needed to move the data of one PDU. */
interface Transfer {
  readonly backend: MapBackend;
  readonly connection: Connection;
  readonly command: IscsiCommand;
  readonly header: DataHeader;
}

/** Receives or sends the data of a PDU, and returns the digest of it and the padding. */
type Move = (transfer: Transfer) => Sleeping<Result<Uint8Array, ScatterlistError>>;

/** The receive and the send of a variant. */
interface Moves {
  readonly receive: Move;
  readonly send: Move;
}

/** The padding that follows the data. It arrives after the data, and is sent as zeroes. */
function* receivePadding({ backend, connection, header }: Transfer): Sleeping<Uint8Array> {
  return yield* connection.receive(backend.context, paddingOf(header.dataBytes));
}

function* sendAll(context: Context, connection: Connection, bytes: Uint8Array): Sleeping<void> {
  yield* sendThrough(context, connection, bytes.length, (at, length) => bytes.slice(at, at + length));
}

function* sendThrough(
  context: Context,
  connection: Connection,
  lengthBytes: number,
  read: (at: number, lengthBytes: number) => Uint8Array,
): Sleeping<void> {
  for (let at = 0; at < lengthBytes;) {
    const start = at;
    at += yield* connection.send(context, lengthBytes - start, (length) => read(start, length));
  }
}

/** `iscsit_get_dataout` and `iscsit_xmit_pdu`: all vectors are mapped while the socket sleeps. */
const mapped = (map: MapIovec, newestFirst = false): Moves => ({
  *receive(transfer) {
    const { backend, connection, command, header } = transfer;
    const made = yield* map(backend, command, header.offset, header.dataBytes);
    if (made.ok)
      for (const [i, { offset, length }] of made.value.entries())
        command.iovec[i]?.copyFrom(yield* connection.receive(backend.context, length), offset);
    unmapIovec(backend, command, newestFirst);
    if (!made.ok) return made;
    return yield* digestOf(backend, made.value, yield* receivePadding(transfer));
  },
  *send({ backend, connection, command, header }) {
    const made = yield* map(backend, command, header.offset, header.dataBytes);
    if (!made.ok) {
      unmapIovec(backend, command, newestFirst);
      return made;
    }
    const padding = new Uint8Array(paddingOf(header.dataBytes));
    const digest = yield* digestOf(backend, made.value, padding);
    for (const [i, { offset, length }] of made.value.entries()) {
      const mapping = command.iovec[i];
      if (!digest.ok || mapping === undefined) break;
      yield* sendThrough(backend.context, connection, length, (at, count) =>
        bytesAt(mapping, offset + at, count),
      );
    }
    unmapIovec(backend, command, newestFirst);
    if (digest.ok) yield* sendAll(backend.context, connection, padding);
    return digest;
  },
});

/** The socket is given vectors of pages, and maps a page only while it copies. */
const passed: Moves = {
  *receive(transfer) {
    const { backend, connection, command, header } = transfer;
    const { vectors, error } = vectorsOf(command, header.offset, header.dataBytes);
    if (error !== undefined) return err(error);
    for (const vector of vectors)
      memcpyToBvec(backend.context, vector, yield* connection.receive(backend.context, vector.length));
    return ok(digestOfPages(backend.context, vectors, yield* receivePadding(transfer)));
  },
  *send({ backend, connection, command, header }) {
    const { context } = backend;
    const { vectors, error } = vectorsOf(command, header.offset, header.dataBytes);
    if (error !== undefined) return err(error);
    const padding = new Uint8Array(paddingOf(header.dataBytes));
    for (const { page, offset, length } of vectors)
      yield* sendThrough(context, connection, length, (at, count) =>
        bytesOf(context, { page, offset: offset + at, length: count }),
      );
    yield* sendAll(context, connection, padding);
    return ok(digestOfPages(context, vectors, padding));
  },
};

function digestOfPages(context: Context, vectors: readonly BioVec[], padding: Uint8Array): Uint8Array {
  const crc = vectors.reduce((earlier, vector) => crc32c(bytesOf(context, vector), earlier), 0);
  return digestBytes(crc32c(padding, crc));
}

function bytesOf(context: Context, vector: BioVec): Uint8Array {
  const bytes = new Uint8Array(vector.length);
  memcpyFromBvec(context, bytes, vector);
  return bytes;
}

const COMMAND_BYTES = 16381;
/** The data of a PDU: it crosses a page or two, and ends with padding. */
const DATA_BYTES = 6143;
/** Where the data of a command begins in its first page. */
const FIRST_OFFSET = 0xe00;

interface Target {
  readonly pages: readonly Page[];
  readonly content: Uint8Array;
  /** The data of each command. */
  readonly data: readonly Uint8Array[];
  readonly connection: Connection;
  /** A connection with one PDU, which has more data than the first command's list. */
  readonly overlong: Connection;
}

function pagesOf({ length }: Uint8Array, pageSize: number): number {
  return Math.ceil((FIRST_OFFSET + length) / pageSize);
}

/** The lists of the commands, over the pages in turn. */
function commandsOver(
  { pages, data }: Pick<Target, 'pages' | 'data'>,
  pageSize: number,
  pagesPerEntry: number,
): readonly IscsiCommand[] {
  let first = 0;
  return data.map((bytes) => {
    const own = pages.slice(first, (first += pagesOf(bytes, pageSize)));
    const entryBytes = pagesPerEntry * pageSize;
    const layout = { offset: FIRST_OFFSET, lengthBytes: bytes.length, entryBytes, pageSize };
    return iscsiCommand(commandOver(own, layout));
  });
}

function* receiveHeader({ context }: MapBackend, connection: Connection): Sleeping<DataHeader> {
  const basic = yield* connection.receive(context, HEADER_BYTES);
  const told = yield* connection.receive(context, DIGEST_BYTES);
  sameBytes(told, digestBytes(crc32c(basic)), 'a header digest');
  return decodeHeader(basic);
}

/** Receives the data of each command, and sends it back. */
const serves = ({ receive, send }: Moves, pagesPerEntry = 1): PortTask<Target> =>
  function* thread(env) {
    const { backend, connection, data, machine } = env;
    const { context } = backend;
    for (const [tag, command] of commandsOver(env, machine.pageSize, pagesPerEntry).entries()) {
      for (let isFinal = false; !isFinal;) {
        const header = yield* receiveHeader(backend, connection);
        const received = yield* receive({ backend, connection, command, header });
        if (!received.ok) return received;
        const told = yield* connection.receive(context, DIGEST_BYTES);
        sameBytes(told, received.value, 'a data digest');
        isFinal = header.isFinal;
      }
      for (const header of dataHeaders('dataIn', tag, data[tag]?.length ?? 0, DATA_BYTES)) {
        const basic = encodeHeader(header);
        yield* sendAll(context, connection, joined([basic, digestBytes(crc32c(basic))]));
        const sent = yield* send({ backend, connection, command, header });
        if (!sent.ok) return sent;
        yield* sendAll(context, connection, sent.value);
      }
    }
    return undefined;
  };

/** The same, after a PDU of another connection whose data does not fit. Its data is dropped. */
const refusesFirst = (moves: Moves): PortTask<Target> =>
  function* thread(env) {
    const { backend, overlong: connection, machine } = env;
    const header = yield* receiveHeader(backend, connection);
    const [command] = commandsOver(env, machine.pageSize, 1);
    if (command === undefined) return undefined;
    const received = yield* moves.receive({ backend, connection, command, header });
    if (!received.ok && received.error.code !== 'OutOfRange') return received;
    yield* connection.receive(backend.context, connection.incoming.length);
    return yield* serves(moves)(env);
  };

const devices: NonNullable<PortVariant<Target>['devices']> = {
  *initiator({ connection, overlong, self }) {
    yield* overlong.sendAll(self);
    yield* connection.sendAll(self);
  },
  *sink({ connection, self }) {
    yield* connection.takeAll(self);
  },
};

/** The input is written by an initiator in commands of up to five pages, and is read back. */
export default definePort<Target>({
  name: 'iscsi-target',
  follows: 'drivers/target/iscsi/iscsi_target.c',
  about: "maps every entry of a PDU's data at once, while the socket receives or sends",
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 15,
  setup: ({ machine, memory, content }) => {
    const data = Array.from({ length: Math.ceil(content.length / COMMAND_BYTES) }, (_, i) =>
      content.subarray(i * COMMAND_BYTES, (i + 1) * COMMAND_BYTES),
    );
    const count = data.reduce((sum, bytes) => sum + pagesOf(bytes, machine.pageSize), 0);
    const tooMuch = joined([...data.slice(0, 1), new Uint8Array(100)]);
    return {
      pages: takePages(machine, memory, count, 'contiguous'),
      content,
      data,
      connection: new Connection(machine, dataStream('dataOut', data, DATA_BYTES)),
      overlong: new Connection(machine, dataStream('dataOut', [tooMuch], tooMuch.length)),
    };
  },
  variants: {
    original: {
      about: 'kmap of every entry, while the socket sleeps; the oldest is released first',
      linux: '5.10 to 7.2; a local map for the digest in 7.2',
      tasks: { thread: serves(mapped(mapIovec(false))) },
      devices,
    },
    'newest first': {
      about: 'the same, released in the other order, as local maps must be',
      linux: 'not proposed',
      tasks: { thread: serves(mapped(mapIovec(false), true)) },
      devices,
    },
    'error path': {
      about:
        'the original, with a list that ends before the data: its maps are not recorded, and not released',
      linux: '5.10 to 7.2; leaks',
      tasks: { thread: refusesFirst(mapped(mapIovec(false))) },
      devices,
    },
    'error path, recorded': {
      about: 'each map is recorded when it is made; the newest is released first',
      linux: 'not proposed',
      tasks: { thread: refusesFirst(mapped(mapIovec(true), true)) },
      devices,
    },
    'entries of two pages': {
      about: 'the original with entries that go on in a second page, of which the vector has only the first',
      linux: '5.10 to 7.2; moves bytes behind the page',
      tasks: { thread: serves(mapped(mapIovec(false)), 2) },
      devices,
    },
    'pass pages': {
      about: 'vectors of pages; the socket maps while it copies',
      linux: 'not proposed; as nvmet has it since 6.1',
      usesBackend: false,
      tasks: { thread: serves(passed) },
      devices,
    },
  },
  verify: ({ machine, pages, data, content, connection }) => {
    let first = 0;
    for (const [i, wanted] of data.entries()) {
      const own = pages.slice(first, (first += pagesOf(wanted, machine.pageSize)));
      const bytes = joined(own.map((page) => machine.physical(page)));
      sameBytes(wanted, bytes.subarray(FIRST_OFFSET), `the list of command ${String(i)}`);
    }
    const read = readDataStream(connection.sent());
    return allBytes(content.length, sameBytes(content, read, 'what the initiator got').verifiedBytes);
  },
});
