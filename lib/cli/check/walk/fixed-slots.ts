/**
 * The slots of `kmap_atomic(page, KM_USER0)`, which its caller chose before Linux 2.6.37.
 */
import { argumentsOf } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';

/** The slot that a call names. */
export function slotOf(node: Syntax): string | undefined {
  return argumentsOf(node).find(({ text }) => /^KM_\w+$/.test(text))?.text;
}

/** Judges the slots that a function chooses. */
export class FixedSlots {
  private readonly observed: Observed;

  constructor(observed: Observed) {
    this.observed = observed;
  }

  /** A mapping begins in a slot. */
  taken(state: State, mapping: Mapping, node: Syntax): void {
    const { slot, contract } = mapping;
    if (slot === undefined) return;
    const older = state.mappings.find(
      (each) => each.status === 'held' && each.token !== mapping.token && each.slot === slot,
    );
    if (older !== undefined)
      this.observed.see(
        state,
        'slot-taken',
        node,
        older.isVague ? 'warning' : 'error',
        'both mappings last on this path',
        `${contract.name} takes ${slot}, which ${older.contract.name} of line ${String(older.line)} has`,
        older,
      );
    const isOfInterrupts = /IRQ/.test(slot);
    if (isOfInterrupts === state.interruptsOff > 0 || !/^KM_(?:USER|IRQ|BIO_\w+_IRQ)/.test(slot)) return;
    this.observed.see(
      state,
      'slot-taken',
      node,
      'note',
      isOfInterrupts
        ? 'interrupts are not disabled on this path, unless the caller has done that'
        : 'interrupts are disabled on this path',
      isOfInterrupts
        ? `an interrupt may take ${slot} as well`
        : `${slot} is the slot of tasks; the code that is interrupted may have it`,
      mapping,
    );
  }

  /** A mapping ends: the unmap names the same slot. */
  given(state: State, mapping: Mapping, node: Syntax): void {
    const slot = slotOf(node);
    if (slot === undefined || mapping.slot === undefined || slot === mapping.slot) return;
    this.observed.see(
      state,
      'unmap-mismatch',
      node,
      'error',
      'the two calls name different slots',
      `${mapping.contract.name} of line ${String(mapping.line)} maps in ${mapping.slot}, and ${slot} is undone`,
      mapping,
    );
  }
}
