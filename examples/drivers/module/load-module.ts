/**
 * What the ports of module decompression have in common: the stream that they decode, and the task that loads it.
 */
import { decode, formatOf } from './decoders.ts';
import { Decoder, moduleDecompress, moduleDecompressCleanup } from './module-decompress.ts';
import type { Format, ReleaseWindow } from './module-decompress.ts';
import type { MapBackend, MemoryKind } from 'scatterlist';
import type { Context } from 'scatterlist/machine';
import { allBytes, sameBytes } from 'scatterlist/ports';
import type { Moved, PortInput, PortSetup, PortTask } from 'scatterlist/ports';

/** A decoded stream. */
export interface Stream {
  readonly content: Uint8Array;
  readonly intact: boolean;
  readonly refusal: string;
  /** Whether the input was such a stream already, and not made into one here. */
  readonly wasCompressed: boolean;
}

/** Decodes the input; if it is no stream of the format, it is made one first. */
export async function loadStream(
  format: Format,
  { content }: PortInput,
  compress: (content: Uint8Array) => Uint8Array,
): Promise<Stream> {
  const wasCompressed = formatOf(content) === format;
  const { pieces, intact, refusal = '' } = await decode(format, wasCompressed ? content : compress(content));
  return { content: Buffer.concat(pieces), intact, refusal, wasCompressed };
}

/** A module that is loaded. */
export interface ModuleLoad {
  readonly decoder: Decoder;
  readonly memory: MemoryKind;
  readonly wanted: Uint8Array;
  verifiedBytes: number;
}

/** The module of a run: as many bytes of the stream as the run is to move. */
export function moduleLoad(format: Format, { memory, content, loaded }: PortSetup<Stream>): ModuleLoad {
  const { intact, refusal, wasCompressed } = loaded;
  const wanted = wasCompressed ? loaded.content : loaded.content.subarray(0, content.length);
  return {
    decoder: new Decoder(format, { pieces: [wanted], intact, refusal }),
    memory,
    wanted,
    verifiedBytes: 0,
  };
}

/** Loads the module, compares its pages and its one mapping, and unloads it. */
export function modprobe(
  own?: (context: Context) => MapBackend,
  release?: ReleaseWindow,
): Readonly<Record<string, PortTask<ModuleLoad>>> {
  return {
    *modprobe(env) {
      const { machine, task, decoder, memory, wanted } = env;
      const backend = own?.(task) ?? env.backend;
      const loaded = yield* moduleDecompress<MapBackend, MemoryKind>(backend, decoder, memory, release);
      if (!loaded.ok) return loaded;
      const { pages, mapping, lengthBytes } = loaded.value;
      const seen = new Uint8Array(lengthBytes);
      mapping.copyTo(seen);
      sameBytes(wanted, seen, 'the mapping of all pages');
      for (const [i, page] of pages.entries()) {
        const part = wanted.subarray(i * machine.pageSize, (i + 1) * machine.pageSize);
        env.verifiedBytes += sameBytes(part, machine.physical(page), `page ${String(i)}`).verifiedBytes;
      }
      moduleDecompressCleanup(task, loaded.value);
      return undefined;
    },
  };
}

/** The check of the end. */
export function wholeModule({ wanted, verifiedBytes }: ModuleLoad): Moved {
  return allBytes(wanted.length, verifiedBytes);
}
