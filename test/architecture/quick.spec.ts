/** `npm run test:quick` stays quick: the specs that it has to leave out are on the list of .mocharc.quick.cjs. */
import { expect } from 'chai';
import { createRequire } from 'node:module';
import { importsOf } from '../../tools/imports.ts';
import { read, repositoryFiles } from './repository.ts';

const { ignore } = createRequire(import.meta.url)('../../.mocharc.quick.cjs') as {
  readonly ignore: readonly string[];
};
/** Milliseconds. A spec of many small tests may ask for less than this. */
const LONGEST = 60_000;
const specs = repositoryFiles().filter((file) => /^test\/.*\.spec\.ts$/.test(file));

function matches(pattern: string, file: string): boolean {
  const text = pattern
    .replaceAll('.', '\\.')
    .replaceAll(/\*\*\/|\*/g, (star) => (star === '*' ? '[^/]*' : '(.*/)?'));
  return new RegExp(`^${text}$`).test(file);
}

/** Why a spec is slow, as far as its text tells. */
function slowness(spec: string): readonly string[] {
  const limits = [...read(spec).matchAll(/\btimeout\(([\d_]+)\)/g)].map(([, ms = '']) =>
    Number(ms.replaceAll('_', '')),
  );
  return [
    ...(limits.some((ms) => ms >= LONGEST) ? ['raises its time limit to a minute'] : []),
    ...[...reached(spec)]
      .filter((specifier) => /^node:(child_process|net|worker_threads)$/.test(specifier))
      .map((specifier) => `uses ${specifier}`),
    ...(/^ *conformance\(\{ describe, it \}/m.test(read(spec)) ? ['runs the conformance suite'] : []),
  ];
}

/** The specifiers that a spec and the files of test/ behind it import. */
function reached(file: string, seen = new Set<string>()): ReadonlySet<string> {
  for (const { specifier, target, typeOnly } of importsOf(file)) {
    // Asks git for the names of the files, once.
    if (typeOnly || seen.has(target) || target === 'test/architecture/repository.ts') continue;
    seen.add(target);
    if (specifier.startsWith('.') && target.startsWith('test/') && target.endsWith('.ts'))
      reached(target, seen);
  }
  return seen;
}

describe('the quick tests', () => {
  it('leave out every spec that is slow by its text', () => {
    const kept = specs.filter((spec) => !ignore.some((pattern) => matches(pattern, spec)));
    const slow = kept.flatMap((spec) => slowness(spec).map((why) => `${spec}: ${why}`));
    expect(slow, 'add them to .mocharc.quick.cjs').to.deep.equal([]);
  });

  it('know why a spec is slow', () => {
    expect(slowness('test/backends/kmap.spec.ts')).to.deep.equal(['runs the conformance suite']);
    expect(slowness('test/cli/built.spec.ts')).to.include.members([
      'raises its time limit to a minute',
      'uses node:child_process',
    ]);
  });

  it('leave out nothing that is gone, and keep most specs', () => {
    expect(ignore.filter((pattern) => !specs.some((spec) => matches(pattern, spec)))).to.deep.equal([]);
    const kept = specs.filter((spec) => !ignore.some((pattern) => matches(pattern, spec)));
    expect(kept.length).to.be.above(specs.length / 2);
  });
});
