/**
 * An iSCSI initiator over TCP, after `iscsi_tcp_recv_skb` and the segments of drivers/scsi/libiscsi_tcp.c and their use in
 * drivers/scsi/iscsi_tcp.c (Linux 7.2). The segments are in `iscsi-segment.ts`.
 *
 * The data of a read arrives in a softirq, cut anywhere. The page of the current entry is mapped by kmap_atomic; it stays
 * mapped from one piece of the stream to the next and is given back at the end of the softirq. The data of a write is sent
 * by a task, which sleeps until the socket has room; the page of the current entry is mapped by kmap meanwhile. A flag in
 * the segment remembers which function has mapped. A function that sleeps while a received page is mapped is wrong, and
 * is not seen in the function that maps.
 *
 * Here one backend serves both, so that the matrix shows which function could; `two functions` has those of Linux. Linux
 * maps a page to be sent only if the socket cannot take the page itself.
 */
import { err, ok, sgPcopyFromBuffer, sgPcopyToBuffer } from 'scatterlist';
import type { MapBackend, MemoryKind, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { kmap, kmapAtomic } from 'scatterlist/backends';
import { Completion } from 'scatterlist/explore';
import { memcpyFromPage } from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortInterrupt, PortTask, PortVariant } from 'scatterlist/ports';
import { commandOver } from '../command-list.ts';
import type { Command } from '../command-list.ts';
import { digestBytes } from '../crc32c.ts';
import {
  HEADER_BYTES,
  dataHeaders,
  dataStream,
  decodeHeader,
  encodeHeader,
  joined,
  readDataStream,
} from './iscsi-pdu.ts';
import type { DataHeader } from './iscsi-pdu.ts';
import { Connection } from './iscsi-peer.ts';
import {
  bytesAt,
  dataSegment,
  headerSegment,
  pageOffsetOf,
  segmentDone,
  segmentMap,
  segmentMapAtomic,
  segmentRecv,
  segmentUnmap,
} from './iscsi-segment.ts';
import type { Segment, Store } from './iscsi-segment.ts';

/** What is received at present, and into which commands. */
export interface Receiver {
  /** The header that was received last. */
  readonly basic: Uint8Array;
  segment: Segment;
  /** The same header, while its data is received. */
  header: DataHeader | undefined;
  readonly commands: readonly Command[];
  /** Commands whose last PDU has arrived. */
  completed: number;
}

export function receiverOf(commands: readonly Command[]): Receiver {
  const basic = new Uint8Array(HEADER_BYTES);
  return { basic, segment: headerSegment(true, basic), header: undefined, commands, completed: 0 };
}

/** `iscsi_tcp_recv_skb`: moves one piece of the stream into one segment after the other. */
export function recvSkb(
  store: Store,
  backend: MapBackend,
  receiver: Receiver,
  piece: Uint8Array,
): Result<unknown, ScatterlistError> {
  for (let at = 0; at < piece.length;) {
    const taken = segmentRecv(store, backend, receiver.segment, piece.subarray(at));
    if (!taken.ok) return taken;
    at += taken.value;
    if (receiver.segment.piece !== 'done') continue;
    const done = segmentReceived(receiver);
    if (!done.ok) return done;
  }
  return ok(undefined);
}

/** The callback of a complete segment: it checks the digest and starts the next segment. */
function segmentReceived(receiver: Receiver): Result<unknown, ScatterlistError> {
  const { segment, header, basic, commands } = receiver;
  sameBytes(
    segment.buffer,
    digestBytes(segment.crc),
    header === undefined ? 'a header digest' : 'a data digest',
  );
  if (header === undefined) return headerReceived(receiver, decodeHeader(basic), commands);
  if (header.isFinal) receiver.completed += 1;
  Object.assign(receiver, { header: undefined, segment: headerSegment(true, basic) });
  return ok(undefined);
}

/** `iscsi_tcp_hdr_dissect`: finds the place of a PDU's data in the list of its command. */
function headerReceived(
  receiver: Receiver,
  header: DataHeader,
  commands: readonly Command[],
): Result<unknown, ScatterlistError> {
  const command = commands[header.tag];
  if (command === undefined)
    return err({ code: 'OutOfRange', haveBytes: commands.length, wantBytes: header.tag + 1 });
  const segment = dataSegment(true, command, header.offset, header.dataBytes);
  if (segment.ok) Object.assign(receiver, { header, segment: segment.value });
  return segment;
}

