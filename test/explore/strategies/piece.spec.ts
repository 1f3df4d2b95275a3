import { expect } from 'chai';
import { onCpu } from '../../../lib/explore/choice.ts';
import { Footprint } from '../../../lib/explore/footprint.ts';
import { Resources } from '../../../lib/explore/observer.ts';
import { WHOLE, packPiece, unpackPiece } from '../../../lib/explore/strategies/piece.ts';

describe('piece', () => {
  it('is the same in a search that numbers resources in another order', () => {
    const [here, there] = [new Resources(), new Resources()];
    there.id('something else');
    const footprint = new Footprint();
    footprint.read(here.id('lock'));
    footprint.write(here.id('pool'));
    footprint.range(8, 16, true);
    const nodes = [{ choices: [1, onCpu(2, 1)], asleep: [{ choice: 0, footprint }] }];
    const packed = packPiece({ prefix: [0, -1, -5], nodes, share: 0.25 }, here);
    const text = JSON.stringify(packed);
    const piece = unpackPiece(JSON.parse(text) as typeof packed, there);
    expect(piece.prefix).to.deep.equal([0, -1, -5]);
    expect(piece.share).to.equal(0.25);
    expect(piece.nodes[0]?.choices).to.deep.equal([1, onCpu(2, 1)]);
    const asleep = piece.nodes[0]?.asleep[0];
    expect(asleep?.choice).to.equal(0);
    const meets = (name: string, isWrite: boolean): boolean | undefined => {
      const other = new Footprint();
      if (isWrite) other.write(there.id(name));
      else other.read(there.id(name));
      return asleep?.footprint.conflicts(other);
    };
    expect([meets('lock', false), meets('lock', true), meets('pool', false)]).to.deep.equal([
      false,
      true,
      true,
    ]);
    expect(JSON.stringify(packPiece(piece, there))).to.equal(text);
  });

  it('is whole before anything was explored', () => {
    expect(unpackPiece(WHOLE, new Resources())).to.deep.equal({ prefix: [], nodes: [], share: 1 });
  });
});
