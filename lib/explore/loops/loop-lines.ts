/**
 * The source lines at which the actors of a loop stopped.
 */
import { builtIn, read } from '../../base/built-in.ts';
import { translatedFrom } from '../../machine/call-site.ts';
import { siteText } from '../../machine/violation.ts';
import { Debugger } from '../sight/scopes.ts';
import type { Stop } from '../sight/scopes.ts';

/** `poll.ts:12`, or `undefined` for a line of this library, or of C code without a line. */
export function lineOf({ scriptId, line, column }: Stop): string | undefined {
  const debug = Debugger.shared();
  const url = debug?.script(scriptId)?.url ?? '';
  if (debug === undefined || url === '' || url.startsWith(`${homeOf(debug)}/lib/`)) return undefined;
  const place = translatedFrom(url, line + 1);
  if (place !== null) return place && siteText(place);
  const entry = mapped(url, line, column);
  const source = read(entry, 'originalSource');
  const originalLine = read(entry, 'originalLine');
  const file = typeof source === 'string' ? source : url;
  const at = typeof originalLine === 'number' ? originalLine : line;
  return `${file.slice(file.lastIndexOf('/') + 1)}:${String(at + 1)}`;
}

function homeOf(debug: Debugger): string {
  const own = debug.script(debug.look(lineOf).scriptId ?? '')?.url ?? '';
  return /^(.*)\/lib\/explore\//.exec(own)?.[1] ?? own;
}

/** What the host knows of the source that a script was made from. */
function mapped(url: string, line: number, column: number): unknown {
  const find = read(builtIn('node:module'), 'findSourceMap');
  const map: unknown = typeof find === 'function' ? Reflect.apply(find, undefined, [url]) : undefined;
  const entry = read(map, 'findEntry');
  return typeof entry === 'function' ? Reflect.apply(entry, map, [line, column]) : undefined;
}
