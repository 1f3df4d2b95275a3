/**
 * The names that the headers for C declare: functions, macros and structures, and the header of each.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './public-api.ts';

const FOLDER = join(ROOT, 'c/include/linux');

/** Names by the kind of their declaration. */
export interface CNames {
  /** The header of each: `linux/highmem.h`. */
  readonly headerOf: ReadonlyMap<string, string>;
  /** Functions that the library gives to C code, because the headers only declare them. */
  readonly declared: ReadonlySet<string>;
}

/** Reads the headers. */
export function cNames(): CNames {
  const headerOf = new Map<string, string>();
  const declared = new Set<string>();
  for (const header of readdirSync(FOLDER).filter((name) => name.endsWith('.h'))) {
    const text = readFileSync(join(FOLDER, header), 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .replaceAll('\\\n', ' ');
    const name = (found: string | undefined): void => {
      if (found !== undefined && !headerOf.has(found)) headerOf.set(found, `linux/${header}`);
    };
    for (const [, macro] of text.matchAll(/^#define (\w+)/gm)) name(macro);
    for (const [, defined] of text.matchAll(/^__header [^=;{]*?\b(\w+)\(/gm)) name(defined);
    for (const [, structure] of text.matchAll(/^struct (\w+) \{/gm)) name(structure);
    // A declaration begins at the start of a line, and has no body.
    for (const [, found] of text.matchAll(
      /^(?!typedef|#|__header|return|\s)[\w ]+[ *](\w+)\([^;{]*\)[^;{()]*;/gm,
    )) {
      name(found);
      if (found !== undefined) declared.add(found);
    }
  }
  return { headerOf, declared };
}
