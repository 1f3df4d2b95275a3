/**
 * Whether a page can be in highmem, by the text that allocates it.
 */
import { ALLOCATES } from '../contracts/effects.ts';

const FLAGS = /^[\s|()]*(?:_{0,2}GFP_\w+[\s|()]*)+$/;

/** Why a page is in low memory, if the text shows it. */
export function inLowMemory(
  page: string,
  parameters: readonly string[],
  functionText: string,
  fileText: string,
): string | undefined {
  const given = stripped(page);
  if (/^virt_to_page\s*\(/.test(given)) return `virt_to_page gives pages of low memory`;
  const [, variable, , field] = /^(?:(\w+)(\[[^\]]*\])?|.*(?:->|\.)(\w+)(?:\[[^\]]*\])?)$/.exec(given) ?? [];
  if (variable !== undefined)
    return parameters.includes(variable)
      ? undefined
      : ofPlace(given, `(?<![\\w.>])${variable}`, functionText);
  return field === undefined ? undefined : ofPlace(given, `(?:->|\\.)${field}`, fileText);
}

// All that a variable, or a field, is given in a text has to be allocated in low memory.
function ofPlace(page: string, place: string, text: string): string | undefined {
  // It may be written by its address, or by a macro that walks through a list.
  if (
    new RegExp(`&\\s*[\\w.>-]*${place}\\b(?!\\s*(?:->|\\[))|\\w*for_each\\w*\\s*\\([^()]*${place}\\b`).test(
      text,
    )
  )
    return undefined;
  const reasons = new Set<string>();
  for (const [, right = ''] of text.matchAll(
    new RegExp(`${place}\\b\\s*(?:\\[[^\\]]*\\]\\s*)?=(?!=)([^;]*);`, 'g'),
  )) {
    const value = stripped(right);
    if (/^(?:NULL|0)$/.test(value)) continue;
    const [, name = '', list = ''] = /^(\w+)\s*\((.*)\)$/s.exec(value) ?? [];
    if (name === 'virt_to_page') reasons.add(name);
    else {
      const flags = argumentsIn(list)[ALLOCATES.get(name) ?? -1] ?? '';
      if (!FLAGS.test(flags) || flags.includes('HIGH')) return undefined;
      reasons.add(`${name} with ${flags.trim()}`);
    }
  }
  return reasons.size === 0
    ? undefined
    : `${page} comes from ${[...reasons].join(' or ')}, which is never highmem`;
}

function stripped(text: string): string {
  const bare = text.trim().replace(/^\((?:const )?(?:struct )?\w+ ?\*+\)\s*/, '');
  const [, inner] = /^\(([^()]*)\)$/.exec(bare) ?? [];
  return inner?.trim() ?? bare;
}

function argumentsIn(list: string): readonly string[] {
  const found = [''];
  let depth = 0;
  for (const c of list) {
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (c === ',' && depth === 0) found.push('');
    else found.push((found.pop() ?? '') + c);
  }
  return found;
}
