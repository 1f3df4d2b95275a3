/**
 * The computer: memory, page table, CPUs, ledger and trace. Violations are reported to it.
 */
import { ConfigError } from '../base/invariant.ts';
import { isWhole, notWhole, requireWhole } from '../base/whole.ts';
import { AddressMap } from './address-map.ts';
import { SMALL_CHUNK_BYTES } from './arena.ts';
import { callSite } from './call-site.ts';
import type { MachineConfig } from './config.ts';
import { Cpu } from './cpu.ts';
import type { DataCache } from './data-cache.ts';
import { Ledger } from './ledger.ts';
import { LIMITS } from './limits.ts';
import { PhysicalMemory } from './memory.ts';
import { PageStructs } from './page-structs.ts';
import { SpreadArrays } from './spread-arrays.ts';
import { KernelPageTable } from './tlb.ts';
import { Trace } from './trace.ts';
import {
  type BytesState,
  type ContextState,
  type Detail,
  type MappingState,
  type Violation,
  ViolationError,
} from './violation.ts';
import type { RuleId } from './rules.ts';

/** A violation, as a check reports it. */
export interface ViolationFacts {
  readonly rule: RuleId;
  /** `bug` if Linux would stop the operation; `warn` (default) if it would go on. */
  readonly severity?: 'warn' | 'bug';
  readonly what: string;
  readonly context?: ContextState | undefined;
  readonly mapping?: MappingState | undefined;
  readonly details?: readonly Detail[];
  readonly bytes?: BytesState;
}

/** The name of bytes in memory, as the program has it. */
export interface PlaceName {
  /** `stats.bytes`, `page counter+12`. */
  readonly text: string;
  /** The variable or page that they lie in, and where in it. */
  readonly base: string;
  readonly offset: number;
}

/** Names for reports, where a program has some: of bytes of a page, and of a page. */
export interface PlaceNames {
  readonly bytes: (pfn: number, offset: number) => PlaceName | undefined;
  readonly page: (pfn: number) => string | undefined;
}

/** The hardware of one machine. */
export class Hardware {
  readonly config: MachineConfig;
  readonly memory: PhysicalMemory;
  readonly addresses: AddressMap;
  readonly pageTable: KernelPageTable;
  readonly cpus: readonly Cpu[];
  readonly ledger: Ledger = new Ledger();
  /** Set while the machine keeps a trace; the explorer sets its own observer here. */
  trace: Trace | undefined;
  /**
   * Called at the marked points inside mapping functions where an interrupt may arrive on this CPU;
   * variants of the parts call it at their own. Set by `watchPoints`.
   */
  interruptPoint: ((cpu: Cpu, where: string) => void) | undefined = undefined;
  /** Returns the context that is executing, which in a handler is not the task whose slots it uses. */
  executing: (() => { readonly task: unknown; readonly cpu: Cpu; state(): ContextState }) | undefined =
    undefined;
  /** Called when the marked points begin or cease to be watched. */
  whenWatched: (() => void) | undefined = undefined;
  /** The arrays over spread pages that drivers hold. */
  readonly spreadArrays: SpreadArrays = new SpreadArrays(() => this.whenWatched?.());
  /** Set if the machine simulates a data cache. */
  dataCache: DataCache | undefined = undefined;
  /** Names of places in memory; set by what lays variables into it. */
  names: PlaceNames | undefined = undefined;
  /** Finds memory that was handed out and that nothing points to any more; set by what hands it out. */
  lostMemory: (() => Omit<ViolationFacts, 'rule'> | undefined) | undefined = undefined;
  /** Violations so far, if the machine records them instead of throwing. */
  readonly violations: Violation[] = [];

  constructor(config: MachineConfig) {
    this.config = config;
    const sizes = {
      lowmem: config.lowmemPages,
      highmem: config.highmemPages,
      protected: config.protectedPages,
      unmappable: config.unmappablePages,
      directMapsHighmem: !config.highmem,
    };
    const firstChunk = config.mode === 'checked' ? SMALL_CHUNK_BYTES : undefined;
    this.memory = new PhysicalMemory(config.pageSize, sizes, firstChunk);
    if (config.linux === '7.2' && config.gapSections.length > 0) {
      this.memory.pageStructs = new PageStructs(config, config.gapSections, (what) => {
        this.violate({ rule: 'sg-not-contiguous', what });
      });
    }
    this.addresses = new AddressMap({
      pageSize: config.pageSize,
      lowmemPages: this.memory.directEnd,
      pkmapSlots: config.pkmapSlots,
      localSlots: config.kmMaxIdx * config.cpus,
      vmallocPages: config.vmallocPages,
    });
    this.pageTable = new KernelPageTable(this.addresses);
    this.cpus = Array.from({ length: config.cpus }, (_, id) => new Cpu(id));
    this.trace = config.trace ? new Trace(LIMITS.traceEvents) : undefined;
  }

