/**
 * Headers that are included only by those headers of the kernel for which this package has its own. They are many: one is
 * read by the grammar only if its text seems to declare a name that is declared nowhere else.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Declaration, Source } from './declarations.ts';

/** Of more files that seem to declare a name no more are read. */
const MOST_READ = 12;
const INCLUDE = /^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)/gm;

/** A declaration, and the place of its file among all: what includes comes after what is included. */
export interface FarDeclaration {
  readonly declaration: Declaration;
  readonly order: number;
  readonly index: number;
}

/** The files in a tree that an include names, the likeliest first. */
function filesNamed(root: string, file: string, header: string): readonly string[] {
  const [, arch] = /\/arch\/(\w+)\//.exec(file.slice(root.length)) ?? [];
  const folders = ['include', 'include/uapi', ...(arch === undefined ? [] : archFolders(arch))];
  const found = folders.map((folder) => join(root, folder, header));
  const [, generic] = /^asm\/(.*)$/.exec(header) ?? [];
  if (generic !== undefined) {
    found.push(...['include', 'include/uapi'].map((folder) => join(root, folder, 'asm-generic', generic)));
    // A machine with highmem.
    found.push(...archFolders('arm').map((folder) => join(root, folder, header)));
  }
  return found.filter((one) => existsSync(one));
}

function archFolders(arch: string): readonly string[] {
  return [`arch/${arch}/include`, `arch/${arch}/include/uapi`];
}

/** Finds declarations in them. */
export class FarHeaders {
  private readonly root: string;
  private readonly read: (file: string, text: string) => Source;
  /** What is included, with the file that does it. */
  private readonly starts: readonly (readonly [from: string, header: string])[];
  /** Files that were read before. */
  private readonly known: ReadonlySet<string>;
  #texts: ReadonlyMap<string, string> | undefined = undefined;
  readonly #sources = new Map<string, Source>();
  readonly #found = new Map<string, FarDeclaration | undefined>();

  constructor(
    root: string,
    starts: readonly (readonly [from: string, header: string])[],
    known: ReadonlySet<string>,
    read: (file: string, text: string) => Source,
  ) {
    this.root = root;
    this.read = read;
    this.starts = starts;
    this.known = known;
  }

  /** What declares a name, if it is not a macro with arguments that only the kernel's own headers can do with. */
  find(name: string): FarDeclaration | undefined {
    if (!this.#found.has(name)) this.#found.set(name, this.#search(name));
    return this.#found.get(name);
  }

  #search(name: string): FarDeclaration | undefined {
    const seems = new RegExp(
      / /.test(name)
        ? String.raw`\b${name.replace(' ', String.raw`\s+`)}\s*\{`
        : /^[A-Z\d_]+$/.test(name)
          ? String.raw`\b${name}\b`
          : String.raw`#\s*define\s+${name}\b|\b${name}\s*(?:\(|\)\s*\(|\[[^\]]*\]\s*;|;)`,
    );
    this.#texts ??= this.#follow();
    let read = 0;
    let best: FarDeclaration | undefined = undefined;
    let order = 0;
    for (const [file, text] of this.#texts) {
      order += 1;
      if (read === MOST_READ || !text.includes(name.replace(/^\w+ /, '')) || !seems.test(text)) continue;
      read += 1;
      const { declarations } = this.#source(file, text);
      for (const [index, declaration] of declarations.entries())
        if (declaration.names.includes(name) && isTaken(declaration)) {
          if (declaration.kind !== 'prototype') return { declaration, order, index };
          best ??= { declaration, order, index };
        }
    }
    return best;
  }

  #source(file: string, text: string): Source {
    const known = this.#sources.get(file);
    if (known !== undefined) return known;
    const source = this.read(file, text);
    this.#sources.set(file, source);
    return source;
  }

  /** The texts of all files, by their names: what is included comes before what includes it. */
  #follow(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    const seen = new Set(this.known);
    const look = (from: string, header: string, isQuoted: boolean): void => {
      const beside = join(dirname(from), header);
      const files =
        isQuoted && existsSync(beside) ? [beside] : filesNamed(this.root, from, header).slice(0, 2);
      for (const file of files) {
        if (seen.has(file)) continue;
        seen.add(file);
        const text = readFileSync(file, 'utf8');
        for (const [, quoted, angled = ''] of text.matchAll(INCLUDE))
          look(file, quoted ?? angled, quoted !== undefined);
        texts.set(file, text);
      }
    };
    for (const [from, header] of this.starts) look(from, header, false);
    return texts;
  }
}

/** Of macros with arguments those that are a value, or the head of a loop. */
function isTaken({ kind, text, names: [name = ''] }: Declaration): boolean {
  const hasArguments = kind === 'macro' && /^\s*#\s*define\s+\w+\(/.test(text);
  return !hasArguments || /^[A-Z]/.test(name) || name.includes('for_each');
}
