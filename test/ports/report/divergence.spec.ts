import { expect } from 'chai';
import { PLAIN, divergenceLines, divergencesOf } from 'scatterlist/ports';
import { pageCells } from './page-cells.ts';

describe('divergences between configurations', () => {
  it('are what a 64-bit machine passes over and a 32-bit one reports', () => {
    expect(divergencesOf(pageCells(['older first'], ['kmap_local']))).to.deep.equal([
      {
        port: 'page',
        variant: 'older first',
        memory: 'highmem',
        backend: 'kmap_local',
        rule: 'unmap-order',
        isRefusal: false,
        silentOn: ['64-bit'],
        breaksOn: ['32-bit'],
        because: 'the port releases an older mapping first, the contract releases the newest first',
      },
    ]);
  });

  it('are none where both machines do the same', () => {
    const cells = pageCells(['original'], ['kmap', 'kmap_local']);
    expect(divergencesOf(cells)).to.deep.equal([]);
    expect(divergenceLines([], PLAIN)).to.deep.equal([
      'No cell differs between the configurations that were run.',
    ]);
  });

  it('are told with port, variant, backend and rule within the width; refusals in one line', () => {
    const cells = pageCells(
      ['original', 'older first', 'used by a handler'],
      ['kmap_local', 'kmap', 'page_address'],
    );
    const lines = divergenceLines(divergencesOf(cells), PLAIN);
    expect(lines[0]).to.equal('Silent on 64-bit; broken on 32-bit:');
    expect(lines.join('\n')).to.match(/unmap-order +kmap_local: page \(older first\)/);
    expect(lines.filter((line) => line.includes('refused'))).to.have.length(1);
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
  });
});
