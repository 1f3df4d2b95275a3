import { expect } from 'chai';
import { RULES } from 'scatterlist/machine';

describe('RULES', () => {
  for (const [rule, { title, linux, advice }] of Object.entries(RULES)) {
    it(`${rule} has a short title, a word on Linux and a piece of advice`, () => {
      expect(rule).to.match(/^[a-z]+(-[a-z]+)*$/);
      expect(title).to.match(/^[^.]{8,96}$/);
      expect(linux).to.match(/^.{6,160}\.$/);
      expect(advice).to.match(/^.{8,160}\.$/);
    });
  }

  it('have titles of their own', () => {
    const titles = Object.values(RULES).map(({ title }) => title);
    expect(new Set(titles).size).to.equal(titles.length);
  });
});
