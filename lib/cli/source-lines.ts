/**
 * Translates line numbers in reports from the built command to its sources.
 *
 * Only reports need it, so it reads the source map of the one file that a report names; letting Node
 * translate every stack would cost more than the run itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import type { Violation } from 'scatterlist';

/** A place in the source of a program, as in a violation. */
type CallSite = NonNullable<Violation['foundAt']>;
type MappingState = NonNullable<Violation['mapping']>;

const MAPS = new Map<string, SourceMap | undefined>();

function mapOf(file: string): SourceMap | undefined {
  if (!MAPS.has(file)) {
    const beside = `${file}.map`;
    MAPS.set(file, existsSync(beside) ? new SourceMap(parse(readFileSync(beside, 'utf8'))) : undefined);
  }
  return MAPS.get(file);
}

/** Keeps the map of a module that was loaded from a text, under the name by which stacks call it. */
export function keepMap(place: string, map: string): void {
  MAPS.set(place, map === '' ? undefined : new SourceMap(parse(map)));
}

// What rollup or esbuild has just written needs no checking.
function parse(text: string): SourceMapPayload;
function parse(text: string): unknown {
  const map: unknown = JSON.parse(text);
  return map;
}

/** A place in a built file, translated to its source. */
export function original(site: CallSite | undefined): CallSite | undefined {
  if (site === undefined || site.file === '') return undefined;
  // Plain values, because a site may work them out when it is looked at.
  const { file, line, column } = site;
  const found = mapOf(file)?.findEntry(line - 1, column - 1);
  if (found === undefined || !('originalSource' in found)) return { file, line, column };
  return {
    file: resolve(dirname(file), found.originalSource),
    line: found.originalLine + 1,
    column: found.originalColumn + 1,
  };
}

function mappingInSource(mapping: MappingState): MappingState {
  return { ...mapping, mappedAt: original(mapping.mappedAt), unmappedAt: original(mapping.unmappedAt) };
}

/** The violation with all lines translated to the sources. */
export function inSource(violation: Violation): Violation {
  return {
    ...violation,
    foundAt: original(violation.foundAt),
    mapping: violation.mapping === undefined ? undefined : mappingInSource(violation.mapping),
  };
}

/** Beyond the end of any line: the last place of a line is found. */
const END_OF_LINE = 10_000;

/** A text with the places in it translated that name modules which were loaded from a text. */
export function placesInSource(text: string): string {
  return text.replaceAll(/([\w.-]+\.ts\.\d+\.js):(\d+)/g, (place, name: string, line: string) => {
    const file = [...MAPS.keys()].find((each) => basename(each) === name);
    if (file === undefined) return place;
    const site = original({ file, line: Number(line), column: END_OF_LINE });
    // A line of no source: what `using` was made into.
    return site === undefined || site.file === file ? name.replace(/\.\d+\.js$/, '') : siteText(site);
  });
}

/** `mvsas-smp.ts:50`, or nothing where the place is not known. */
export function siteText(site: CallSite | undefined): string {
  return site === undefined ? '' : `${basename(site.file)}:${String(site.line)}`;
}
