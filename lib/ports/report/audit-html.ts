/**
 * An audit as one page of HTML: the sites, what each backend cost as bars, and a report of each cell.
 */
import { siteText } from '../../machine/violation.ts';
import type { PortAudit, SiteVerdict } from '../audit.ts';
import { auditSummary, needsText } from './audit-text.ts';
import type { CellRecord } from './record.ts';
import { PLAIN, groupBy } from './text.ts';
import { explainCell } from './why.ts';

const STYLE = `body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:72em;padding:0 1em;color:#222}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3em .6em;text-align:left;vertical-align:top}
pre{background:#f6f6f6;padding:.8em;overflow-x:auto}.global{color:#a40;font-weight:bold}.local{color:#262}.bar{fill:#48a}
@media(prefers-color-scheme:dark){body{background:#181818;color:#ddd}pre{background:#242424}td,th{border-color:#444}.local{color:#7c7}.global{color:#f95}}`;

/**
 * The page; it needs no other file. `cells` are those of the audited variants, on one configuration.
 *
 * @linux none
 */
export function auditHtml(audits: readonly PortAudit[], cells: readonly CellRecord[]): string {
  const ids = new Map(cells.map((cell, i) => [cell, `cell${String(i)}`]));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>scatterlist audit</title><style>${STYLE}</style></head><body>
<h1>Audit of mapping sites</h1><p>${escaped(auditSummary(audits))}</p>
<table><tr><th>port</th><th>site</th><th>scope</th><th>best</th><th>needs</th></tr>
${audits.flatMap((audit) => audit.sites.map((site) => siteRow(audit, site))).join('\n')}
</table>
${audits
  .map((audit) =>
    portPart(
      audit,
      cells.filter(({ port, variant }) => port === audit.port && variant === audit.variant),
      ids,
    ),
  )
  .join('\n')}
<h2>Reports</h2>
${cells.map((cell) => `<details id="${ids.get(cell) ?? ''}"><summary>${escaped(nameOf(cell))}</summary><pre>${escaped(explainCell(cell, PLAIN).join('\n'))}</pre></details>`).join('\n')}
</body></html>
`;
}

function siteRow({ port, variant }: PortAudit, { needs, isLocal, best }: SiteVerdict): string {
  const scope = isLocal ? 'local' : 'global';
  return `<tr><td>${escaped(port)} (${escaped(variant)})</td><td>${escaped(siteText(needs.site))}</td><td class="${scope}">${scope}</td><td>${escaped(best ?? needs.mechanism ?? 'none')}</td><td>${escaped(needsText(needs))}</td></tr>`;
}

function portPart(
  audit: PortAudit,
  cells: readonly CellRecord[],
  ids: ReadonlyMap<CellRecord, string>,
): string {
  const { port, variant, about, follows, steps } = audit;
  const history = steps.map(
    ({ variant: title, about: how, linux }) =>
      `<li><b>${escaped(title)}</b>: ${escaped(how)}. Linux: ${escaped(linux)}</li>`,
  );
  const charts = [...groupBy(cells, ({ memory }) => memory)].map(
    ([memory, row]) => `<h3>${escaped(memory)} pages, modelled cycles</h3>${chart(row, ids)}`,
  );
  return `<h2>${escaped(port)} (${escaped(variant)})</h2><p>${escaped(about)} <code>${escaped(follows)}</code></p><ul>${history.join('')}</ul>${charts.join('')}`;
}

const ROW = 18;
const LONGEST = 360;

/** A bar for each backend; the name links to the report of its cell. */
function chart(row: readonly CellRecord[], ids: ReadonlyMap<CellRecord, string>): string {
  const most = Math.max(1, ...row.map(cyclesOf));
  const bars = row.map((cell, i) => {
    const y = i * ROW;
    const { outcome } = cell;
    const long = (LONGEST * cyclesOf(cell)) / most;
    const text =
      outcome.result === 'verified'
        ? String(outcome.cycles)
        : outcome.result === 'violation'
          ? outcome.violation.rule
          : outcome.result;
    return `<a href="#${ids.get(cell) ?? ''}"><text x="0" y="${String(y + 13)}">${escaped(cell.contract.name)}</text></a><rect class="bar" x="110" y="${String(y + 3)}" width="${long.toFixed(1)}" height="12"/><text x="${(116 + long).toFixed(1)}" y="${String(y + 13)}">${escaped(text)}</text>`;
  });
  return `<svg width="640" height="${String(row.length * ROW)}" font-size="12" fill="currentColor" role="img">${bars.join('')}</svg>`;
}

function cyclesOf({ outcome }: CellRecord): number {
  return outcome.result === 'verified' ? outcome.cycles : 0;
}

function nameOf({ port, variant, memory, contract, outcome }: CellRecord): string {
  return `${port} (${variant}), ${memory} pages, ${contract.name}: ${outcome.result}`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
