/**
 * Checks files one after the other, each with the headers beside it.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Cache } from './cache.ts';
import type { CachePlace } from './cache.ts';
import { checkText } from './file.ts';
import type { FileCheck } from './file.ts';
import { namesUnmap } from './around/named-wrappers.ts';
import { canHaveHighmem, mayTakeAddresses } from './around/page-addresses.ts';
import { contractsFor, namesOf } from './options.ts';
import type { CheckOptions } from './options.ts';
import { Grammar } from './parse/grammar.ts';

/** What was found in a file, or why it could not be read; nothing for a file in which nothing is mapped. */
export type FileResult = FileCheck | { readonly why: string } | undefined;

/** Checks one file after the other. */
export interface CheckOne {
  /** Checks a file. */
  readonly file: (path: string) => Promise<FileResult>;
  /** Checks a text that lies, or would lie, at a path. */
  readonly text: (text: string, path: string) => Promise<FileCheck | undefined>;
}

const MOST_BYTES = 16 * 2 ** 20;

/** Makes what checks files. The grammar is loaded for the first one that is in no cache. */
export function checkerFor(options: CheckOptions, place: CachePlace | undefined): CheckOne {
  const contracts = contractsFor(options);
  const names = namesOf(contracts);
  const cache = place === undefined ? undefined : new Cache(place);
  const headers = new Headers(names);
  let grammar: Promise<Grammar> | undefined;
  const text = async (content: string, path: string): Promise<FileCheck | undefined> => {
    const included = headers.of(content, path);
    const isNamed = included.length > 0 || names.test(content) || namesUnmap(content);
    const highmem = canHaveHighmem(resolve(path));
    if (!isNamed && !(highmem && mayTakeAddresses(content))) return undefined;
    const make = async (): Promise<FileCheck> =>
      checkText(await (grammar ??= Grammar.load()), content, contracts, included, highmem);
    const check = await (cache === undefined
      ? make()
      : cache.get([String(highmem), content, ...included], make));
    return isNamed || check.findings.length > 0 ? check : undefined;
  };
  return {
    text,
    async file(path) {
      const content = textOf(path);
      return typeof content === 'string' ? text(content, path) : content;
    },
  };
}

function textOf(path: string): string | { readonly why: string } {
  try {
    const { size } = statSync(path);
    if (size > MOST_BYTES)
      return { why: `it has ${String(size)} bytes, and the limit is ${String(MOST_BYTES)}` };
    const text = readFileSync(path, 'latin1');
    return text.includes('\0') ? { why: 'it is no text: a byte of it is 0' } : text;
  } catch (error) {
    if (error instanceof Error && 'code' in error)
      return { why: `it cannot be read (${String(error.code)})` };
    throw error;
  }
}

/** The headers beside files, whose inline functions may map and unmap for them. Each is read once. */
class Headers {
  private readonly names: RegExp;
  /** By path; `undefined` for those that are not there, or name nothing of interest. */
  readonly #known = new Map<string, string | undefined>();

  constructor(names: RegExp) {
    this.names = names;
  }

  of(text: string, path: string): readonly string[] {
    const folder = dirname(path);
    return [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]+"([\w./-]+\.h)"/gm)].flatMap(
      ([, name = '']) => this.#at(join(folder, name)) ?? [],
    );
  }

  #at(path: string): string | undefined {
    if (this.#known.has(path)) return this.#known.get(path);
    let header: string | undefined;
    // It may lie in a folder that only the build knows.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      const text = textOf(path);
      if (typeof text === 'string' && this.names.test(text)) header = text;
    }
    this.#known.set(path, header);
    return header;
  }
}