/** Sends bytes of the current entry, and returns those that were sent. */
type SendEntry = (
  backend: MapBackend,
  segment: Segment,
  connection: Connection,
) => Sleeping<Result<Uint8Array, ScatterlistError>>;

/** `iscsi_sw_tcp_xmit_segment`: sends a segment, as much at a time as the socket takes. */
function* xmitSegment(
  sendEntry: SendEntry,
  backend: MapBackend,
  segment: Segment,
  connection: Connection,
): Sleeping<Result<unknown, ScatterlistError>> {
  while (segment.piece !== 'done') {
    const sent =
      segment.piece === 'entry'
        ? yield* sendEntry(backend, segment, connection)
        : ok(yield* sendBytes(backend.context, connection, segment.buffer.subarray(segment.copied)));
    if (!sent.ok) {
      segmentUnmap(backend, segment);
      return sent;
    }
    segmentDone(backend, segment, sent.value);
  }
  return ok(undefined);
}

function* sendBytes(context: Context, connection: Connection, bytes: Uint8Array): Sleeping<Uint8Array> {
  const count = yield* connection.send(context, bytes.length, (length) => bytes.slice(0, length));
  return bytes.subarray(0, count);
}

/** Received bytes go through the map that the segment keeps; the digest is made of what is then in the page. */
export const storeMapped: Store = (backend, segment, bytes) => {
  const mapped = segmentMapAtomic(backend, segment);
  if (!mapped.ok) return mapped;
  const at = pageOffsetOf(segment);
  mapped.value.copyFrom(bytes, at);
  return ok(bytesAt(mapped.value, at, bytes.length));
};

/** The socket reads through the map that the segment keeps, when it has room. */
const sendMapped: SendEntry = function* sendMapped(backend, segment, connection) {
  const mapped = yield* segmentMap(backend, segment);
  if (!mapped.ok) return mapped;
  const at = pageOffsetOf(segment);
  const count = yield* connection.send(backend.context, segment.size - segment.copied, (length) =>
    bytesAt(mapped.value, at, length),
  );
  return ok(bytesAt(mapped.value, at, count));
};

/** The socket is given the page; a short local map is made for the digest. */
const sendPage: SendEntry = function* sendPage({ context }, segment, connection) {
  const page = segment.sg?.page ?? null;
  if (page === null) return err({ code: 'OutOfRange', haveBytes: 0, wantBytes: segment.size });
  const at = pageOffsetOf(segment);
  const bytesOf = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    memcpyFromPage(context, bytes, page, at);
    return bytes;
  };
  const count = yield* connection.send(context, segment.size - segment.copied, bytesOf);
  return ok(bytesOf(count));
};

const storeCopy: Store = (backend, { sg, sgOffset, copied }, bytes) => {
  const stored = sgPcopyFromBuffer<MapBackend, MemoryKind>(oneEntry(sg), bytes, backend, sgOffset + copied);
  return stored.ok ? ok(bytes) : stored;
};

const sendCopy: SendEntry = function* sendCopy(backend, { sg, sgOffset, size, copied }, connection) {
  const bytes = new Uint8Array(size - copied);
  const taken = sgPcopyToBuffer<MapBackend, MemoryKind>(oneEntry(sg), bytes, backend, sgOffset + copied);
  return taken.ok ? ok(yield* sendBytes(backend.context, connection, bytes)) : taken;
};

function oneEntry(sgl: Segment['sg']): { readonly sgl: Segment['sg']; readonly origNents: number } {
  return { sgl, origNents: 1 };
}

const COMMAND_BYTES = 8189;
/** `MaxRecvDataSegmentLength` of both sides: the data of a PDU ends with padding. */
const DATA_BYTES = 2047;
/** Where the data of a command begins in its first page. */
const FIRST_OFFSET = 0xf01;

interface Session {
  readonly pages: readonly Page[];
  /** The data of each command. */
  readonly data: readonly Uint8Array[];
  readonly content: Uint8Array;
  readonly receiver: Receiver;
  readonly connection: Connection;
  readonly completed: Completion;
}

/** Sends the data of each command back, when all of it was received. */
const transmits = (
  sendEntry: SendEntry,
  map?: (context: Context) => MapBackend,
): Readonly<Record<string, PortTask<Session>>> => ({
  *xmitworker({ backend: given, task, receiver, data, connection, completed }) {
    const backend = map?.(task) ?? given;
    for (const [tag, command] of receiver.commands.entries()) {
      while (receiver.completed <= tag) yield* completed.wait(task);
      for (const header of dataHeaders('dataOut', tag, data[tag]?.length ?? 0, DATA_BYTES)) {
        const body = dataSegment(false, command, header.offset, header.dataBytes);
        if (!body.ok) return body;
        for (const segment of [headerSegment(false, encodeHeader(header)), body.value]) {
          const sent = yield* xmitSegment(sendEntry, backend, segment, connection);
          if (!sent.ok) return sent;
        }
      }
    }
    return undefined;
  },
});

