/**
 * A schedule as one page that needs nothing else: the timeline and the slot tables, stepped by keys and
 * mouse.
 */
import { oneLine, printable, shellWord } from '../../base/printable.ts';
import { formatViolation } from '../../machine/violation.ts';
import { formatSchedule } from '../choice.ts';
import type { Explained } from '../explain.ts';
import { addressLines } from './addresses.ts';
import { collapsedTimeline } from './collapse.ts';
import { slotTables } from './slots.ts';
import { fitLine } from './text.ts';

/** Makes the page. */
export function htmlReport(told: Explained, file = 'FILE'): string {
  const { columns, rows } = collapsedTimeline(told);
  const tables = slotTables(told.events);
  const none = { local: [], pool: [], live: [] };
  const data = {
    columns: columns.map(oneLine),
    rows: rows.map(({ step, column, actor, text, at }) => ({
      step,
      column,
      actor: oneLine(actor),
      text: oneLine(text),
      slots: tables[at] ?? tables.at(-1) ?? none,
    })),
  };
  const title = told.violation === undefined ? 'no violation' : told.violation.rule;
  const found = told.violation === undefined ? 'No rule was broken.' : formatViolation(told.violation);
  const head = [found, fitLine(told)].filter((part) => part !== '').join('\n');
  const addresses = addressLines(told).join('\n');
  const report = addresses === '' ? head : `${head}\n\n${addresses}`;
  const replay = `scatterlist replay ${shellWord(file)} '${formatSchedule(told.schedule)}'`;
  const parts: Readonly<Record<string, string>> = {
    title: escape(title),
    report: escape(printable(report)),
    replay: escape(printable(replay)),
    data: JSON.stringify(data).replaceAll('<', '\\u003c'),
  };
  // In one pass: what a program is called may look like a place of the page.
  return PAGE.replaceAll(/\{\{(\w+)\}\}/g, (place, name: string) => parts[name] ?? place);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{title}}</title>
<style>
  :root { color-scheme: light dark; font: 14px/1.4 ui-monospace, monospace; }
  body { margin: 1.5em; }
  main { display: grid; grid-template-columns: minmax(0, auto) 22em; gap: 2em; align-items: start; }
  table { border-collapse: collapse; }
  th, td { text-align: left; vertical-align: top; padding: 1px 1em 1px 6px; border-left: 1px solid #8885; }
  th { position: sticky; top: 0; background: Canvas; }
  tr { cursor: pointer; scroll-margin: 2em 0; }
  tr.step { border-top: 1px solid #8885; }
  tr.later { opacity: .4; }
  tr.now { background: #fc06; }
  tr.bad { color: light-dark(#b00, #f77); font-weight: bold; }
  td b { color: light-dark(hsl(var(--hue) 70% 33%), hsl(var(--hue) 70% 70%)); }
  aside { position: sticky; top: 1em; }
  h2 { font-size: 1em; margin: 0; }
  pre { white-space: pre-wrap; margin: 0 0 1em; }
  #report::first-line { font-weight: bold; }
</style>
<pre id="report">{{report}}</pre>
<pre>{{replay}}</pre>
<p>Keys: <b>j</b> or <b>↓</b> forward, <b>k</b> or <b>↑</b> back, <b>Home</b>, <b>End</b>; or click a line.</p>
<main><table id="timeline"></table><aside id="slots"></aside></main>
<script type="application/json" id="data">{{data}}</script>
<script>
  const { columns, rows } = JSON.parse(document.getElementById('data').textContent);
  const table = document.getElementById('timeline');
  const aside = document.getElementById('slots');
  const add = (parent, tag, text) => {
    const made = document.createElement(tag);
    made.textContent = text;
    parent.append(made);
    return made;
  };
  const actors = [...new Set(rows.map(({ actor }) => actor))];
  const head = table.createTHead().insertRow();
  for (const text of ['', ...columns]) add(head, 'th', text);
  const body = table.createTBody();
  rows.forEach(({ step, column, actor, text }, i) => {
    const line = body.insertRow();
    const first = rows[i - 1]?.step !== step;
    line.classList.toggle('step', first);
    line.classList.toggle('bad', text.startsWith('✗'));
    add(line, 'td', first ? String(step) : '');
    const [place] = columns.map(() => add(line, 'td', '')).slice(column);
    // Who it is has a colour of its own: tasks share the column of their CPU.
    add(place, 'b', actor).style.setProperty('--hue', 210 + 137 * actors.indexOf(actor));
    place.append(': ' + text);
    line.onclick = () => show(i);
  });
  let at = rows.length - 1;
  function show(i) {
    at = Math.max(0, Math.min(rows.length - 1, i));
    [...body.rows].forEach((line, n) => {
      line.classList.toggle('now', n === at);
      line.classList.toggle('later', n > at);
    });
    aside.replaceChildren();
    const sections = { 'mappings live': 'live', 'local slots': 'local', 'pool slots': 'pool' };
    for (const [title, key] of Object.entries(sections)) {
      add(aside, 'h2', title);
      add(aside, 'pre', rows[at]?.slots[key].join('\\n') || '-');
    }
  }
  const keys = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  addEventListener('keydown', (e) => {
    if (!(e.key in keys)) return;
    e.preventDefault();
    show(at + keys[e.key]);
    body.rows[at]?.scrollIntoView({ block: 'nearest' });
  });
  show(at);
</script>
</html>
`;