  /** A CPU by its number. */
  cpu(id: number): Cpu {
    const cpu = this.cpus[id];
    if (cpu === undefined)
      throw new ConfigError(`no cpu ${String(id)}: this machine has ${String(this.cpus.length)}`);
    return cpu;
  }

  /** Sets or removes the function that is called at the marked points. */
  watchPoints(interruptPoint: ((cpu: Cpu, where: string) => void) | undefined): void {
    this.interruptPoint = interruptPoint;
    this.whenWatched?.();
  }

  /** `flush_tlb_one_kernel`: drops one page from this CPU's TLB only. */
  flushPageLocal(cpu: Cpu, pageAddr: number): void {
    cpu.tlb.flushPage(pageAddr);
    this.ledger.flushesLocal += 1;
    this.trace?.record({ event: 'flush-page', cpu: cpu.id, vaddr: pageAddr });
  }

  /** `flush_tlb_kernel_range`: drops a range from every CPU's TLB, with an interrupt to each other CPU. */
  flushRangeGlobal(from: number, to: number): void {
    for (const cpu of this.cpus) cpu.tlb.flushRange(from, to);
    this.ledger.flushesGlobal += 1;
    this.ledger.ipis += this.cpus.length - 1;
    this.trace?.record({ event: 'flush-range', from, to });
  }

  /** Loads the page directory anew on every CPU (CR3): drops every TLB entry that is not global. */
  reloadPageDirectory(): void {
    if (!this.config.globalPages) for (const cpu of this.cpus) cpu.tlb.flushRange(0, Infinity);
    this.ledger.flushesGlobal += 1;
    this.ledger.ipis += this.cpus.length - 1;
    this.trace?.record({ event: 'flush-range', from: 0, to: this.config.globalPages ? 0 : Infinity });
  }

  /** `flush_cache_all`, where the data cache has aliases. */
  flushAliases(): void {
    if (this.config.dcacheColours > 1) this.dataCache?.flushAll();
  }

  /** Writes back and drops the lines of a page at one address, where the data cache has aliases. */
  flushAlias(pfn: number, vaddr: number): void {
    const { dataCache, config } = this;
    requireWhole('pfn', pfn);
    requireWhole('vaddr', vaddr);
    const page = this.memory.pageAt(pfn);
    if (dataCache === undefined || page === undefined || config.dcacheColours <= 1) return;
    dataCache.flush(page, dataCache.colourOf(vaddr), 0, config.pageSize);
  }

  /**
   * Reports a number that a function cannot take, and throws. A compatible machine takes any whole number, because C
   * converts it; what is no whole number has no counterpart in C.
   */
  checkNumber(by: { state(): ContextState }, name: string, n: number, most: number, least = 0): void {
    if ((isWhole(n, most) && n >= least) || (this.config.semantics === 'compatible' && Number.isInteger(n)))
      return;
    this.violate({
      rule: 'bad-number',
      severity: 'bug',
      what: notWhole(name, n, least, most),
      context: by.state(),
    });
  }

  /** Reports a violation, with the call site if the machine records call sites. */
  violate(facts: ViolationFacts): void {
    this.report({
      rule: facts.rule,
      severity: facts.severity ?? 'warn',
      what: facts.what,
      context: facts.context,
      mapping: facts.mapping,
      details: facts.details ?? [],
      foundAt: this.config.callSites ? callSite(LIMITS.reportFrames) : undefined,
      ...(facts.bytes !== undefined && { bytes: facts.bytes }),
    });
  }

  /**
   * Handles a violation: throws it, passes it to the machine's handler, or records it. If Linux would stop (BUG), it is
   * always thrown after it was recorded, because the operation must end.
   */
  report(violation: Violation): void {
    this.trace?.record({ event: 'violation', rule: violation.rule, what: violation.what });
    const policy = this.config.onViolation;
    if (policy === 'throw') throw new ViolationError(violation);
    if (policy === 'record') this.violations.push(violation);
    else policy(violation);
    if (violation.severity === 'bug') throw new ViolationError(violation);
  }
}
