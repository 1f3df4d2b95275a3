/**
 * The segments of libiscsi_tcp, after the `iscsi_tcp_segment_…` functions in drivers/scsi/libiscsi_tcp.c (Linux 7.2).
 *
 * A segment is a run of bytes that is received or sent as the connection allows: a header, or a part of a command's list
 * with its padding, and then the digest. Its pieces are the entries of the list, the padding and the digest. The page of an entry stays
 * mapped in the segment until the entry is done, or until the caller gives the page back.
 */
import { err, ok, sgNext } from 'scatterlist';
import type {
  MapBackend,
  Mapping,
  OutOfRange,
  Result,
  ScatterlistError,
  SgEntry,
  Sleeping,
} from 'scatterlist';
import type { Command } from '../command-list.ts';
import { DIGEST_BYTES, crc32c, digestBytes } from '../crc32c.ts';
import { paddingOf } from './iscsi-pdu.ts';

/** `struct iscsi_segment`. */
export interface Segment {
  readonly isReceived: boolean;
  piece: 'header' | 'entry' | 'padding' | 'digest' | 'done';
  /** The bytes of a piece that is not in the list. */
  buffer: Uint8Array;
  /** The entry, and where the piece begins in it. */
  sg: SgEntry | null;
  sgOffset: number;
  /** `sg_mapped`: the page of the entry, while it is mapped. */
  mapping: Mapping | undefined;
  /** Bytes of the piece, and how many of them were moved. */
  size: number;
  copied: number;
  /** Bytes of the list that follow after the piece. */
  left: number;
  readonly padding: number;
  /** The digest of what was moved so far. */
  crc: number;
}

/** `iscsi_segment_init_linear`: a segment for a header. */
export function headerSegment(isReceived: boolean, buffer: Uint8Array): Segment {
  return { ...EMPTY, isReceived, piece: 'header', buffer, size: buffer.length };
}

/** `iscsi_segment_seek_sg`: a segment for some bytes of a list from an offset on. */
export function dataSegment(
  isReceived: boolean,
  { sgl, nents }: Command,
  offset: number,
  lengthBytes: number,
): Result<Segment, OutOfRange> {
  const segment: Segment = { ...EMPTY, isReceived, left: lengthBytes, padding: paddingOf(lengthBytes) };
  let haveBytes = 0;
  let sg: SgEntry | null = sgl;
  for (let i = 0; i < nents && sg !== null; i += 1, sg = sgNext(sg)) {
    const isHere = segment.sg === null && offset < haveBytes + sg.length;
    if (isHere) startEntry(segment, sg, offset - haveBytes);
    haveBytes += sg.length;
  }
  const wantBytes = offset + lengthBytes;
  return segment.sg === null || wantBytes > haveBytes
    ? err({ code: 'OutOfRange', haveBytes, wantBytes })
    : ok(segment);
}

const EMPTY: Omit<Segment, 'isReceived'> = {
  piece: 'entry',
  buffer: new Uint8Array(),
  sg: null,
  sgOffset: 0,
  mapping: undefined,
  size: 0,
  copied: 0,
  left: 0,
  padding: 0,
  crc: 0,
};

function startEntry(segment: Segment, sg: SgEntry | null, sgOffset: number): void {
  const size = Math.min((sg?.length ?? 0) - sgOffset, segment.left);
  Object.assign(segment, { sg, sgOffset, size, copied: 0, left: segment.left - size });
}

function startBuffer(segment: Segment, piece: 'padding' | 'digest', buffer: Uint8Array): void {
  Object.assign(segment, { piece, buffer, size: buffer.length, copied: 0 });
}

/** `iscsi_tcp_segment_map` for received bytes: a map for a softirq. */
export function segmentMapAtomic(backend: MapBackend, segment: Segment): Result<Mapping, ScatterlistError> {
  if (segment.mapping !== undefined) return ok(segment.mapping);
  const page = segment.sg?.page ?? null;
  if (page === null) return err({ code: 'OutOfRange', haveBytes: 0, wantBytes: segment.size });
  const mapped = backend.map(page, 0, backend.context.machine.pageSize);
  if (mapped.ok) segment.mapping = mapped.value;
  return mapped;
}

/** `iscsi_tcp_segment_map` for bytes to send: the map may sleep, and so may the caller while it exists. */
export function* segmentMap(
  backend: MapBackend,
  segment: Segment,
): Sleeping<Result<Mapping, ScatterlistError>> {
  if (segment.mapping !== undefined) return ok(segment.mapping);
  const page = segment.sg?.page ?? null;
  if (page === null) return err({ code: 'OutOfRange', haveBytes: 0, wantBytes: segment.size });
  const mapped = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
  if (mapped.ok) segment.mapping = mapped.value;
  return mapped;
}

/** `iscsi_tcp_segment_unmap`. Linux looks at a flag of the segment, to see which of two functions has mapped the page. */
export function segmentUnmap(backend: MapBackend, segment: Segment): void {
  if (segment.mapping !== undefined) backend.unmap(segment.mapping);
  segment.mapping = undefined;
}

/** Where the next byte of the entry is in its page. */
export function pageOffsetOf({ sg, sgOffset, copied }: Segment): number {
  return (sg?.offset ?? 0) + sgOffset + copied;
}

/** The bytes of a mapping that were just moved or are about to be. */
export function bytesAt(mapping: Mapping, offset: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  mapping.copyTo(bytes, offset);
  return bytes;
}

/**
 * `iscsi_tcp_segment_done`: takes bytes that were moved into the digest, and goes to the next piece when one is complete. The
 * page of a complete entry is given back.
 */
export function segmentDone(backend: MapBackend, segment: Segment, moved: Uint8Array): void {
  if (segment.piece !== 'digest') segment.crc = crc32c(moved, segment.crc);
  segment.copied += moved.length;
  if (segment.copied < segment.size) return;
  segmentUnmap(backend, segment);
  if (segment.piece === 'digest') segment.piece = 'done';
  else if (segment.left > 0) startEntry(segment, segment.sg && sgNext(segment.sg), 0);
  else if (segment.piece === 'entry' && segment.padding > 0)
    startBuffer(segment, 'padding', new Uint8Array(segment.padding));
  else
    startBuffer(
      segment,
      'digest',
      segment.isReceived ? new Uint8Array(DIGEST_BYTES) : digestBytes(segment.crc),
    );
}

/** Stores received bytes in the current entry, and returns them as they are in the page. */
export type Store = (
  backend: MapBackend,
  segment: Segment,
  bytes: Uint8Array,
) => Result<Uint8Array, ScatterlistError>;

/** `iscsi_tcp_segment_recv`: moves received bytes into a segment, and returns how many it took. */
export function segmentRecv(
  store: Store,
  backend: MapBackend,
  segment: Segment,
  bytes: Uint8Array,
): Result<number, ScatterlistError> {
  let at = 0;
  while (at < bytes.length && segment.piece !== 'done') {
    const part = bytes.subarray(at, at + segment.size - segment.copied);
    if (segment.piece === 'entry') {
      const stored = store(backend, segment, part);
      if (!stored.ok) return stored;
      segmentDone(backend, segment, stored.value);
    } else {
      segment.buffer.set(part, segment.copied);
      segmentDone(backend, segment, part);
    }
    at += part.length;
  }
  return ok(at);
}
