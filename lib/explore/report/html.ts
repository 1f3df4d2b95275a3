/**
 * A schedule as one page that needs nothing else: the timeline and the slot tables, stepped by keys and
 * mouse.
 */
import { formatViolation } from '../../machine/violation.ts';
import { formatSchedule } from '../choice.ts';
import type { Explained } from '../explain.ts';
import { slotTables } from './slots.ts';
import { timelineOf } from './timeline.ts';

/** Makes the page. */
export function htmlReport(told: Explained, file = 'FILE'): string {
  const { columns, rows } = timelineOf(told);
  const tables = slotTables(told.events);
  const none = { local: [], pool: [], live: [] };
  const data = {
    columns,
    rows: rows.map(({ step, column, actor, text, at }) => ({
      step,
      column,
      actor,
      text,
      slots: tables[at] ?? tables.at(-1) ?? none,
    })),
  };
  const title = told.violation === undefined ? 'no violation' : told.violation.rule;
  const report = told.violation === undefined ? 'No rule was broken.' : formatViolation(told.violation);
  return PAGE.replace('{{title}}', () => escape(title))
    .replace('{{report}}', () => escape(report))
    .replace('{{replay}}', () => escape(`scatterlist replay ${file} '${formatSchedule(told.schedule)}'`))
    .replace('{{data}}', () => JSON.stringify(data).replaceAll('<', '\\u003c'));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{title}}</title>
<style>
  body { font: 14px/1.4 ui-monospace, monospace; margin: 1.5em; color-scheme: light dark; }
  main { display: grid; grid-template-columns: auto 22em; gap: 2em; align-items: start; }
  table { border-collapse: collapse; }
  th, td { text-align: left; padding: 1px 1em 1px 4px; border-left: 1px solid #8885; white-space: pre; }
  tr.later { opacity: .35; }
  tr.now { background: #fc06; }
  tr { cursor: pointer; }
  aside { position: sticky; top: 1em; }
  h2 { font-size: 1em; margin: 1em 0 0; }
  pre { white-space: pre-wrap; }
</style>
<pre>{{report}}</pre>
<pre>{{replay}}</pre>
<p>Keys: <b>j</b> or <b>↓</b> forward, <b>k</b> or <b>↑</b> back, <b>Home</b>, <b>End</b>; or click a line.</p>
<main><table id="timeline"></table><aside id="slots"></aside></main>
<script type="application/json" id="data">{{data}}</script>
<script>
  const { columns, rows } = JSON.parse(document.getElementById('data').textContent);
  const table = document.getElementById('timeline');
  const aside = document.getElementById('slots');
  const cell = (row, tag, text) => { const c = document.createElement(tag); c.textContent = text; row.append(c); };
  const head = table.createTHead().insertRow();
  for (const text of ['', ...columns]) cell(head, 'th', text);
  const body = table.createTBody();
  rows.forEach((row, i) => {
    const line = body.insertRow();
    cell(line, 'td', rows[i - 1]?.step === row.step ? '' : String(row.step));
    columns.forEach((_, c) => cell(line, 'td', c === row.column ? row.actor + ': ' + row.text : ''));
    line.onclick = () => show(i);
  });
  let at = rows.length - 1;
  function show(i) {
    at = Math.max(0, Math.min(rows.length - 1, i));
    [...body.rows].forEach((line, n) => { line.className = n === at ? 'now' : n > at ? 'later' : ''; });
    body.rows[at]?.scrollIntoView({ block: 'nearest' });
    aside.replaceChildren();
    const sections = { 'mappings live': 'live', 'local slots': 'local', 'pool slots': 'pool' };
    for (const [title, key] of Object.entries(sections)) {
      const h = document.createElement('h2'); h.textContent = title;
      const p = document.createElement('pre'); p.textContent = rows[at]?.slots[key].join('\\n') || '-';
      aside.append(h, p);
    }
  }
  const keys = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  addEventListener('keydown', (e) => {
    if (!(e.key in keys)) return;
    e.preventDefault();
    show(at + keys[e.key]);
  });
  show(at);
</script>
</html>
`;
