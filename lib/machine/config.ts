/**
 * The options of `createMachine`, their defaults and their bounds.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { configWhole } from '../base/whole.ts';
import { LIMITS } from './limits.ts';
import type { Violation } from './violation.ts';

/** The Linux version that a machine follows if versions differ. */
export type LinuxVersion = '7.2' | '6.1';

/** Options of a machine; each has Linux's value, or the reasoned default of `LIMITS`. */
export interface MachineOptions {
  /**
   * `checked`: every access goes through TLB, page table and protection, and every broken contract is
   * reported. `direct`: accesses go to memory without checks; slots, counters and order checks stay exact.
   */
  readonly mode?: 'checked' | 'direct';
  /** The Linux version to follow if versions differ. Default 7.2. */
  readonly linux?: LinuxVersion;
  /** `strict` refuses Linux's quirks with a clear report; `compatible` reproduces them bit for bit. */
  readonly semantics?: 'strict' | 'compatible';
  /** What happens on a violation: throw it (default), or record it and go on as Linux would. */
  readonly onViolation?: 'throw' | 'record' | ((violation: Violation) => void);
  readonly cpus?: number;
  readonly pageSize?: number;
  readonly lowmemPages?: number;
  readonly highmemPages?: number;
  readonly protectedPages?: number;
  readonly unmappablePages?: number;
  /** `CONFIG_HIGHMEM`. Without it the highmem pages have permanent addresses, as on a 64-bit kernel. */
  readonly highmem?: boolean;
  /** `CONFIG_PREEMPT_RT` instead of `CONFIG_PREEMPT`. */
  readonly preemptRt?: boolean;
  /** `DEBUG_KMAP_LOCAL`: guard slots between local maps. */
  readonly debugKmapLocal?: boolean;
  /** `DEBUG_KMAP_LOCAL_FORCE_MAP`: local maps for lowmem pages too; implies guard slots. */
  readonly forceMap?: boolean;
  /** `ARCH_NEEDS_KMAP_HIGH_GET`: local maps reuse a live kmap of the page. */
  readonly kmapHighGet?: boolean;
  /** `LAST_PKMAP`. */
  readonly pkmapSlots?: number;
  /** Cache colours of the kmap pool; 1 for none. */
  readonly pkmapColours?: number;
  /** What a full pool flushes: all unused slots, as in Linux, or one page, as was proposed on the mailing list. */
  readonly pkmapFlush?: 'all' | 'single';
  /** `KM_MAX_IDX`. */
  readonly kmMaxIdx?: number;
  readonly vmallocPages?: number;
  readonly bounceSlots?: number;
  /** A cache that must be written back on unmap (`ARCH_HAS_FLUSH_ON_KUNMAP`). */
  readonly cacheAliasing?: boolean;
  /**
   * The number of colours of a simulated data cache, on checked machines. With 1, lines are found by physical address;
   * with more, mappings of different colours can have different contents, and the kernel writes lines back where a map
   * begins or ends. Default 0: no cache, memory is coherent.
   */
  readonly dcacheColours?: number;
  /** `X86_FEATURE_PGE`: TLB entries of the kernel's own mappings survive a reload of the page directory. */
  readonly globalPages?: boolean;
  /** `PAGES_PER_SECTION` of a machine that keeps its page structs per section. */
  readonly pagesPerSection?: number;
  /** Sections whose page structs do not follow those of the section before. Default none. */
  readonly gapSections?: readonly number[];
  /**
   * Report loads of bytes that were not written since their page was allocated, on checked machines; a
   * page whose bytes are handed out as an array counts as written. Default off.
   */
  readonly trackUninitialised?: boolean;
  /** Keep the event trace: what happened, in order. Default off; it costs more than checking does. */
  readonly trace?: boolean;
  /** Remember the caller's line of each mapping. Default: on for checked machines. */
  readonly callSites?: boolean;
}

/** The options with every default filled in. */
export type MachineConfig = Required<MachineOptions>;

// In the order of the interface above.
const OPTIONS: Readonly<Record<keyof MachineOptions, Accepts>> = {
  mode: ['checked', 'direct'],
  linux: ['7.2', '6.1'],
  semantics: ['strict', 'compatible'],
  onViolation: 'anything',
  cpus: 'number',
  pageSize: 'number',
  lowmemPages: 'number',
  highmemPages: 'number',
  protectedPages: 'number',
  unmappablePages: 'number',
  highmem: 'boolean',
  preemptRt: 'boolean',
  debugKmapLocal: 'boolean',
  forceMap: 'boolean',
  kmapHighGet: 'boolean',
  pkmapSlots: 'number',
  pkmapColours: 'number',
  pkmapFlush: ['all', 'single'],
  kmMaxIdx: 'number',
  vmallocPages: 'number',
  bounceSlots: 'number',
  cacheAliasing: 'boolean',
  dcacheColours: 'number',
  globalPages: 'boolean',
  pagesPerSection: 'number',
  gapSections: 'object',
  trackUninitialised: 'boolean',
  trace: 'boolean',
  callSites: 'boolean',
};

