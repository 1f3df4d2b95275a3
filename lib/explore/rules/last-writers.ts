/**
 * Who wrote last what a check found wrong, as lines of a report.
 */
import { Page } from '../../machine/memory.ts';
import { siteText } from '../../machine/violation.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import type { BytesState, Detail } from '../../machine/violation.ts';
import type { Write } from '../memory-writes.ts';
import { byteText, isNumbers, rangeText } from '../mismatch.ts';
import type { Difference } from '../mismatch.ts';
import type { Recorder } from '../recorder.ts';
import { valueText } from '../value-text.ts';

type Access = Extract<TraceEvent, { readonly serial: number; readonly lengthBytes: number }>;

/** Lines of one kind in a report; the rest is counted. */
const MOST_LINES = 8;
/** Bytes of a run that are shown. */
const MOST_BYTES = 8;

/** `by task "copy" at foo.ts:31 in step 7`. */
export function writeText(write: Write): string {
  const at = write.site === undefined || write.site.file === '' ? '' : ` at ${siteText(write.site)}`;
  const step = write.step < 0 ? '' : ` in step ${String(write.step)}`;
  const how = write.how === 'array' ? ', not by a store' : '';
  return `by ${write.actor}${at}${step}${how}`;
}

/** `store by "one" at foo.ts:31 in step 7`, of 4 bytes at offset 8. */
export function accessText(recorder: Recorder, access: Access): string {
  const { site, step = -1, name } = recorder.placeOf(access) ?? {};
  const { event, lengthBytes, offset, by } = access;
  const bytes =
    name !== undefined
      ? name.text
      : lengthBytes === 1
        ? `byte ${String(offset)}`
        : `bytes ${String(offset)} to ${String(offset + lengthBytes - 1)}`;
  const at = site === undefined || site.file === '' ? '' : ` at ${siteText(site)}`;
  return `${event} of ${bytes} by "${by.name}"${at}${step < 0 ? '' : ` in step ${String(step)}`}`;
}

/** `bytes 8 to 11 of pfn 0x40`, or what the program calls them. */
function whereText(recorder: Recorder, page: Page, from: number, to: number): string {
  const name = recorder.nameOf(page, from);
  if (name === undefined) return rangeText(page, from, to);
  return to - from === 1 ? name.text : `${String(to - from)} bytes of ${name.text}`;
}

/** The last writers of the bytes that a violation is about. */
export function writtenTo(recorder: Recorder, { pfn, offset, lengthBytes }: BytesState): readonly Detail[] {
  const page = recorder.page(pfn);
  const places = Array.from({ length: lengthBytes }, (_, i) => [offset + i, undefined] as const);
  const runs = runsOf(places, (at) => recorder.writerOf(page, at));
  return lines(
    'bytes',
    runs.map(
      ({ from, write, bytes }) =>
        `${whereText(recorder, page, from, from + bytes.length)}: ${lastText(write)}`,
    ),
  );
}

function lastText(write: Write | undefined): string {
  if (write === undefined) return 'never written by an actor';
  return write.how === 'alloc'
    ? `not written since its page was allocated or freed ${writeText(write)}`
    : `last written ${writeText(write)}`;
}

/** Neighbouring bytes that one write left. */
interface Run<T> {
  readonly from: number;
  readonly write: Write | undefined;
  readonly bytes: T[];
}

function runsOf<T>(
  bytes: readonly (readonly [at: number, byte: T])[],
  writerAt: (at: number) => Write | undefined,
): readonly Run<T>[] {
  const runs: Run<T>[] = [];
  for (const [at, byte] of bytes) {
    const write = writerAt(at);
    const run = runs.at(-1);
    if (run !== undefined && run.from + run.bytes.length === at && isSame(run.write, write))
      run.bytes.push(byte);
    else runs.push({ from: at, write, bytes: [byte] });
  }
  return runs;
}

/** Whether a report tells two writes in the same words. */
function isSame(a: Write | undefined, b: Write | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && writeText(a) === writeText(b));
}

function shortened(texts: readonly string[]): string {
  return texts.length <= MOST_BYTES ? texts.join(' ') : `${texts.slice(0, MOST_BYTES).join(' ')} …`;
}

/** The bytes that differ from what was expected, with the last writers of each. */
export function differing(
  recorder: Recorder,
  of: Page | ArrayLike<number>,
  found: readonly Difference[],
): readonly Detail[] {
  const writerAt = (at: number): Write | undefined =>
    of instanceof Page ? recorder.writerOf(of, at) : recorder.writerIn(of, at);
  const runs = runsOf(
    found.map((one) => [one.at, one] as const),
    writerAt,
  );
  return lines(
    'differs',
    runs.map(({ from, write, bytes }) => {
      const is = shortened(bytes.map(({ actual }) => byteText(actual)));
      const expected = shortened(bytes.map((one) => byteText(one.expected)));
      const where = rangeText(of, from, from + bytes.length);
      return `${where} ${bytes.length === 1 ? 'is' : 'are'} ${is}, expected ${expected}; ${lastText(write)}`;
    }),
  );
}

/** What the check read, with the last writers of it. */
export function readByCheck(recorder: Recorder, bytesOf: (page: Page) => Uint8Array): readonly Detail[] {
  const { bytes, shared } = recorder.looked;
  const byPage = new Map<Page, Set<number>>();
  for (const { page, offset, lengthBytes } of bytes) {
    const offsets = byPage.get(page) ?? new Set();
    byPage.set(page, offsets);
    for (let at = offset; at < offset + lengthBytes; at += 1) offsets.add(at);
  }
  const ofMemory = [...byPage].flatMap(([page, offsets]) => {
    const content = bytesOf(page);
    const inOrder = [...offsets].sort((a, b) => a - b).map((at) => [at, content[at]] as const);
    return runsOf(inOrder, (at) => recorder.writerOf(page, at)).map(({ from, write, bytes: values }) => {
      const is = shortened(values.map(byteText));
      return `${whereText(recorder, page, from, from + values.length)} ${values.length === 1 ? 'is' : 'are'} ${is}; ${lastText(write)}`;
    });
  });
  const ofShared = [...shared].flatMap(([place, value]) => {
    const elements = typeof value === 'object' && value !== null ? recorder.writtenIn(value) : [];
    if (elements.length > 0) return elementsRead(recorder, place, value, elements);
    const write = recorder.writerAt(place, value);
    // An object's own properties say more, and a method says nothing.
    if (write === undefined && (typeof value === 'object' || typeof value === 'function')) return [];
    return [`${place.slice(1)} is ${valueText(value)}; ${lastText(write)}`];
  });
  return [...lines('read', ofMemory), ...lines('read', ofShared)];
}

/** Elements of a shared array of numbers that actors wrote. */
function elementsRead(
  recorder: Recorder,
  place: string,
  array: unknown,
  elements: readonly number[],
): readonly string[] {
  if (!isNumbers(array)) return [];
  const values = elements.map((at) => [at, array[at]] as const);
  return runsOf(values, (at) => recorder.writerIn(array, at)).map(({ from, write, bytes }) => {
    const to = bytes.length === 1 ? '' : ` to ${String(from + bytes.length - 1)}`;
    return `${place.slice(1)}[${String(from)}${to}] is ${shortened(bytes.map(String))}; ${lastText(write)}`;
  });
}

function lines(label: string, texts: readonly string[]): readonly Detail[] {
  const shown = texts.slice(0, MOST_LINES);
  const left = texts.length - shown.length;
  return [...shown, ...(left > 0 ? [`… and ${String(left)} more`] : [])].map((text) => ({ label, text }));
}
