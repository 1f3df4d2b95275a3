/**
 * The slots of `kmap_atomic(page, KM_USER0)`, which its caller chose before Linux 2.6.37.
 */
import { argumentsOf } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Observed } from './observed.ts';
import type { Mapping, State } from './state.ts';
import { mappingText, shortened } from './walked.ts';

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
    const { slot } = mapping;
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
        'both are mapped on this path',
        `${mapping.call} takes the slot ${slot}, in which ${mappingText(older)} is still mapped`,
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
        ? `${mapping.call} takes a slot of interrupts; an interrupt that comes meanwhile may take it as well`
        : `${mapping.call} takes a slot of tasks; the task that was interrupted may have it`,
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
      `${shortened(node.text)} unmaps the slot ${slot}, and ${mappingText(mapping)} took ${mapping.slot}`,
      mapping,
      'another slot',
    );
  }
}