/** The most pages. A page-table entry stores the frame number + 1 in 32 bits; the rest is left for devices. */
const MOST_PAGES = 2 ** 31 - 2 ** 22;

interface Bounds {
  readonly least: number;
  readonly most: number;
}

function check(name: keyof MachineOptions, value: number, { least, most }: Bounds): void {
  configWhole(name, value, least, most);
}

function checkOthers({ onViolation, gapSections }: MachineConfig): void {
  if (onViolation !== 'throw' && onViolation !== 'record' && typeof onViolation !== 'function')
    throw new ConfigError(
      `onViolation is '${String(onViolation)}'; it must be 'throw', 'record' or a function`,
    );
  const sections: unknown = gapSections;
  if (!Array.isArray(sections))
    throw new ConfigError('gapSections is an object; it must be an array of section numbers');
  for (const section of gapSections) configWhole('a section of gapSections', section, 0, 2 ** 30);
}

function checkPowerOfTwo(name: keyof MachineOptions, value: number): void {
  if ((value & (value - 1)) !== 0)
    throw new ConfigError(`${name} is ${String(value)}; it must be a power of two`);
}

// The size of the area is fixed in bytes, so larger pages are fewer; smaller ones are limited to a useful number.
function defaultVmallocPages(pageSize: number): number {
  return Math.floor(LIMITS.vmallocPages * Math.min(1, LIMITS.pageSize / pageSize));
}

/** Fills in the defaults and refuses impossible values. */
export function resolveConfig(options: MachineOptions): MachineConfig {
  checkOptions('createMachine', options, OPTIONS);
  const mode = options.mode ?? 'checked';
  const forceMap = options.forceMap ?? false;
  const debugKmapLocal = (options.debugKmapLocal ?? false) || forceMap;
  const config: MachineConfig = {
    mode,
    linux: options.linux ?? '7.2',
    semantics: options.semantics ?? 'strict',
    // Null is refused below, not taken for a default.
    onViolation: options.onViolation === undefined ? 'throw' : options.onViolation,
    cpus: options.cpus ?? LIMITS.cpus,
    pageSize: options.pageSize ?? LIMITS.pageSize,
    lowmemPages: options.lowmemPages ?? LIMITS.lowmemPages,
    highmemPages: options.highmemPages ?? LIMITS.highmemPages,
    protectedPages: options.protectedPages ?? 0,
    unmappablePages: options.unmappablePages ?? 0,
    highmem: options.highmem ?? true,
    preemptRt: options.preemptRt ?? false,
    debugKmapLocal,
    forceMap,
    kmapHighGet: options.kmapHighGet ?? false,
    pkmapSlots: options.pkmapSlots ?? LIMITS.pkmapSlots,
    pkmapColours: options.pkmapColours ?? 1,
    pkmapFlush: options.pkmapFlush ?? 'all',
    kmMaxIdx: options.kmMaxIdx ?? (debugKmapLocal ? LIMITS.kmMaxIdxDebug : LIMITS.kmMaxIdx),
    vmallocPages: options.vmallocPages ?? defaultVmallocPages(options.pageSize ?? LIMITS.pageSize),
    bounceSlots: options.bounceSlots ?? LIMITS.bounceSlots,
    cacheAliasing: options.cacheAliasing ?? false,
    dcacheColours: options.dcacheColours ?? 0,
    globalPages: options.globalPages ?? true,
    pagesPerSection: options.pagesPerSection ?? LIMITS.pagesPerSection,
    gapSections: options.gapSections ?? [],
    trackUninitialised: options.trackUninitialised ?? false,
    trace: options.trace ?? false,
    callSites: options.callSites ?? mode === 'checked',
  };
  check('cpus', config.cpus, { least: 1, most: LIMITS.cpusMost });
  check('pageSize', config.pageSize, { least: 256, most: 65536 });
  checkPowerOfTwo('pageSize', config.pageSize);
  for (const name of ['lowmemPages', 'highmemPages', 'protectedPages', 'unmappablePages'] as const) {
    check(name, config[name], { least: 0, most: 2 ** 30 });
  }
  check('pkmapSlots', config.pkmapSlots, { least: 1, most: 65536 });
  checkPowerOfTwo('pkmapSlots', config.pkmapSlots);
  check('pkmapColours', config.pkmapColours, { least: 1, most: config.pkmapSlots });
  checkPowerOfTwo('pkmapColours', config.pkmapColours);
  check('kmMaxIdx', config.kmMaxIdx, { least: 2, most: 256 });
  check('vmallocPages', config.vmallocPages, { least: 0, most: 2 ** 20 });
  check('pagesPerSection', config.pagesPerSection, { least: 1, most: 2 ** 30 });
  check('dcacheColours', config.dcacheColours, { least: 0, most: 256 });
  const pages = config.lowmemPages + config.highmemPages + config.protectedPages + config.unmappablePages;
  configWhole('the sum of all pages', pages, 0, MOST_PAGES);
  checkOthers(config);
  check('bounceSlots', config.bounceSlots, { least: 1, most: 2 ** 20 });
  return config;
}
