/**
 * The keys of the page: arrows move along the timeline, except where a control has a use of its own for them.
 */
import type { Laboratory } from '../state/laboratory.ts';

/** The keys as the page explains them. */
export const KEYS: readonly (readonly [keys: string, meaning: string])[] = [
  ['← →', 'a moment back, forward'],
  ['Shift ← →', 'a step back, forward'],
  ['Home End', 'to the beginning, to the end'],
  ['Ctrl Enter', 'run the program, also from inside the editor'],
  ['Ctrl Shift Enter', 'search'],
  ['Escape', 'cancel the search'],
];

/** Whether the element that has the focus takes arrows itself. */
function takesArrows(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('input, select, textarea, summary, [contenteditable], [role=slider]') !== null
  );
}

/** Acts on a key. */
export function onKey(event: KeyboardEvent, lab: Laboratory, last: number): void {
  const move = moveOf(event, lab, last);
  if (move === undefined) return;
  event.preventDefault();
  void move();
}

function moveOf(event: KeyboardEvent, lab: Laboratory, last: number): (() => Promise<void>) | undefined {
  const { key, ctrlKey, metaKey, altKey, shiftKey, target } = event;
  if (key === 'Enter' && (ctrlKey || metaKey)) return () => (shiftKey ? lab.explore() : lab.run());
  if (key === 'Escape') {
    lab.cancel();
    return undefined;
  }
  if (ctrlKey || metaKey || altKey || takesArrows(target)) return undefined;
  switch (key) {
    case 'ArrowRight':
      return () => (shiftKey ? lab.stepWhole(1) : lab.stepBy(1));
    case 'ArrowLeft':
      return () => (shiftKey ? lab.stepWhole(-1) : lab.stepBy(-1));
    case 'Home':
      return () => lab.stepTo(0);
    case 'End':
      return () => lab.stepTo(last);
    default:
      return undefined;
  }
}
