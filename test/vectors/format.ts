/** The shape of a recording; what the inputs and expectations mean is in README.md beside this file. */
import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One recorded case. Each group knows the types behind `input` and `expect`. */
export interface VectorCase<
  Input = Readonly<Record<string, unknown>>,
  Expect = Readonly<Record<string, unknown>>,
> {
  readonly name: string;
  readonly input: Input;
  readonly expect: Expect;
  /** Present where the case pins down what looks like an accident of the C code. */
  readonly quirk?: string;
}

/** One recorded file. */
export interface VectorFile {
  readonly source: string;
  readonly page_size: number;
  readonly config: Readonly<Record<string, unknown>> & { readonly linux?: string };
  readonly cases: readonly VectorCase[];
}

/** Runs one case; throws a chai assertion where the library differs from the recording. */
export type GroupRunner = (c: VectorCase, file: VectorFile) => void;

/** A runner of cases whose `input` and `expect` have these types. */
export function runnerOf<Input, Expect>(
  run: (c: VectorCase<Input, Expect>, file: VectorFile) => void,
): GroupRunner {
  return run as GroupRunner;
}

/** The Linux version a file was recorded from; files that name none are of 6.1. */
export function linuxOf(file: VectorFile): '6.1' | '7.2' {
  return file.config.linux === '7.2' ? '7.2' : '6.1';
}

/** `<group>.<anything>.json` */
export function groupOf(path: string): string {
  return basename(path).split('.')[0] ?? '';
}

/** The recordings of a folder, by path, in order of name. */
export function vectorFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
}

export function readVectors(path: string): VectorFile {
  const text = readFileSync(path, 'utf8').replace(/([:,[]\s*)(-?\d{16,})(?=\s*[,}\]])/g, quoteUnsafe);
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'string' && /^-?\d{16,}n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as VectorFile;
}

/** Numbers that a double cannot hold become bigints: file positions have 64 bits. */
function quoteUnsafe(whole: string, before: string, digits: string): string {
  return Number.isSafeInteger(Number(digits)) ? whole : `${before}"${digits}n"`;
}
