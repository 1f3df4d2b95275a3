/**
 * The handle of an interrupt: where it arrives. It is dragged along its lane, or moved by keys.
 */
import { html } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { styleMap } from 'lit-html/directives/style-map.js';
import type { ScheduleRun } from '../../session/messages.ts';
import { icon } from '../icons.ts';
import { arrivalsOf, nearestPlace, placeOf } from './arrivals.ts';
import type { Arrival } from './arrivals.ts';
import { LANE_HEIGHT, leftOf } from './geometry.ts';
import type { Geometry } from './geometry.ts';

/** An interrupt of the program, and where it first arrives in the run. */
export interface InterruptLane {
  readonly actor: number;
  readonly name: string;
  /** The place of the decision in the schedule; `undefined` if it does not arrive. */
  readonly arrival: number | undefined;
}

/** Lets an interrupt arrive before a decision. */
export type MoveInterrupt = (actor: number, before: number) => void;

interface Given {
  readonly interrupts: readonly InterruptLane[];
  readonly columns: readonly string[];
  readonly run: ScheduleRun;
  /** The moment that is shown. */
  readonly at: number;
  readonly geometry: Geometry;
  readonly moveInterrupt: MoveInterrupt;
}

/** Where each interrupt of a run arrives. */
export function interruptLanes(
  actors: readonly { readonly index: number; readonly name: string; readonly kind: string }[],
  { decisions }: ScheduleRun,
): readonly InterruptLane[] {
  return actors
    .filter(({ kind }) => kind === 'hardirq' || kind === 'softirq' || kind === 'nmi')
    .map(({ index, name }) => ({
      actor: index,
      name,
      arrival: decisions.find(({ actor }) => actor === index)?.at,
    }));
}

/** Draws the handles over the lanes. */
export function interruptHandles(given: Given): readonly TemplateResult[] {
  return given.interrupts.map((lane) => handle(lane, given));
}

function handle({ actor, name, arrival }: InterruptLane, given: Given): TemplateResult {
  const { columns, run, at, geometry, moveInterrupt } = given;
  const { decisions, moments } = run;
  const arrivals = arrivalsOf(decisions, actor, moments.length);
  const place = placeOf(arrivals, arrival);
  const moment = arrival === undefined ? moments.length : decisions[arrival]?.moment;
  const words =
    arrival === undefined
      ? 'does not arrive'
      : `arrives as decision ${String(arrival)} of ${String(decisions.length)}`;
  const move = (to: number): void => {
    const { before } = arrivals[Math.max(0, Math.min(arrivals.length - 1, to))] ?? {};
    if (before !== undefined && to !== place) moveInterrupt(actor, before);
  };
  return html`<button
    type="button"
    class="handle ${arrival === undefined ? 'absent' : ''}"
    role="slider"
    aria-label="arrival of ${name}"
    aria-valuemin="0"
    aria-valuemax=${arrivals.length}
    aria-valuenow=${place}
    aria-valuetext=${words}
    title="${name} ${words}: drag it, or press ← and →, or Enter for the moment after the one that is shown"
    style=${styleMap({
      left: `${String(leftOf(geometry, moment ?? 0))}px`,
      top: `${String(columns.indexOf(name) * LANE_HEIGHT)}px`,
    })}
    @pointerdown=${(event: PointerEvent) => drag(event, geometry, arrivals, move)}
    @keydown=${(event: KeyboardEvent) => {
      const shown = arrivals.findIndex((one) => one.moment > at);
      const to = event.key === 'Enter' ? shown : keyTarget(event.key, place, arrivals.length - 1);
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      move(to);
    }}
  >
    ${icon('bolt')}
  </button>`;
}

/** Where a key moves the handle. */
function keyTarget(key: string, place: number, last: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return place - 1;
    case 'ArrowRight':
    case 'ArrowUp':
      return place + 1;
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

/** Follows the pointer until it is released; the handle stands where the interrupt would arrive. */
function drag(
  event: PointerEvent,
  geometry: Geometry,
  arrivals: readonly Arrival[],
  move: (to: number) => void,
): void {
  const { currentTarget: button } = event;
  if (!(button instanceof HTMLElement) || button.parentElement === null) return;
  const lane = button.parentElement;
  button.setPointerCapture(event.pointerId);
  button.classList.add('dragged');
  let to: number | undefined;
  const control = new AbortController();
  const follow = (moved: PointerEvent): void => {
    const x = moved.clientX - lane.getBoundingClientRect().left;
    to = nearestPlace(arrivals, geometry.from + x / geometry.width);
    const moment = arrivals[to]?.moment ?? 0;
    button.style.left = `${String(leftOf(geometry, moment))}px`;
  };
  const end = (isDropped: boolean): void => {
    control.abort();
    button.classList.remove('dragged');
    if (isDropped && to !== undefined) move(to);
  };
  const { signal } = control;
  button.addEventListener('pointermove', follow, { signal });
  button.addEventListener('pointerup', () => end(true), { signal });
  button.addEventListener('pointercancel', () => end(false), { signal });
}
