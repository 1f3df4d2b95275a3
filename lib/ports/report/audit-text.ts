/**
 * An audit as text, 80 columns wide.
 */
import type { CallSite } from '../../machine/call-site.ts';
import { siteText } from '../../machine/violation.ts';
import { countSites } from '../audit.ts';
import type { PortAudit, SiteVerdict } from '../audit.ts';
import type { Needs } from '../needs.ts';
import { groupBy, wrapText } from './text.ts';
import type { Paint } from './text.ts';

const INDENT = '          ';

/**
 * The audit of one port: its sites, each with what it needs and what serves it, and what Linux did.
 *
 * @linux none
 */
export function auditLines(audit: PortAudit, paint: Paint, width = 80): readonly string[] {
  const { bold, dim, red } = paint;
  const { port, follows, variant, sites, steps, faults } = audit;
  const own = variant === steps[0]?.variant ? '' : ` (${variant})`;
  const without = steps.filter(({ mapsNothing }) => mapsNothing).map((step) => step.variant);
  return [
    `${bold(port + own)}  ${dim(follows)}`,
    ...sites.flatMap((site) => siteLines(site, paint, width)),
    ...(sites.length === 0 ? ['  maps no page'] : []),
    ...(sites.length > 0 && without.length > 0
      ? rowLines('cheaper', `no map, as ${without.join(', ')}`, width)
      : []),
    ...faults.flatMap((fault) => rowLines('breaks', fault, width).map(red)),
    ...steps.flatMap(({ variant: title, linux }) => rowLines('Linux', `${title}: ${linux}`, width)),
  ];
}

function siteLines(
  site: SiteVerdict,
  { bold, dim, red, green, yellow }: Paint,
  width: number,
): readonly string[] {
  const { best, needs, isLocal } = site;
  const { mechanism } = needs;
  const colour = isLocal ? green : yellow;
  const verdict = mechanism === undefined ? `best: ${best ?? red('no backend')}` : `maps by ${mechanism}`;
  return [
    `  ${colour((isLocal ? 'local' : 'GLOBAL').padEnd(INDENT.length - 2))}${bold(siteText(needs.site))}  ${verdict}`,
    ...rowLines('', needsText(needs), width),
    ...(mechanism === undefined ? rowLines('', whyText(site), width).map(dim) : []),
  ];
}

function rowLines(label: string, text: string, width: number): readonly string[] {
  const [first = '', ...rest] = wrapText(text, width - INDENT.length, '');
  return [`  ${label}`.padEnd(INDENT.length) + first, ...rest.map((line) => INDENT + line)];
}

/** What else would do, and why not those that are cheaper than the best. */
function whyText({ fits, best }: SiteVerdict): string {
  const at = fits.findIndex(({ backend }) => backend === best);
  const cheaper = at < 0 ? fits : fits.slice(0, at);
  const others = at < 0 ? [] : fits.slice(at + 1).filter(({ because }) => because === undefined);
  const also = others.length === 0 ? [] : [`also ${others.map(({ backend }) => backend).join(', ')}`];
  const not = [...groupBy(cheaper, ({ because = '' }) => because)].map(
    ([because, of]) => `not ${of.map(({ backend }) => backend).join(', ')}: ${because}`,
  );
  return [...also, ...not].join('; ');
}

/** What a site needs, every question of the audit in turn. */
export function needsText(needs: Needs): string {
  const { contexts, isAtomic, kinds, pages, heldAtOnce, isReleasedInOrder, usedBy, sleptOn } = needs;
  return [
    `in ${contexts.join(', ')}${isAtomic ? ', atomic' : ''}`,
    `${kinds.join(', ')} pages`,
    ...(pages > 1 ? [`${String(pages)} pages in a row`] : []),
    `${String(heldAtOnce)} at once`,
    ...(heldAtOnce > 1 ? [isReleasedInOrder ? 'newest released first' : 'OLDER released first'] : []),
    usedBy.length > 0 ? `address used by ${usedBy.join(', ')}` : 'address stays in its context',
    ...(needs.isUsedOnOtherCpu ? ['used on another CPU'] : []),
    sleptOn.length > 0 ? `held while it sleeps on ${sleptOn.join(', ')}` : 'no sleep while held',
  ].join('; ');
}

/**
 * The count of local and global sites beside that of 2020.
 *
 * @linux none
 */
export function auditSummary(audits: readonly PortAudit[]): string {
  const { local, global } = countSites(audits);
  const share = local + global === 0 ? 0 : Math.round((100 * local) / (local + global));
  return `${String(local + global)} mapping sites: ${String(local)} local : ${String(global)} global (${String(share)} % local).\nIn 2020, of the kernel's callers of kmap: about nine in ten local.`;
}

/**
 * The audit with its places translated, for example from a built file to its source.
 *
 * @linux none
 */
export function auditAt(
  audit: PortAudit,
  place: (site: CallSite | undefined) => CallSite | undefined,
): PortAudit {
  const sites = audit.sites.map((site) => ({
    ...site,
    needs: { ...site.needs, site: place(site.needs.site) },
  }));
  return { ...audit, sites };
}
