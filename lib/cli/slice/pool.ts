/**
 * Where the names that a slice uses are declared: in the file itself and its own headers, in the headers of this package,
 * and, if the file lies in a tree of the kernel, in the headers of that tree.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Declaration, Reader, Source } from './declarations.ts';
import { FarHeaders } from './far-headers.ts';
import { includeFolders, includersOf } from './include-folders.ts';

/** A declaration, and its place among all that may be written: headers come before what includes them. */
export interface Found {
  readonly declaration: Declaration;
  readonly rank: number;
  readonly index: number;
  /** Whether it is of the file itself, or of a header beside it. */
  readonly isOwn: boolean;
  /** Whether it is of a header of the tree for which this package has one that does not declare it. */
  readonly isBesideOurs: boolean;
}

/** Of several declarations of a name the one that says most is taken. */
/** Far headers come before all others. */
const FAR = 1_000_000;
const PREFERENCE = ['function', 'type', 'macro', 'variable', 'prototype'];

/** All declarations that can be found from a file. */
export class Pool {
  private readonly reader: Reader;
  private readonly root: string | undefined;
  readonly #own = new Map<string, Found>();
  readonly #tree = new Map<string, Found>();
  /** Headers of this package by the names that they declare. */
  readonly #ours = new Map<string, string>();
  readonly #shipped = new Set<string>();
  readonly #read = new Set<string>();
  /** What is included by headers that are not followed. */
  readonly #beyond: (readonly [from: string, header: string])[] = [];
  private readonly farHeaders: FarHeaders | undefined;
  private readonly folders: readonly string[];
  #rank = 0;

  constructor(reader: Reader, file: string, includeFolder: string) {
    this.reader = reader;
    this.root = rootOf(file);
    this.folders = this.root === undefined ? [] : includeFolders(this.root, file);
    this.#readOurs(includeFolder);
    for (const whole of includersOf(file)) {
      this.#read.add(file);
      this.#followIncludes(this.reader.read(whole, readFileSync(whole, 'utf8')), true);
      this.#read.delete(file);
    }
    this.#follow(file, true);
    this.farHeaders =
      this.root === undefined
        ? undefined
        : new FarHeaders(this.root, this.#beyond, this.#read, (far, text) => reader.read(far, text));
  }

  /** What the file itself, or a header beside it, declares by a name. */
  own(name: string): Found | undefined {
    return this.#own.get(name);
  }

  /** What a header of the kernel's tree declares by a name. */
  tree(name: string): Found | undefined {
    return this.#tree.get(name);
  }

  /** What a header declares that only those headers of the tree include for which this package has its own. */
  far(name: string): Found | undefined {
    const found = this.farHeaders?.find(name);
    if (found === undefined) return undefined;
    const { declaration, order, index } = found;
    return { declaration, rank: order - FAR, index, isOwn: false, isBesideOurs: true };
  }

  /** The header of this package that declares a name: `linux/highmem.h`. */
  ours(name: string): string | undefined {
    return this.#ours.get(name);
  }

  /** What is declared with a name that begins like this: of the file, and of the tree. */
  startingWith(prefix: string): readonly string[] {
    return [...this.#own.keys(), ...this.#tree.keys()].filter((name) => name.startsWith(prefix));
  }

  /** The functions that the file itself defines. */
  get functions(): readonly string[] {
    return [...this.#own].flatMap(([name, { declaration }]) =>
      declaration.kind === 'function' ? [name] : [],
    );
  }

  #readOurs(folder: string): void {
    for (const header of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!header.endsWith('.h') || header.endsWith('scatterlist-convert.h')) continue;
      this.#shipped.add(header.replaceAll('\\', '/'));
      const { declarations } = this.reader.read(header, readFileSync(join(folder, header), 'utf8'));
      for (const name of declarations.flatMap(({ names }) => names))
        if (!this.#ours.has(name)) this.#ours.set(name, header.replaceAll('\\', '/'));
    }
  }

  /** Reads a file, after the headers that it includes. */
  #follow(file: string, isOwn: boolean, isBesideOurs = false): void {
    if (this.#read.has(file)) return;
    this.#read.add(file);
    const source = this.reader.read(file, readFileSync(file, 'utf8'));
    // What we ship stands for the kernel's own; it is looked at for what ours leaves out.
    if (isBesideOurs) for (const include of source.includes) this.#beyond.push([file, namedBy(include)]);
    else this.#followIncludes(source, isOwn);
    this.#add(isBesideOurs ? withoutCalls(source) : source, isOwn, isBesideOurs);
  }

  #followIncludes({ file, includes }: Source, isOwn: boolean): void {
    for (const include of includes) {
      const header = namedBy(include);
      const folders = include.startsWith('"') ? [dirname(file), ...this.folders] : this.folders;
      const beside = folders.map((folder) => join(folder, header)).find((one) => existsSync(one));
      if (beside !== undefined) this.#follow(beside, isOwn);
      else if (header.startsWith('asm/')) this.#beyond.push([file, header]);
      else this.#followInTree(header);
    }
  }

  #followInTree(header: string): void {
    if (this.root === undefined) return;
    for (const folder of ['include', 'include/uapi']) {
      const file = join(this.root, folder, header);
      if (existsSync(file)) this.#follow(file, false, this.#shipped.has(header));
    }
  }

  #add({ declarations }: Source, isOwn: boolean, isBesideOurs: boolean): void {
    const names = isOwn ? this.#own : this.#tree;
    this.#rank += 1;
    for (const [index, declaration] of declarations.entries())
      for (const name of declaration.names) {
        const known = names.get(name);
        if (known === undefined || preference(declaration) < preference(known.declaration))
          names.set(name, { declaration, rank: this.#rank, index, isOwn, isBesideOurs });
      }
  }
}

/** The file that an include names. */
function namedBy(include: string): string {
  return /^["<]([^">]+)/.exec(include)?.[1] ?? '';
}

/** A header without macros that take arguments: they would call what only that header has. */
function withoutCalls(source: Source): Source {
  const isPlain = ({ kind, text }: Declaration): boolean =>
    kind !== 'macro' || /^\s*#\s*define\s+(?:\w*for_each\w*\(|\w+[ \t]+\(?-?\w+\)?\s*$)/.test(text);
  return { ...source, declarations: source.declarations.filter(isPlain) };
}

function preference({ kind }: Declaration): number {
  return PREFERENCE.indexOf(kind);
}

function rootOf(file: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'include', 'linux', 'kernel.h'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
