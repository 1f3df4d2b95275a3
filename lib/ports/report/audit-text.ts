/**
 * An audit as text, 80 columns wide.
 */
import { hangingLines } from '../../base/text-lines.ts';
import type { CallSite } from '../../machine/call-site.ts';
import { siteText } from '../../machine/violation.ts';
import { countSites } from '../audit.ts';
import type { PortAudit, SiteVerdict, Step } from '../audit.ts';
import type { Needs } from '../needs.ts';
import type { Reliance } from '../reliance.ts';
import { groupBy } from './text.ts';
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
  const others = steps.filter((step) => step.variant !== variant);
  const titles = (of: readonly Step[]): string => of.map((step) => step.variant).join(', ');
  const without = others.filter(({ mapsNothing }) => mapsNothing);
  const helped = others.filter(({ isHelped }) => isHelped);
  return [
    `${bold(port + own)}  ${dim(follows)}`,
    ...sites.flatMap((site) => siteLines(site, paint, width)),
    ...(sites.length === 0 ? [`  ${withoutSites(audit)}`] : []),
    ...(sites.length > 0 && without.length > 0
      ? rowLines('cheaper', `no map, as ${titles(without)}`, width)
      : []),
    ...(sites.length > 0 && helped.length > 0
      ? rowLines('simpler', `no map of its own, as ${titles(helped)}`, width)
      : []),
    ...faults.flatMap((fault) => rowLines('breaks', fault, width).map(red)),
    ...steps.flatMap(({ variant: title, linux }) => rowLines('Linux', `${title}: ${linux}`, width)),
  ];
}

/** What is said of a variant that maps no page. */
export const MAPS_NOTHING = 'maps no page, so no backend is needed';

/** What is said of an audit without sites. */
export function withoutSites({ faults }: PortAudit): string {
  return faults.length === 0 ? MAPS_NOTHING : 'no mapping was observed before it broke a rule';
}

function siteLines(site: SiteVerdict, paint: Paint, width: number): readonly string[] {
  const { bold, dim, green, yellow } = paint;
  const { needs, isLocal } = site;
  const colour = isLocal ? green : yellow;
  return [
    `  ${colour((isLocal ? 'local' : 'GLOBAL').padEnd(INDENT.length - 2))}${bold(siteText(needs.site))}  ${verdictText(site, paint)}`,
    ...(needs.isHelper ? rowLines('', HELPED, width) : []),
    ...rowLines('', needsText(needs), width),
    ...rowLines('', relianceText(site), width),
    ...rowLines('', whyText(site), width).map(dim),
  ];
}

/** What is said of a site that is a call of a copy helper. */
export const HELPED = 'a copy helper, which maps and releases by itself: the driver holds no mapping';

/** The best backend, with what a conversion to it adds; or the function by which the port maps itself. */
export function verdictText({ best, needs, adds }: SiteVerdict, { red }: Paint): string {
  if (needs.mechanism !== undefined) return `maps by ${needs.mechanism}`;
  return `best: ${best ?? red('no backend')}${adds.length === 0 ? '' : ` with ${adds.join(' and ')}`}`;
}

/** Whether the site relies on what `kmap_atomic` disables. */
function relianceText({ pageFaults, preemption }: SiteVerdict): string {
  const of = (what: string, { relied, because }: Reliance): string =>
    `${what} off: ${relied === 'yes' ? 'RELIED ON' : relied === 'no' ? 'not relied on' : relied}, ${because}`;
  return `${of('page faults', pageFaults)}; ${of('preemption', preemption)}`;
}

function rowLines(label: string, text: string, width: number): readonly string[] {
  return hangingLines(`  ${label}`.padEnd(INDENT.length), text, width);
}

/** Every backend: those that serve the site, the cheapest first, and why the others do not. */
function whyText({ fits }: SiteVerdict): string {
  const serve = fits.filter(({ because }) => because === undefined).map(({ backend }) => backend);
  const others = fits.filter(({ because }) => because !== undefined);
  const not = [...groupBy(others, ({ because = '' }) => because)].map(
    ([because, of]) => `not ${of.map(({ backend }) => backend).join(', ')}: ${because}`,
  );
  const [best, ...also] = serve;
  const served = [
    best === undefined ? 'served by no backend' : `served by ${best}, the cheapest`,
    ...(also.length === 0 ? [] : [`also ${also.join(', ')}`]),
  ];
  return [...served, ...not].join('; ');
}

/** What a site needs, every question of the audit in turn. */
function needsText(needs: Needs): string {
  const { contexts, isAtomic, kinds, pages, heldAtOnce, isReleasedInOrder, usedBy, sleptOn } = needs;
  return [
    `in ${contexts.join(', ')}${isAtomic ? ', atomic' : ''}`,
    `${kinds.join(', ')} pages`,
    pages > 1 ? `${String(pages)} pages in a row` : '1 page each',
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
  const isWhole = new Set(audits.map(({ port }) => port)).size < audits.length;
  return `${String(local + global)} mapping sites${isWhole ? ' of all variants' : ''}: ${String(local)} local : ${String(global)} global (${String(share)} % local).\n${COUNT_OF_2020}`;
}

/** The count that the threads speak of, and why the ports have another. */
const COUNT_OF_2020 = `In 2020 the kernel's callers of kmap were counted by hand: 204 local : 22
global (90 % local). The ports follow mostly those 22 and others that were
disputed, so their share is lower, and says little about all callers.`;

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