/** `iscsi_sw_tcp_data_ready`: takes every piece that has arrived, and gives the page back that is still mapped. */
const receives = (
  store: Store,
  map?: (context: Context) => MapBackend,
): Readonly<Record<string, PortInterrupt<Session>>> => ({
  data_ready: {
    kind: 'softirq',
    onlyRaised: true,
    run({ backend: given, irq, receiver, connection, completed }) {
      const backend = map?.(irq) ?? given;
      let received: Result<unknown, ScatterlistError> = ok(undefined);
      while (received.ok) {
        const piece = connection.nextPiece();
        if (piece === undefined) break;
        received = recvSkb(store, backend, receiver, piece);
      }
      segmentUnmap(backend, receiver.segment);
      completed.complete(irq);
      return received;
    },
  },
});

const devices: NonNullable<PortVariant<Session>['devices']> = {
  *target({ connection, self, raise }) {
    yield* connection.sendAll(self, () => {
      raise('data_ready');
    });
  },
  *sink({ connection, self }) {
    yield* connection.takeAll(self);
  },
};

/** The input is read from a target in commands of two or three pages, and written back to it. */
export default definePort<Session>({
  name: 'libiscsi-tcp',
  follows: 'drivers/scsi/libiscsi_tcp.c',
  about: 'keeps the page of an entry mapped while a stream is received in a softirq or sent by a task',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 15,
  setup: ({ machine, memory, content }) => {
    const { pageSize } = machine;
    const data = Array.from({ length: Math.ceil(content.length / COMMAND_BYTES) }, (_, i) =>
      content.subarray(i * COMMAND_BYTES, (i + 1) * COMMAND_BYTES),
    );
    const lists = data.map(({ length: lengthBytes }) => {
      const pages = takePages(machine, memory, Math.ceil((FIRST_OFFSET + lengthBytes) / pageSize));
      const layout = { offset: FIRST_OFFSET, lengthBytes, entryBytes: pageSize, pageSize };
      return { pages, command: commandOver(pages, layout) };
    });
    return {
      pages: lists.flatMap(({ pages }) => pages),
      data,
      content,
      receiver: receiverOf(lists.map(({ command }) => command)),
      connection: new Connection(machine, dataStream('dataIn', data, DATA_BYTES)),
      completed: new Completion(machine, 'end of a command'),
    };
  },
  variants: {
    original: {
      about: 'the page of an entry stays mapped from piece to piece, and while the socket waits for room',
      linux: 'kmap_atomic to receive, kmap to send: 5.10 to 7.2',
      tasks: transmits(sendMapped),
      interrupts: receives(storeMapped),
      devices,
    },
    'two functions': {
      about: 'the same with kmap_atomic to receive and kmap to send',
      linux: '5.10 to 7.2',
      usesBackend: false,
      tasks: transmits(sendMapped, kmap),
      interrupts: receives(storeMapped, kmapAtomic),
      devices,
    },
    'pass pages': {
      about:
        'receives through a map; the socket is given pages, of which a short local map is made for the digest',
      linux: 'for pages that the socket takes; the local map for the digest in 7.2',
      tasks: transmits(sendPage),
      interrupts: receives(storeMapped),
      devices,
    },
    'copy helper': {
      about: 'sg_pcopy_from_buffer for each received piece, and sg_pcopy_to_buffer before each send',
      linux: 'not proposed',
      tasks: transmits(sendCopy),
      interrupts: receives(storeCopy),
      devices,
    },
  },
  verify: ({ machine, pages, data, content, connection }) => {
    let first = 0;
    for (const [i, wanted] of data.entries()) {
      const count = Math.ceil((FIRST_OFFSET + wanted.length) / machine.pageSize);
      const own = pages.slice(first, first + count);
      const bytes = joined(own.map((page) => machine.physical(page)));
      sameBytes(wanted, bytes.subarray(FIRST_OFFSET), `the list of command ${String(i)}`);
      first += count;
    }
    const written = readDataStream(connection.sent());
    return allBytes(content.length, sameBytes(content, written, 'what the target got').verifiedBytes);
  },
});
