/**
 * Whether a file of a kernel tree can be built with CONFIG_HIGHMEM at all, by the Makefiles and the configuration beside it.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { excludesHighmem, readKconfig } from './kconfig.ts';
import type { Definition, Symbols } from './kconfig.ts';
import { symbolsOf } from './makefile.ts';

/** Looks into the trees in which files lie. What was read once is kept. */
export class Trees {
  readonly #texts = new Map<string, string>();
  readonly #configurations = new Map<string, ReadonlyMap<string, readonly Definition[]>>();

  /** Why a file is built without highmem only; nothing if it is not, or lies in no tree. */
  withoutHighmem(file: string): string | undefined {
    const path = resolve(file);
    const top = topOf(dirname(path));
    if (top === undefined) return undefined;
    const [first, arch] = relative(top, path).split(sep);
    if (first === 'arch' && arch !== undefined && this.#isWithoutHighmem(top, arch))
      return `arch/${arch} has no HIGHMEM`;
    let object = `${basename(path).replace(/\.c$/, '')}.o`;
    for (let folder = dirname(path); folder !== top; folder = dirname(folder)) {
      const symbols = this.#symbolsAt(top, folder);
      const makefile = this.#text(join(folder, 'Kbuild')) + this.#text(join(folder, 'Makefile'));
      const places = symbolsOf(makefile, object);
      const excluding = places.map((place) => place.find((symbol) => excludesHighmem(symbol, symbols)));
      const [symbol] = excluding;
      if (symbol !== undefined && !excluding.includes(undefined))
        return `CONFIG_${symbol}, with which it is built, excludes HIGHMEM`;
      object = `${basename(folder)}/`;
    }
    return undefined;
  }

  #isWithoutHighmem(top: string, arch: string): boolean {
    const text = this.#text(join(top, 'arch', arch, 'Kconfig'));
    return text !== '' && !/^config HIGHMEM$/m.test(text);
  }

  #symbolsAt(top: string, folder: string): Symbols {
    return {
      isWithoutHighmem: (arch) => this.#isWithoutHighmem(top, arch),
      definitions: (symbol) => {
        const found: Definition[] = [];
        for (let at = folder; at.startsWith(top); at = dirname(at))
          found.push(...(this.#configuration(at).get(symbol) ?? []));
        return found;
      },
    };
  }

  #configuration(folder: string): ReadonlyMap<string, readonly Definition[]> {
    const known = this.#configurations.get(folder);
    if (known !== undefined) return known;
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('Kconfig')) : [];
    const read = readKconfig(names.map((name) => this.#text(join(folder, name))).join('\n'));
    this.#configurations.set(folder, read);
    return read;
  }

  #text(path: string): string {
    const known = this.#texts.get(path);
    if (known !== undefined) return known;
    let text = '';
    try {
      text = readFileSync(path, 'latin1');
    } catch {
      // Most folders have one of the two names only.
    }
    this.#texts.set(path, text);
    return text;
  }
}

// The folder of the whole tree: it has the architectures beside its configuration.
function topOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'Kconfig')) && existsSync(join(at, 'arch'))) return at;
    if (dirname(at) === at) return undefined;
  }
}
