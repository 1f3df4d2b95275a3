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

  it('come in directions: first what a 64-bit kernel hides, then the other way round', () => {
    const [hidden] = divergencesOf(pageCells(['older first'], ['kmap_local']));
    if (hidden === undefined) throw new Error('no divergence');
    const forced = { ...hidden, breaksOn: ['forced maps'], rule: 'wrong-task' };
    const other = { ...hidden, port: 'rt', silentOn: ['32-bit RT'], breaksOn: ['32-bit', '64-bit'] };
    const refused = { ...hidden, isRefusal: true, rule: 'Unmappable' };
    expect(divergenceLines([other, forced, refused, hidden], PLAIN, 90)).to.deep.equal([
      'Silent on 64-bit; broken on forced maps:',
      '  wrong-task        kmap_local: page (older first)',
      'Silent on 64-bit; broken on 32-bit:',
      '  unmap-order       kmap_local: page (older first)',
      '  refused           kmap_local: highmem pages, in page',
      '',
      'The other way round, silent on 32-bit RT; broken on 32-bit, 64-bit:',
      '  unmap-order       kmap_local: rt (older first)',
    ]);
    expect(divergenceLines([other], PLAIN)[0]).to.match(/^The other way round/);
    expect(divergenceLines([refused], PLAIN)[0]).to.equal('Silent on 64-bit; broken on 32-bit:');
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
