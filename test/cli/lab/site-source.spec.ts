import { expect } from 'chai';
import { SiteFile, branchesOf, callsIn, linesIn } from '../../../lib/cli/lab/site-source.ts';

const TEXT = `import { x } from 'y';
const mistakes = { cursor: edit('a', 'b') };
const sites: CallSites<Api> = {
  *cursor({ api, list }) {
    // A comment.
    const a = yield* api.map(list);

    if (a < 0) return a;
    for (const b of list) api.put(b);
    return api.unmap(a) ?? (a ? 1 : 2);
  },
  patchHead: ({ api }) => api.done(),
};
`;

describe('SiteFile', () => {
  const file = new SiteFile('own.ts', TEXT);

  it('finds the function of a job, not the mistake of its name', () => {
    const site = file.site('cursor');
    expect(site.line).to.equal(4);
    expect(site.text)
      .to.match(/^\*cursor\(\{ api, list \}\) \{\n/)
      .and.match(/\n {2}\}$/);
    expect(file.site('patchHead').text).to.equal('patchHead: ({ api }) => api.done()');
    expect(() => file.site('twoLists')).to.throw('own.ts: the call site of twoLists is not found');
  });

  it('puts another text in its place', () => {
    const changed = file.withSite(file.site('patchHead'), 'patchHead: () => 0');
    expect(changed).to.equal(TEXT.replace('({ api }) => api.done()', '() => 0'));
  });

  it('says which text cannot be parsed', () => {
    expect(() => new SiteFile('own.ts', 'const = 3')).to.throw('own.ts is not TypeScript: Unexpected token');
  });

  it('counts lines without comments and empty ones, and calls of the design', () => {
    const site = file.site('cursor');
    expect(linesIn(site.text)).to.equal(6);
    expect(callsIn(site)).to.deep.equal({ map: 1, put: 1, unmap: 1 });
  });

  it('finds every branch, in order', () => {
    const texts = branchesOf(file.site('cursor')).map(({ start, end }) => TEXT.slice(start, end));
    expect(texts).to.deep.equal(['return a;', 'api.put(b);', 'a ? 1 : 2', '1', '2']);
  });
});
