/**
 * Happens-before by vector clocks over the trace: locks, wake-ups, sections with preemption or
 * interrupts off on one CPU. Asked only where the program says `dataRaces`.
 */
import { hex } from '../../base/units.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import { accessText } from './last-writers.ts';
import type { End, EndRule, Facts } from './rule.ts';

type MapEvent = Extract<TraceEvent, { readonly mechanism: string }>;
type Access = Extract<TraceEvent, { readonly serial: number; readonly lengthBytes: number }>;

/** How much of each context's past is known, by its name. */
type Clock = Map<string, number>;

interface Seen {
  readonly access: Access;
  /** The context's own time at the access. */
  readonly time: number;
}

/** Two accesses without an order between them. */
export const dataRace: EndRule = {
  id: 'data-race',
  meaning:
    'Two contexts access the same bytes, at least one of them writes, and no lock or wake-up orders the accesses.',
  example: 'Two tasks add one to a counter through local maps, which do not disable preemption.',
  judge(end: End): Facts | undefined {
    if (end.program.dataRaces !== true) return undefined;
    const race = findRace(end.events, end.machine.config.preemptRt);
    if (race === undefined) return undefined;
    const [a, b] = race;
    return {
      what: `${text(a)} and ${text(b)} touch pfn ${hex(b.pfn)} at offset ${String(b.offset)}, and nothing orders them`,
      details:
        end.recorder === undefined
          ? []
          : [
              { label: 'first', text: accessText(end.recorder, a) },
              { label: 'second', text: accessText(end.recorder, b) },
            ],
    };
  },
};

function text(access: Access): string {
  return `a ${access.event} by "${access.by.name}"`;
}

function findRace(events: readonly TraceEvent[], preemptRt: boolean): readonly [Access, Access] | undefined {
  const order = new Order(preemptRt);
  const seen: Seen[] = [];
  for (const event of events) {
    if (event.event !== 'load' && event.event !== 'store') {
      order.note(event);
      continue;
    }
    const clock = order.clockOf(event.by.name);
    const other = seen.find(
      ({ access, time }) =>
        access.by.name !== event.by.name &&
        (access.event === 'store' || event.event === 'store') &&
        meet(access, event) &&
        time > (clock.get(access.by.name) ?? 0),
    );
    if (other !== undefined) return [other.access, event];
    seen.push({ access: event, time: clock.get(event.by.name) ?? 0 });
  }
  return undefined;
}

function meet(a: Access, b: Access): boolean {
  return a.pfn === b.pfn && a.offset < b.offset + b.lengthBytes && b.offset < a.offset + a.lengthBytes;
}

/** What orders contexts. */
class Order {
  readonly #clocks = new Map<string, Clock>();
  /** What the last context to release something knew, by the name of what it released. */
  readonly #given = new Map<string, Clock>();
  private readonly preemptRt: boolean;

  constructor(preemptRt: boolean) {
    this.preemptRt = preemptRt;
  }

  clockOf(name: string): Clock {
    let clock = this.#clocks.get(name);
    if (clock === undefined) {
      clock = new Map([[name, 1]]);
      this.#clocks.set(name, clock);
    }
    return clock;
  }

  note(event: TraceEvent): void {
    switch (event.event) {
      case 'acquire':
        this.#take(event.by.name, event.lock);
        return;
      case 'release':
        this.#give(event.by.name, event.lock);
        return;
      case 'atomic':
        if (event.verb !== 'exchange') return;
        this.#take(event.by.name, `atomic ${event.name}`);
        this.#give(event.by.name, `atomic ${event.name}`);
        return;
      case 'wake':
        this.#give(event.by.name, event.on);
        return;
      case 'irq-enter':
        this.#take(event.by.name, `irqs of cpu${String(event.by.cpu)}`);
        return;
      case 'irq-exit':
        this.#give(event.by.name, `irqs of cpu${String(event.by.cpu)}`);
        return;
      case 'map':
      case 'unmap':
        this.#section(event);
        return;
      default:
    }
  }

  #section({ event, by, pool, isAtomic }: MapEvent): void {
    if (pool !== undefined) this.#take(by.name, pool);
    if (!isAtomic || this.preemptRt) return;
    const section = `preemption of cpu${String(by.cpu)}`;
    if (event === 'map') this.#take(by.name, section);
    else this.#give(by.name, section);
  }

  #take(name: string, from: string): void {
    const clock = this.clockOf(name);
    for (const [other, time] of this.#given.get(from) ?? []) {
      if (time > (clock.get(other) ?? 0)) clock.set(other, time);
    }
  }

  #give(name: string, to: string): void {
    const clock = this.clockOf(name);
    const given = this.#given.get(to) ?? new Map<string, number>();
    for (const [other, time] of clock) if (time > (given.get(other) ?? 0)) given.set(other, time);
    this.#given.set(to, given);
    clock.set(name, (clock.get(name) ?? 0) + 1);
  }
}
