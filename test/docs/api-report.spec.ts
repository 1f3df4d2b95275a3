/** docs/api/ shows the public surface as it is: a change to it is a change to a file that is reviewed. */
import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTS, apiReports, writeReports } from '../../tools/api-report.ts';
import { expectUpToDate } from './generated.ts';

describe('the report of the public surface', () => {
  let reports: ReadonlyMap<string, string>;
  before(() => {
    reports = apiReports();
    if (process.env['UPDATE_DOCS'] !== undefined) writeReports(reports);
  });

  it('is up to date', () => {
    for (const [file, text] of reports) expectUpToDate(join(REPORTS, file), text);
  });

  it('has a file for each entry point and no other', () => {
    expect(readdirSync(REPORTS)).to.have.members([...reports.keys()]);
  });

  it('shows signatures, overloads and members as a declaration file does', () => {
    const text = reports.get('scatterlist.api.md') ?? '';
    expect(text).to.match(/^function sgMap<B extends MapBackend, K extends MemoryKind>\(sg: SgEntry<K>, /m);
    expect(text).to.match(/^class SgMiter<[\s\S]*?\n {4}skip\(bytes: number\): boolean;/m);
    expect(text).to.not.include('@linux');
  });
});
