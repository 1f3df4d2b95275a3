/**
 * An audit: what each mapping site of a port was observed to need, and so which backends would serve it.
 *
 * There is no list of verdicts: a port that is changed gets another one.
 */
import type { MachineOptions } from '../machine/config.ts';
import { resolveConfig } from '../machine/config.ts';
import { COLUMNS } from './column.ts';
import type { Column } from './column.ts';
import { conflictsOf } from './expectation.ts';
import type { Needs } from './needs.ts';
import { observe } from './observe.ts';
import type { LoadedPort } from './port.ts';
import { pageFaultReliance, preemptionReliance } from './reliance.ts';
import type { Reliance } from './reliance.ts';
import { WrongBytesError } from './same-bytes.ts';

/** A backend, and why it does not serve a site if it does not. */
export interface Fit {
  readonly backend: string;
  /** The first term of the contract that the site does not fit; undefined if it fits all. */
  readonly because: string | undefined;
}

/** The verdict on one mapping site. */
export interface SiteVerdict {
  readonly needs: Needs;
  /** Whether only the context that mapped used the address: then a mapping of the CPU or the task is enough. */
  readonly isLocal: boolean;
  /** Every backend, the cheapest first. */
  readonly fits: readonly Fit[];
  /** The cheapest backend that serves the site, if one does. */
  readonly best: string | undefined;
  /** Whether it relies on page faults being disabled by the map, as `kmap_atomic` does. */
  readonly pageFaults: Reliance;
  /** The same for preemption. */
  readonly preemption: Reliance;
  /** What a conversion to the best backend has to call itself, because its map does not: `pagefault_disable`. */
  readonly adds: readonly string[];
}

/** A way that Linux took or was offered. */
export interface Step {
  readonly variant: string;
  readonly about: string;
  readonly linux: string;
  /** Whether it was observed to map no page at all: then no backend is needed. */
  readonly mapsNothing: boolean;
  /** Whether only copy helpers were observed to map: then the driver holds no mapping. */
  readonly isHelped: boolean;
}

/** The audit of one variant of a port. */
export interface PortAudit {
  readonly port: string;
  readonly follows: string;
  readonly about: string;
  readonly variant: string;
  readonly sites: readonly SiteVerdict[];
  /** Rules that the port breaks although every mapping is allowed, and errors with which it ends. */
  readonly faults: readonly string[];
  readonly steps: readonly Step[];
}

/** From the cheapest: an address that is there already, a slot of the CPU, a slot that is shared, page tables of its own. */
const CHEAPEST_FIRST = ['page_address', 'kmap_local', 'kmap_atomic', 'kmap', 'vmap', 'io_access', 'pgmap'];

/**
 * Runs a variant of a port on each of its kinds of memory, observes it, and compares each site with the contracts.
 *
 * @linux none
 */
export function auditPort(
  loaded: LoadedPort,
  variant: string,
  columns: readonly Column[] = COLUMNS,
  options: MachineOptions = { highmem: true },
): PortAudit {
  const { port } = loaded;
  const { needs, faults } = seen(loaded, variant);
  const sites = needs.map((site) => verdictOn(site, columns, options, faults.length === 0));
  const steps = Object.entries(port.variants).map(([title, { about, linux }]) => {
    const of = title === variant ? { needs, faults } : seenOf(loaded, title);
    const isRight = of?.faults.length === 0;
    return {
      variant: title,
      about,
      linux,
      mapsNothing: isRight && of.needs.length === 0,
      isHelped: isRight && of.needs.length > 0 && of.needs.every(({ isHelper }) => isHelper),
    };
  });
  return { port: port.name, follows: port.follows, about: port.about, variant, sites, faults, steps };
}

interface SitesSeen {
  readonly needs: readonly Needs[];
  readonly faults: readonly string[];
}

/** What was seen of another variant; undefined if it moves wrong bytes. */
function seenOf(loaded: LoadedPort, variant: string): SitesSeen | undefined {
  try {
    return seen(loaded, variant);
  } catch (error) {
    if (error instanceof WrongBytesError) return undefined;
    throw error;
  }
}

