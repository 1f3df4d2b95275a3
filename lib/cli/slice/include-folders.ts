/**
 * How a file is built, as the makefile beside it says: the folders in which headers are looked for, and the file that
 * includes it if it is not built by itself.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const FLAGS = /^[ \t]*((?:subdir-)?ccflags-\S+|CFLAGS_\S+)[ \t]*[:+]?=(.*(?:\\\n.*)*)/gm;

/** The folders for a file: those of the makefile in its folder, and those that makefiles above hand down. */
export function includeFolders(root: string, file: string): readonly string[] {
  const found: string[] = [];
  for (let folder = dirname(file); folder.startsWith(root); folder = dirname(folder)) {
    const makefile = join(folder, 'Makefile');
    if (!existsSync(makefile)) continue;
    for (const [, variable = '', value = ''] of readFileSync(makefile, 'latin1').matchAll(FLAGS))
      if (folder === dirname(file) || variable.startsWith('subdir-'))
        for (const [, named = ''] of value.matchAll(/-I\s*(\S+)/g)) found.push(expanded(named, root, folder));
  }
  return [...new Set(found)];
}

function expanded(named: string, root: string, folder: string): string {
  const text = named
    .replaceAll(/\$[({](?:srctree|objtree)[)}]\/\$[({](?:src|obj)[)}]|\$[({](?:src|obj)[)}]/g, folder)
    .replaceAll(/\$[({](?:srctree|objtree)[)}]/g, root);
  return text.startsWith('/') ? text : join(root, text);
}

/** C files that include this one, and with it what they include before: of a file that the makefile does not name. */
export function includersOf(file: string): readonly string[] {
  const folder = dirname(file);
  const makefile = join(folder, 'Makefile');
  const object = `${basename(file, '.c')}.o`;
  if (existsSync(makefile) && readFileSync(makefile, 'latin1').includes(object)) return [];
  const included = new RegExp(String.raw`#include "(?:\w+/)?${basename(file)}"`);
  for (const beside of [folder, dirname(folder)])
    for (const name of readdirSync(beside)) {
      const one = join(beside, name);
      if (name.endsWith('.c') && one !== file && included.test(readFileSync(one, 'latin1'))) return [one];
    }
  return [];
}
