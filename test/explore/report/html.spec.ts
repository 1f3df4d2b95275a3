import { expect } from 'chai';
import { Script } from 'node:vm';
import { explain, formatReport, htmlReport, parseSchedule } from 'scatterlist/explore';
import { counter, steps } from '../programs.ts';

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

  it('says in its title and above its rows which rule was broken, if any', () => {
    expect(page).to.include('<title>lost-write</title>');
    expect(page).to.match(/<pre id="report">[^<]*store/);
    const clean = htmlReport(explain(steps(1), parseSchedule('0.0')));
    expect(clean).to.include('<title>no violation</title>');
    expect(clean).to.include('<pre id="report">No rule was broken.</pre>');
    expect(clean).to.include("<pre>scatterlist replay FILE '0.0'</pre>");
  });

  it('shows the slots as they were at each row', () => {
    const json = /id="data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
    const data = JSON.parse(json) as { rows: { text: string; slots: { live: string[] } }[] };
    const first = data.rows.find(({ text }) => text.startsWith('map'));
    expect(first?.slots.live).to.have.length(1);
    const rest = /id="data">(.*?)<\/script>/s.exec(htmlReport(explain(steps(1), parseSchedule('0.0'))))?.[1];
    const idle = JSON.parse(rest ?? '') as typeof data;
    expect(idle.rows[0]?.slots).to.deep.equal({ local: [], pool: [], live: [] });
  });

  it('escapes what it quotes', () => {
    expect(page).to.include('a&lt;b.ts');
  });
});

describe('a report of a program with odd names', () => {
  const name = 'a{{data}}{{title}}</script>\u001b[2J\n$&';
  const told = explain(
    {
      tasks: {
        *[name]() {
          yield;
          throw new Error('b\u001b[1m{{replay}}');
        },
      },
    },
    [0, 0],
  );

  it('is a page whose parts are each in their place', () => {
    const page = htmlReport(told, "it's {{data}}.ts");
    const data = /<script type="application\/json" id="data">(.*)<\/script>\n<script>/.exec(page)?.[1] ?? '';
    const { rows } = JSON.parse(data) as { rows: { actor: string }[] };
    expect(rows[0]?.actor).to.equal('a{{data}}{{title}}</script>\\x1b[2J\\n$&');
    expect(page).to.include('b\\x1b[1m{{replay}}');
    expect(page).to.include(`scatterlist replay 'it'\\''s {{data}}.ts' '0.0'`);
    expect(page.split('id="data"')).to.have.lengthOf(2);
  });

  it('sends nothing to the terminal but text and line ends', () => {
    const text = formatReport(told, { file: 'a b.ts' });
    expect(text.replaceAll('\n', '')).not.to.match(/\p{Cc}/u);
    expect(text).to.include('</script>\\x1b[2J\\n$&: ').and.include("scatterlist replay 'a b.ts' '0.0'");
  });
});
