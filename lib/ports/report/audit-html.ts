/**
 * An audit as one page of HTML: the sites with every question of the audit, what each backend cost as bars, and for each
 * cell the report and the trace of its run.
 */
import { siteText } from '../../machine/violation.ts';
import type { PortAudit, SiteVerdict } from '../audit.ts';
import type { Reliance } from '../reliance.ts';
import { HELPED, MAPS_NOTHING, auditSummary, verdictText, withoutSites } from './audit-text.ts';
import { escaped, ledgerHtml } from './ledger-html.ts';
import type { CellRecord } from './record.ts';
import { PLAIN, groupBy } from './text.ts';
import { explainCell } from './why.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:100em;padding:0 1em;color:#222}
table{border-collapse:collapse}td,th{border-bottom:1px solid #ddd;padding:.3em .6em;text-align:left;vertical-align:top}
pre{background:#f6f6f6;padding:.8em;overflow-x:auto}pre:target{outline:2px solid #48a}.global{color:#a40;font-weight:bold}.local{color:#262}
.ledger{font-size:12px}.ledger td,.ledger th{padding:.1em .6em;white-space:nowrap}rect{fill:#48a}.fit{white-space:nowrap}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}a{color:#8bf}pre{background:#242424}td,th{border-color:#444}.local{color:#7c7}.global{color:#f95}}`;

const HEAD = [
  'site',
  'address',
  'verdict',
  'mapping',
  'slept on while held',
  'page faults off',
  'preemption off',
  'backends, the cheapest first',
  'Linux',
];

/**
 * The page; it needs no other file. `cells` are those of the audited variants, on one configuration.
 *
 * @linux none
 */
export function auditHtml(audits: readonly PortAudit[], cells: readonly CellRecord[]): string {
  const ids = new Map(cells.map((cell, i) => [cell, `cell${String(i)}`]));
  const idOf = (cell: CellRecord): string => ids.get(cell) ?? '';
  const ofEach = audits.map((audit, i) => ({
    audit,
    id: `port${String(i)}`,
    own: cells.filter(({ port, variant }) => port === audit.port && variant === audit.variant),
  }));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>scatterlist audit</title><style>${STYLE}</style></head><body>
<h1>Audit of mapping sites</h1><p>${escaped(auditSummary(audits)).replaceAll('\n', '<br>')}</p>
<table><tr>${HEAD.map((title) => `<th>${title}</th>`).join('')}</tr>
${ofEach.flatMap(({ audit, id, own }) => siteRows(audit, id, own, idOf)).join('\n')}
</table>
${ofEach.map(({ audit, id, own }) => portPart(audit, id, own, idOf)).join('\n')}
<h2>Reports and traces</h2>
${cells.map((cell) => cellPart(cell, idOf(cell))).join('\n')}
</body></html>
`;
}

type IdOf = (cell: CellRecord) => string;

function siteRows(audit: PortAudit, id: string, cells: readonly CellRecord[], idOf: IdOf): readonly string[] {
  const port = `<a href="#${id}">${escaped(`${audit.port} (${audit.variant})`)}</a>`;
  const linux = escaped(audit.steps.find(({ variant }) => variant === audit.variant)?.linux ?? '');
  if (audit.sites.length === 0)
    return [
      `<tr><td>${port}</td><td colspan="${String(HEAD.length - 2)}">${withoutSites(audit)}</td><td>${linux}</td></tr>`,
    ];
  return audit.sites.map((site) => {
    const at = `${port}<br>${escaped(siteText(site.needs.site))}`;
    const texts = [at, ...siteTexts(site), fitsHtml(site, cells, idOf), linux];
    return `<tr>${texts.map((text) => `<td>${text}</td>`).join('')}</tr>`;
  });
}

function siteTexts(site: SiteVerdict): readonly string[] {
  const { needs, isLocal } = site;
  const { contexts, isAtomic, kinds, pages, heldAtOnce, isReleasedInOrder, usedBy, sleptOn } = needs;
  const scope = isLocal ? 'local' : 'global';
  const users = [...usedBy, ...(needs.isUsedOnOtherCpu ? ['another CPU'] : [])];
  const order = isReleasedInOrder ? 'newest released first' : 'OLDER released first';
  const facts = [
    `in ${contexts.join(', ')}${isAtomic ? ', atomic' : ''}`,
    `${kinds.join(', ')} pages`,
    pages > 1 ? `${String(pages)} pages in a row` : '1 page each',
    heldAtOnce > 1 ? `${String(heldAtOnce)} at once, ${order}` : '1 at once',
    ...(needs.isHelper ? [HELPED] : []),
  ];
  return [
    `<span class="${scope}">${scope}</span>${users.length > 0 ? `: used by ${escaped(users.join(', '))}` : ''}`,
    escaped(verdictText(site, PLAIN)),
    facts.map(escaped).join('<br>'),
    sleptOn.length === 0 ? 'never' : escaped(sleptOn.join(', ')),
    relianceHtml(site.pageFaults),
    relianceHtml(site.preemption),
  ];
}

function relianceHtml({ relied, because }: Reliance): string {
  const verdict = relied === 'yes' ? '<b>relied on</b>' : relied === 'no' ? 'not relied on' : relied;
  return `${verdict}: ${escaped(because)}`;
}

/** Every backend, with its reason if it does not serve, and a link to its cell on a kind of memory that the site maps. */
function fitsHtml({ needs, fits }: SiteVerdict, cells: readonly CellRecord[], idOf: IdOf): string {
  return fits
    .map(({ backend, because }) => {
      const of = cells.filter(({ contract }) => contract.name === backend);
      const cell = of.find(({ memory }) => needs.kinds.includes(memory)) ?? of[0];
      const name = cell === undefined ? escaped(backend) : `<a href="#${idOf(cell)}">${escaped(backend)}</a>`;
      return `<span class="fit" title="${escaped(because ?? 'serves the site')}">${because === undefined ? '✓' : '✗'} ${name}</span>`;
    })
    .join(' ');
}

function portPart(audit: PortAudit, id: string, cells: readonly CellRecord[], idOf: IdOf): string {
  const { port, variant, about, follows, steps, faults } = audit;
  const history = steps.map(({ variant: title, about: how, linux, mapsNothing, isHelped }) => {
    const more = mapsNothing ? ` (${MAPS_NOTHING})` : isHelped ? ` (${HELPED})` : '';
    return `<li><b>${escaped(title)}</b>: ${escaped(how)}${more}. Linux: ${escaped(linux)}</li>`;
  });
  const broken = faults.map((fault) => `<p class="global">breaks ${escaped(fault)}</p>`);
  const charts = [...groupBy(cells, ({ memory }) => memory)].map(
    ([memory, row]) => `<h3>${escaped(memory)} pages, by the ledger</h3>${ledgerHtml(row, idOf)}`,
  );
  return `<h2 id="${id}">${escaped(port)} (${escaped(variant)})</h2><p>${escaped(about)} <code>${escaped(follows)}</code></p>${broken.join('')}<ul>${history.join('')}</ul>${charts.join('')}`;
}

/** Folded; a link to a part of it unfolds it. */
function cellPart(cell: CellRecord, id: string): string {
  const { port, variant, memory, contract, outcome, trace } = cell;
  const name = `${port} (${variant}), ${memory} pages, ${contract.name}: ${outcome.result}`;
  const told = explainCell({ ...cell, trace: [] }, PLAIN);
  const events = trace === undefined ? '' : `<pre id="${id}-trace">${escaped(trace.join('\n'))}</pre>`;
  return `<details><summary>${escaped(name)}</summary><pre id="${id}">${escaped(told.join('\n'))}</pre>${events}</details>`;
}
