import { expect } from 'chai';
import type { Finding } from '../../../../lib/cli/check/judge.ts';
import { sarif } from '../../../../lib/cli/check/report/sarif.ts';

const FINDING: Finding = {
  rule: 'leak',
  function: 'fill',
  lines: [1, 9],
  line: 6,
  mapLine: 3,
  sureness: 'error',
  because: 'it is released on 1 other way out',
  bites: 'highmem',
  bitesBecause: undefined,
  says: 'kmap_local_page(page) of line 3 has no kunmap_local on the way out in line 6',
  variant: undefined,
  unmap: 'kunmap_local',
  path: [{ line: 3, text: 'kmap_local_page maps page' }],
};

type Json = string | number | { readonly [key: string]: Json } | readonly Json[];

function logOf(file: string, ...findings: readonly Finding[]): Json {
  const text = JSON.stringify(
    sarif([{ file, findings, checked: 1, unread: [], bounded: [], silenced: 0 }], '1.2.3'),
  );
  return JSON.parse(text) as Json;
}

/** What lies at a path: `runs.0.results`. */
function at(log: Json, path: string): Json | undefined {
  let now: Json | undefined = log;
  for (const key of path.split('.')) {
    if (typeof now !== 'object') return undefined;
    now = Object.entries(now).find(([name]) => name === key)?.[1];
  }
  return now;
}

/** Every value in a log with its path, numbers of lists left out. */
function* everything(value: Json, path = ''): Generator<readonly [string, Json]> {
  yield [path, value];
  if (typeof value === 'object')
    for (const [key, inner] of Object.entries(value))
      yield* everything(inner, Array.isArray(value) ? path : `${path}.${key}`);
}

describe('findings as SARIF', () => {
  const log = logOf('drivers/a b.c', FINDING, { ...FINDING, rule: 'conversion', path: [] });

  it('have what version 2.1.0 of the schema requires', () => {
    expect(at(log, 'version')).to.equal('2.1.0');
    expect(at(log, 'runs.0.tool.driver.name')).to.equal('scatterlist check');
    for (const [path, value] of everything(log)) {
      // Lists that may not be empty, and texts that may not be missing.
      if (Array.isArray(value) && /\.(?:threadFlows|codeFlows|threadFlows\.locations)$/.test(path))
        expect(value, path).to.have.property('length').that.is.at.least(1);
      if (/\.(?:message|shortDescription|help|description)$/.test(path))
        expect(value, path).to.have.property('text').that.is.a('string').and.not.empty;
      if (path.endsWith('.level')) expect(value).to.be.oneOf(['none', 'note', 'warning', 'error']);
      if (path.endsWith('.startLine')) expect(value).to.be.a('number').that.is.at.least(1);
    }
  });

  it('name their rule by its place in the list, which says what to do', () => {
    for (const result of ['runs.0.results.0', 'runs.0.results.1']) {
      const rule = `runs.0.tool.driver.rules.${JSON.stringify(at(log, `${result}.ruleIndex`))}`;
      expect(at(log, `${rule}.id`)).to.equal(at(log, `${result}.ruleId`));
      expect(at(log, `${rule}.help.text`)).to.match(/See docs\/(?:rules\.md#leak|check\.md) of the package/);
    }
  });

  it('lie below the folder of the run, by a URI', () => {
    const place = 'runs.0.results.0.locations.0.physicalLocation';
    expect(at(log, `${place}.artifactLocation`)).to.deep.equal({
      uri: 'drivers/a%20b.c',
      uriBaseId: '%SRCROOT%',
    });
    expect(at(log, `${place}.region.startLine`)).to.equal(6);
    expect(at(log, 'runs.0.originalUriBaseIds')).to.have.all.keys('%SRCROOT%');
    const outside = at(logOf('/kernel/a.c', FINDING), `${place}.artifactLocation`);
    expect(outside).to.deep.equal({ uri: 'file:///kernel/a.c' });
  });

  it('keep their fingerprint when lines move', () => {
    const moved = {
      ...FINDING,
      line: 8,
      says: FINDING.says.replace('line 3', 'line 5').replace('line 6', 'line 8'),
    };
    const of = (finding: Finding): Json | undefined =>
      at(logOf('a.c', finding), 'runs.0.results.0.partialFingerprints');
    expect(of(moved)).to.deep.equal(of(FINDING));
    expect(of({ ...FINDING, function: 'other' })).not.to.deep.equal(of(FINDING));
  });

  it('have a step for each step of the path, and no flow without one', () => {
    expect(at(log, 'runs.0.results.0.codeFlows.0.threadFlows.0.locations.0.location.message.text')).to.equal(
      'kmap_local_page maps page',
    );
    expect(at(log, 'runs.0.results.1.codeFlows')).to.equal(undefined);
  });
});
