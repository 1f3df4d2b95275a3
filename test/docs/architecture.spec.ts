/** docs/architecture.md follows from the imports, and every folder has its paragraph. */
import { expect } from 'chai';
import { FOLDERS, PAGE, architectureDocument, arrows, faults, reduced } from '../../tools/architecture.ts';
import type { Arrow } from '../../tools/architecture.ts';
import { sourceFiles } from '../../tools/public-api.ts';
import { expectUpToDate } from './generated.ts';

describe('the page on the architecture', () => {
  it('has one paragraph for each folder of sources, and no other', () => {
    expect(faults()).to.deep.equal([]);
  });

  it('notices a folder without a paragraph, and a paragraph without a folder', () => {
    const file = 'lib/kernel/new-room/one.ts';
    expect(faults([...sourceFiles(), file])).to.deep.equal([
      'tools/architecture.ts: lib/kernel/new-room: no paragraph',
    ]);
    const rest = sourceFiles().filter((one) => !one.startsWith('lib/mapping/'));
    expect(faults(rest)).to.deep.equal(['tools/architecture.ts: lib/mapping: a paragraph, but no source']);
  });

  it('is up to date', () => {
    expectUpToDate(PAGE, architectureDocument());
  });

  it('draws the imports: values, types only, and entries by their package name', () => {
    const found = arrows();
    const arrow = (from: string, to: string) => found.find((one) => one.from === from && one.to === to);
    expect(arrow('lib/machine', 'lib/base')?.typeOnly).to.equal(false);
    expect(arrow('lib/scatterlist/map', 'lib/kernel/core')?.typeOnly).to.equal(true);
    for (const user of ['lib/cli', 'bench', 'examples'])
      expect(arrow(user, 'lib/entries')?.typeOnly, user).to.equal(false);
    expect(arrow('lib/base', 'lib/machine')).to.equal(undefined);
    expect(found.map(({ from }) => from)).to.not.include('lib');
  });

  it('leaves out an arrow that follows from others, and none in a circle', () => {
    const [ab, bc, ac, ca]: Arrow[] = ['ab', 'bc', 'ac', 'ca'].map(([from = '', to = '']) => ({
      from,
      to,
      typeOnly: false,
    }));
    expect(reduced([ab!, bc!, ac!])).to.deep.equal([ab, bc]);
    expect(reduced([ab!, bc!, ac!, ca!])).to.deep.equal([ab, bc, ac, ca]);
  });

  it('names folders from the lowest layer up', () => {
    const order = Object.keys(FOLDERS);
    const upward = arrows()
      .filter(({ from, to }) => !from.startsWith(`${to}/`) && !to.startsWith(`${from}/`))
      .filter(
        ({ from, to }) =>
          order.includes(from) && order.includes(to) && order.indexOf(to) > order.indexOf(from),
      );
    expect(upward).to.deep.equal([]);
  });
});