function seen(loaded: LoadedPort, variant: string): SitesSeen {
  const sites = new Map<string, Needs>();
  const faults = new Set<string>();
  for (const memory of loaded.port.memory) {
    const { needs, violation, error } = observe(loaded, variant, memory);
    if (violation !== undefined) faults.add(`${violation.rule}: ${violation.what}`);
    if (error !== undefined) faults.add(error.code);
    for (const each of needs) {
      const { site, mechanism } = each;
      const key = `${site?.file ?? ''}:${String(site?.line)}:${String(site?.column)} ${mechanism ?? ''}`;
      const before = sites.get(key);
      sites.set(key, before === undefined ? each : together(before, each));
    }
  }
  return { needs: [...sites.values()], faults: [...faults] };
}

function together(a: Needs, b: Needs): Needs {
  const union = <T>(one: readonly T[], other: readonly T[]): readonly T[] => [...new Set([...one, ...other])];
  return {
    ...a,
    maps: a.maps + b.maps,
    kinds: union(a.kinds, b.kinds),
    contexts: union(a.contexts, b.contexts),
    isAtomic: a.isAtomic || b.isAtomic,
    pages: Math.max(a.pages, b.pages),
    heldAtOnce: Math.max(a.heldAtOnce, b.heldAtOnce),
    heldOfBackendAtOnce: Math.max(a.heldOfBackendAtOnce, b.heldOfBackendAtOnce),
    isReleasedInOrder: a.isReleasedInOrder && b.isReleasedInOrder,
    usedBy: union(a.usedBy, b.usedBy),
    isUsedOnOtherCpu: a.isUsedOnOtherCpu || b.isUsedOnOtherCpu,
    sleptOn: union(a.sleptOn, b.sleptOn),
    isHelper: a.isHelper && b.isHelper,
    isFaulting: a.isFaulting || b.isFaulting,
    userTouches: union(a.userTouches, b.userTouches),
    isPreemptible: a.isPreemptible || b.isPreemptible,
    readsCpu: a.readsCpu || b.readsCpu,
    preemptedBy: union(a.preemptedBy, b.preemptedBy),
  };
}

function verdictOn(
  needs: Needs,
  columns: readonly Column[],
  options: MachineOptions,
  isRight: boolean,
): SiteVerdict {
  const config = resolveConfig(options);
  const byCost = [...columns].sort((a, b) => rank(a) - rank(b)).map(({ contract }) => contract);
  const fits = byCost.map((contract) => ({
    backend: contract.name,
    because: conflictsOf(contract, needs, config)[0]?.because,
  }));
  const best = fits.find(({ because }) => because === undefined)?.backend;
  const pageFaults = pageFaultReliance(needs);
  const preemption = preemptionReliance(needs, isRight);
  const contract = byCost.find(({ name }) => name === best);
  const disabled = config.preemptRt ? contract?.disablesRt : contract?.disables;
  const adds = [
    ...(pageFaults.relied === 'yes' && disabled?.includes('pageFaults') === false
      ? ['pagefault_disable']
      : []),
    ...(preemption.relied === 'yes' && disabled?.includes('preemption') === false ? ['preempt_disable'] : []),
  ];
  return { needs, isLocal: needs.usedBy.length === 0, fits, best, pageFaults, preemption, adds };
}

function rank({ contract: { name } }: Column): number {
  const at = CHEAPEST_FIRST.indexOf(name);
  return at < 0 ? CHEAPEST_FIRST.length : at;
}

/** How many sites are local, and how many are global. */
export interface SiteCount {
  readonly local: number;
  readonly global: number;
}

/**
 * Counts the sites whose address stays in the context that mapped, and those where it does not.
 *
 * @linux none
 */
export function countSites(audits: readonly PortAudit[]): SiteCount {
  const sites = audits.flatMap(({ sites: of }) => of);
  const local = sites.filter(({ isLocal }) => isLocal).length;
  return { local, global: sites.length - local };
}
