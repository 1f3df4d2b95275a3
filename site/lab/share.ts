/**
 * The link to a state of the laboratory: everything is in the part behind `#`, which no server sees.
 *
 * `#example=NAME` opens an example; `#v1=…` carries a program, its configuration and a schedule.
 */
import type { Reply } from './session/messages.ts';
import type { Configuration, ProgramText } from './session/program.ts';

/** What a link carries. */
export type Shared =
  | { readonly kind: 'example'; readonly name: string; readonly schedule: string | undefined }
  | {
      readonly kind: 'program';
      readonly program: ProgramText;
      readonly configuration: Configuration;
      readonly schedule: string | undefined;
    };

/** Makes the part of a link behind its address, with `#`. */
export type EncodeShare = (shared: Shared) => Promise<string>;

/** Reads it: `undefined` if there is nothing, and one clear line if it is damaged. */
export type DecodeShare = (hash: string) => Promise<Reply<Shared> | undefined>;

/** The most bytes that a program of a link has. A few bytes of a hostile link could become many. */
const MOST_BYTES = 2 ** 20;

const DAMAGED = 'the link is damaged; copy all of it, to its last character';

/** Why a link cannot be opened. */
class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** Makes the part of a link behind its address. */
export const encodeShare: EncodeShare = async (shared) => {
  if (shared.kind === 'example') {
    const parameters = new URLSearchParams({ example: shared.name });
    if (shared.schedule !== undefined) parameters.set('schedule', shared.schedule);
    return `#${parameters.toString()}`;
  }
  const { program, configuration, schedule } = shared;
  const json = JSON.stringify({ program, configuration, schedule });
  const bytes = await through(new TextEncoder().encode(json), new CompressionStream('deflate-raw'));
  return `#v1=${toBase64Url(bytes)}`;
};

/** Reads the part of a link behind its address. */
export const decodeShare: DecodeShare = async (hash) => {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const [example, packed] = [parameters.get('example'), parameters.get('v1')];
  try {
    if (example !== null)
      return {
        ok: true,
        value: { kind: 'example', name: nameOf(example), schedule: parameters.get('schedule') ?? undefined },
      };
    if (packed !== null) return { ok: true, value: await unpacked(packed) };
    const [version] = [...parameters.keys()].filter((key) => /^v\d+$/.test(key));
    if (version === undefined) return undefined;
    throw new LinkError(`the link is of version ${version.slice(1)}; this page opens version 1`);
  } catch (error) {
    if (error instanceof LinkError) return { ok: false, error: { text: error.message } };
    throw error;
  }
};

function nameOf(example: string): string {
  if (/^[\w./-]{1,100}$/.test(example)) return example;
  throw new LinkError('the link names an example in a way that no example is named');
}

async function unpacked(packed: string): Promise<Shared> {
  let json: unknown;
  try {
    const bytes = await through(fromBase64Url(packed), new DecompressionStream('deflate-raw'));
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw error instanceof LinkError ? error : new LinkError(DAMAGED);
  }
  return sharedOf(json);
}

/** Puts bytes through a stream, up to a bound. */
async function through(bytes: Uint8Array<ArrayBuffer>, stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  const writer = stream.writable.getWriter();
  // What is wrong with the bytes is thrown by the reader, too.
  const written = writer.write(bytes).then(
    () => writer.close(),
    () => undefined,
  );
  written.catch(() => undefined);
  const reader = stream.readable.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > MOST_BYTES) {
      await reader.cancel();
      throw new LinkError(`the link carries more than ${String(MOST_BYTES)} bytes`);
    }
    parts.push(value);
  }
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A stream that bytes go through. */
interface ByteStream {
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
  readonly readable: ReadableStream<Uint8Array>;
}

function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text)) throw new LinkError(DAMAGED);
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}

function sharedOf(json: unknown): Shared {
  if (!isRecord(json) || !isRecord(json['program'])) throw new LinkError(DAMAGED);
  const { file, text, files } = json['program'];
  const { schedule } = json;
  if (typeof file !== 'string' || typeof text !== 'string') throw new LinkError(DAMAGED);
  if (schedule !== undefined && typeof schedule !== 'string') throw new LinkError(DAMAGED);
  return {
    kind: 'program',
    program: { file, text, ...(files !== undefined && { files: filesOf(files) }) },
    configuration: configurationOf(json['configuration']),
    schedule,
  };
}

function filesOf(files: unknown): Readonly<Record<string, string>> {
  if (!isRecord(files)) throw new LinkError(DAMAGED);
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      if (typeof text !== 'string') throw new LinkError(DAMAGED);
      return [path, text];
    }),
  );
}

function configurationOf(json: unknown): Configuration {
  if (!isRecord(json)) throw new LinkError(DAMAGED);
  const { cpus, highmem, preemptRt, pkmapSlots, backend, variant } = json;
  return {
    ...(cpus !== undefined && { cpus: wholeOf('cpus', cpus) }),
    ...(highmem !== undefined && { highmem: switchOf('highmem', highmem) }),
    ...(preemptRt !== undefined && { preemptRt: switchOf('preemptRt', preemptRt) }),
    ...(pkmapSlots !== undefined && { pkmapSlots: wholeOf('pkmapSlots', pkmapSlots) }),
    ...(backend !== undefined && { backend: wordOf('backend', backend) }),
    ...(variant !== undefined && { variant: wordOf('variant', variant) }),
  };
}

function wholeOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new LinkError(`${name} of the link is ${JSON.stringify(value)}; it must be a whole number`);
}

function switchOf(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new LinkError(`${name} of the link is ${JSON.stringify(value)}; it must be true or false`);
}

function wordOf(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  throw new LinkError(`${name} of the link is ${JSON.stringify(value)}; it must be a word`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
