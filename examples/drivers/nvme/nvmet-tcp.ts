/**
 * The receive of write data of NVMe over TCP, after `nvmet_tcp_map_pdu_iovec`, `nvmet_tcp_try_recv_data` and
 * `nvmet_tcp_calc_ddgst` in drivers/nvme/target/tcp.c (Linux 7.2).
 *
 * The data of a command arrives in PDUs, each of which has the offset of its data. The driver makes an array of vectors
 * over the command's list from that offset on, and the socket receives into them. The receive may sleep. A list that ends
 * before the data does is a protocol error.
 *
 * The pages were mapped for the socket in 2020; now the vectors name pages, and the socket maps each for its copy. The
 * digest of the data still takes the addresses of the pages, with a comment that says that there is no highmem. The
 * variant `digest by address` does that: over page_address it is refused on highmem pages.
 */
import { err, ok, sgInitTable, sgNext, sgSetPage } from 'scatterlist';
import type {
  MapBackend,
  Mapping,
  OutOfRange,
  Page,
  Result,
  ScatterlistError,
  SgEntry,
  Sleeping,
} from 'scatterlist';
import { memcpyToBvec } from 'scatterlist/machine';
import type { BioVec } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';
import { DIGEST_BYTES, crc32c, digestBytes } from '../crc32c.ts';
import { H2C_HEADER_BYTES, Socket, h2cDataPdus, readH2cHeader } from './nvme-tcp-host.ts';

/** `nvmet_tcp_map_pdu_iovec`: the vectors of some bytes of a list, from an offset on. */
export function mapPduIovec(sgl: SgEntry, offset: number, lengthBytes: number): Result<BioVec[], OutOfRange> {
  const vectors: BioVec[] = [];
  let skip = offset;
  let left = lengthBytes;
  let haveBytes = 0;
  for (let sg: SgEntry | null = sgl; sg !== null && left > 0; sg = sgNext(sg)) {
    haveBytes += sg.length;
    const length = Math.min(sg.length - skip, left);
    if (sg.page !== null && length > 0) {
      vectors.push({ page: sg.page, offset: sg.offset + skip, length });
      left -= length;
    }
    skip = Math.max(skip - sg.length, 0);
  }
  return left > 0 ? err({ code: 'OutOfRange', haveBytes, wantBytes: offset + lengthBytes }) : ok(vectors);
}

/** Receives into vectors. */
type Receive = (
  backend: MapBackend,
  socket: Socket,
  vectors: readonly BioVec[],
) => Sleeping<Result<undefined, ScatterlistError>>;

/** Maps all vectors, so that the socket has an address for each while it sleeps. */
export const receiveMapped: Receive = function* receiveMapped(backend, socket, vectors) {
  const mappings: Mapping[] = [];
  let failed: Result<undefined, ScatterlistError> = ok(undefined);
  for (const { page, offset, length } of vectors) {
    const mapped = yield* backend.mapWait(page, offset, length);
    if (!mapped.ok) {
      failed = mapped;
      break;
    }
    mappings.push(mapped.value);
  }
  if (failed.ok)
    for (const mapping of mappings)
      mapping.copyFrom(yield* socket.receive(backend.context.task, mapping.lengthBytes));
  for (const mapping of mappings.reverse()) backend.unmap(mapping);
  return failed;
};

/** Hands the vectors over: the socket maps a page only while it copies. */
const receivePages: Receive = function* receivePages({ context }, socket, vectors) {
  for (const vector of vectors) {
    const bytes = yield* socket.receive(context.task, vector.length);
    memcpyToBvec(context, vector, bytes);
  }
  return ok(undefined);
};

/** The digest of what is in the vectors; each is mapped for it in turn. */
function* digestOf(
  backend: MapBackend,
  vectors: readonly BioVec[],
): Sleeping<Result<number, ScatterlistError>> {
  const total = vectors.reduce((sum, { length }) => sum + length, 0);
  const data = new Uint8Array(total);
  let at = 0;
  for (const { page, offset, length } of vectors) {
    const mapped = yield* backend.mapWait(page, offset, length);
    if (!mapped.ok) return mapped;
    mapped.value.copyTo(data.subarray(at, at + length));
    backend.unmap(mapped.value);
    at += length;
  }
  return ok(crc32c(data));
}

const DATA_BYTES = 3000;
/** Where the data begins in the first page of the list. */
const FIRST_OFFSET = 512;

interface Queue {
  readonly pages: readonly Page[];
  readonly sgl: SgEntry;
  readonly content: Uint8Array;
  readonly socket: Socket;
}

/** `nvmet_tcp_io_work`: receives one PDU after another, and compares digests where `isDigested`. */
const works = (receive: Receive, isDigested = false): PortTask<Queue> =>
  function* ioWork({ backend, task, socket, sgl, content }) {
    for (let got = 0; got < content.length;) {
      const { dataOffset, dataBytes } = readH2cHeader(yield* socket.receive(task, H2C_HEADER_BYTES));
      const vectors = mapPduIovec(sgl, dataOffset, dataBytes);
      if (!vectors.ok) return vectors;
      const received = yield* receive(backend, socket, vectors.value);
      if (!received.ok) return received;
      const told = yield* socket.receive(task, DIGEST_BYTES);
      got += dataBytes;
      if (!isDigested) continue;
      const digest = yield* digestOf(backend, vectors.value);
      if (!digest.ok) return digest;
      sameBytes(told, digestBytes(digest.value), `the digest of the PDU at ${String(dataOffset)}`);
    }
    return undefined;
  };

const devices: NonNullable<PortVariant<Queue>['devices']> = {
  *host({ socket, self }) {
    yield* socket.sendAll(self);
  },
};

/** The input is written by a host, in PDUs with digests. */
export default definePort<Queue>({
  name: 'nvmet-tcp',
  follows: 'drivers/nvme/target/tcp.c',
  about: "receives from a socket into a command's list at an offset",
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => {
    const { pageSize } = machine;
    const total = FIRST_OFFSET + content.length;
    const pages = takePages(machine, memory, Math.ceil(total / pageSize));
    const list = sgInitTable(pages.length);
    for (const [i, page] of pages.entries()) {
      const start = i === 0 ? FIRST_OFFSET : 0;
      sgSetPage(list.entry(i), page, Math.min(pageSize, total - i * pageSize) - start, start);
    }
    const socket = new Socket(machine, h2cDataPdus(content, DATA_BYTES));
    return { pages, sgl: list.entry(0), content, socket };
  },
  variants: {
    original: {
      about: 'kmap of every vector, while the socket receives',
      linux: 'kmap in 2020, gone in 6.1',
      tasks: { ioWork: works(receiveMapped) },
      devices,
    },
    'pass pages': {
      about: 'an array of pages with offsets; the socket maps while it copies',
      linux: '6.1 to 7.2',
      usesBackend: false,
      tasks: { ioWork: works(receivePages) },
      devices,
    },
    'digest by address': {
      about: 'the same, and a digest for which each page is mapped: by its permanent address in Linux',
      linux: 'sg_virt in 6.12 and 7.2, with a comment that there is no highmem',
      tasks: { ioWork: works(receivePages, true) },
      devices,
    },
  },
  verify: ({ machine, pages, content }) => {
    const bytes = Uint8Array.from(pages.flatMap((page) => [...machine.physical(page)]));
    return allBytes(
      content.length,
      sameBytes(content, bytes.subarray(FIRST_OFFSET), 'the list').verifiedBytes,
    );
  },
});
