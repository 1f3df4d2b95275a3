/** The trace of a machine in the words of the recordings, for the groups that see map calls. */
import type { Machine, RuleId, TraceEvent } from 'scatterlist/machine';

/** What the recordings call a violation; null for one that the recorded code does not see. */
export type Warnings = Readonly<Partial<Record<RuleId, string | null>>>;

/** Takes the events since the last call. */
export function takeEvents(machine: Machine): readonly TraceEvent[] {
  const { trace } = machine.hardware;
  if (trace === undefined) throw new Error('the machine keeps no trace');
  return trace.take();
}

const NAMES: Readonly<Record<string, readonly [map: string, unmap: string]>> = {
  kmap: ['kmap', 'kunmap'],
  kmap_atomic: ['kmap_atomic', 'kunmap_atomic'],
  kmap_local: ['kmap_local_page', 'kunmap_local'],
};

export function mapEvents(trace: readonly TraceEvent[], warnings: Warnings = {}): readonly unknown[] {
  return trace.flatMap((event): readonly unknown[] => {
    switch (event.event) {
      case 'map':
        return [[NAMES[event.mechanism]?.[0] ?? event.mechanism, event.pfn]];
      case 'unmap':
        return [[NAMES[event.mechanism]?.[1] ?? event.mechanism, event.pfn]];
      case 'flush-dcache-page':
        return [['flush_dcache_page', event.pfn]];
      case 'violation': {
        const tag = warnings[event.rule as RuleId];
        return tag === null ? [] : [['warn', tag ?? event.rule]];
      }
      default:
        return [];
    }
  });
}
