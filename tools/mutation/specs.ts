/**
 * Lists the spec files that could notice a mutant of a source file, the likeliest first.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';

/** Specs that test the repository itself, or that need a build. They do not test what code does. */
const OTHERS =
  /^test\/(architecture|types|docs|package|bench|real|tools)\/|^test\/cli\/built|^test\/examples\/|\blong\b/;

/** The files of a tree as git lists them, also those that are not committed yet. */
export function filesOf(root: string): readonly string[] {
  const out = execFileSync('git', ['ls-files', '-coz', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  return [...new Set(out.split('\0'))].filter((file) => file !== '').sort();
}

/** The mirrored spec: test/kernel/parts/pkmap.spec.ts for lib/kernel/parts/pkmap.ts, test/backends/kmap.spec.ts for backends/kmap.ts. */
export function mirroredSpec(source: string): string {
  return `test/${source.replace(/^lib\//, '').replace(/\.ts$/, '.spec.ts')}`;
}

/** The texts of a tree, in which the dependencies of files are searched. */
export class SpecIndex {
  readonly #texts: ReadonlyMap<string, string>;
  /** Every spec file that tests what code does. */
  readonly specs: readonly string[];

  constructor(root: string) {
    const files = filesOf(root).filter((file) => /^(lib|backends|test)\/.*\.ts$/.test(file));
    this.#texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
    this.specs = files.filter((file) => file.endsWith('.spec.ts') && !OTHERS.test(file));
  }

  /** The specs of a source file, up to a number: its own, those that import it or name its exports, those of its users. */
  specsOf(source: string, most: number): readonly string[] {
    const own = mirroredSpec(source);
    const names = this.#exportsOf(source);
    const users = [...this.#texts.keys()].filter((file) => this.#imports(file, source));
    const named = this.specs
      .map((spec) => ({ spec, mentions: this.#mentions(spec, names) }))
      .filter(({ mentions }) => mentions > 0)
      .sort((a, b) => nearness(b.spec, source) - nearness(a.spec, source) || b.mentions - a.mentions)
      .map(({ spec }) => spec);
    const found = [
      own,
      ...users.filter((file) => this.specs.includes(file)),
      ...named,
      ...users.map((file) => mirroredSpec(file)),
    ];
    return [...new Set(found)].filter((spec) => this.specs.includes(spec)).slice(0, most);
  }

  #exportsOf(source: string): readonly string[] {
    const text = this.#texts.get(source) ?? '';
    const declared = /^export (?:abstract )?(?:function\*?|class|const|interface|type) (\w+)/gm;
    return [...text.matchAll(declared)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  }

  #imports(file: string, source: string): boolean {
    const text = this.#texts.get(file) ?? '';
    if (!text.includes(basename(source))) return false;
    const specifier = /from '(\.[^']+)'/g;
    return [...text.matchAll(specifier)].some(
      ([, path = '']) => posix.join(posix.dirname(file), path) === source,
    );
  }

  #mentions(spec: string, names: readonly string[]): number {
    const text = this.#texts.get(spec) ?? '';
    return names.reduce((sum, name) => sum + text.split(new RegExp(`\\b${name}\\b`)).length - 1, 0);
  }
}

function nearness(spec: string, source: string): number {
  return posix.dirname(spec) === posix.dirname(mirroredSpec(source)) ? 1 : 0;
}
