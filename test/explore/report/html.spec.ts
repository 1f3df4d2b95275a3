import { expect } from 'chai';
import { Script } from 'node:vm';
import { explain, htmlReport, parseSchedule } from 'scatterlist/explore';
import { counter } from '../programs.ts';

describe('htmlReport', () => {
  const page = htmlReport(explain(counter(), parseSchedule('0.1.1.0')), 'a<b.ts');

  it('is one page that loads nothing', () => {
    expect(page).to.match(/^<!doctype html>/);
    expect(page).to.not.match(/https?:|src=|href=/);
    expect(page).to.not.include('{{');
  });

  it('carries the rows and the slots of each', () => {
    const json = /id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const data = JSON.parse(json) as { rows: { text: string; slots: { live: string[] } }[] };
    expect(data.rows.some(({ slots }) => slots.live.length === 2)).to.equal(true);
    expect(data.rows.at(-1)?.text).to.match(/final-check/);
  });

  it('has a script that parses', () => {
    const script = /<script>(.*?)<\/script>/s.exec(page)?.[1] ?? '!';
    expect(() => new Script(script)).to.not.throw();
  });

  it('escapes what it quotes', () => {
    expect(page).to.include('a&lt;b.ts');
  });
});
