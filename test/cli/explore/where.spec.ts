import { expect } from 'chai';
import { areOwn, siteOf } from '../../../lib/cli/explore/where.ts';

describe('where a thread is', () => {
  const frame = (path: string, line = 0, column = 0, sourceMap = '') => ({
    url: `file://${path}`,
    line,
    column,
    sourceMap,
  });

  it('is the innermost line outside the package and its loader', () => {
    const frames = [
      frame('/pkg/dist/esm/lib/x.js', 4),
      frame('/home/p/node_modules/tsx/dist/y.mjs', 4),
      frame('/home/p/node_modules/scatterlist/dist/z.js', 4),
      frame('/pkg/examples/loop.mjs', 2, 3),
      frame('/home/outer.mjs', 9, 9),
    ];
    expect(siteOf(frames, '/pkg')).to.equal('/pkg/examples/loop.mjs:3:4');
    expect(siteOf(frames.slice(0, 3), '/pkg')).to.equal('');
  });

  it('is in the package itself only if no frame is of the program', () => {
    const library = frame('/pkg/dist/esm/lib/x.js', 4);
    const node = { ...library, url: 'node:internal/modules/run_main' };
    const evaluated = { ...library, url: '' };
    const rows = [[library], [library, node], [library, frame('/home/p.mjs')], [library, evaluated], []];
    expect(rows.map((frames) => areOwn(frames, '/pkg'))).to.deep.equal([true, true, false, false, false]);
  });

  it('is in the source that was compiled', () => {
    // Column 9 of the only line comes from line 7.
    const map = { version: 3, sources: ['a.ts'], names: [], mappings: 'AAAA,SAME' };
    const base64 = Buffer.from(JSON.stringify(map)).toString('base64');
    const sourceMap = `data:application/json;base64,${base64}`;
    expect(siteOf([frame('/home/a.ts', 0, 12, sourceMap)], '/pkg')).to.equal('/home/a.ts:7:3');
  });
});
