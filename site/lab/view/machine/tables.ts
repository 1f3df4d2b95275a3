/**
 * The parts of the machine that are lists: page table, mappings, pages, device memory, tasks, locks, queues.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { Snapshot } from '../../session/snapshot.ts';
import { compare } from './compare.ts';
import type { Compared } from './compare.ts';
import { emptyRow } from './cpu-panel.ts';
import { signCell } from './marks.ts';
import { counted, hex, names } from './texts.ts';

type Cell = TemplateResult | string | number | typeof nothing;

/** A table that marks what has changed. */
interface Listing<T> {
  readonly title: string;
  readonly aside?: string;
  readonly head: readonly string[];
  readonly now: readonly T[];
  readonly before: readonly T[] | undefined;
  readonly keyOf: (entry: T) => string | number;
  /** The first cell names the row. */
  readonly cells: (entry: T) => readonly [Cell, ...Cell[]];
  readonly empty: string;
}

function listing<T>({ title, aside, head, now, before, keyOf, cells, empty }: Listing<T>): TemplateResult {
  const rows = compare(now, before, keyOf);
  return html`<section class="unit" aria-label=${title}>
    <header>
      <h3>${title}</h3>
      <span class="aside">${aside ?? String(now.length)}</span>
    </header>
    <table class="entries mono">
      ${
        rows.length === 0
          ? nothing
          : html`<thead>
              <tr>
                <td></td>
                ${head.map((text) => html`<th scope="col">${text}</th>`)}
              </tr>
            </thead>`
      }
      <tbody>
        ${rows.length === 0 ? emptyRow(empty) : nothing} ${rows.map((row) => rowOf(row, cells))}
      </tbody>
    </table>
  </section>`;
}

function rowOf<T>(
  { entry, change }: Compared<T>,
  cells: (entry: T) => readonly [Cell, ...Cell[]],
): TemplateResult {
  const [first, ...others] = cells(entry);
  return html`<tr class=${change}>
    ${signCell(change)}
    <th scope="row">${first}</th>
    ${others.map((cell) => html`<td>${cell}</td>`)}
  </tr>`;
}

const lineText = (line: number | undefined): string => (line === undefined ? '–' : String(line));

/** The page table outside of the linear map. */
export function pageTable(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'page table',
    aside: counted(now.pageTable.length, 'entry', 'entries'),
    head: ['address', 'frame', 'area', 'held by'],
    now: now.pageTable,
    before: before?.pageTable,
    keyOf: ({ vaddr }) => vaddr,
    cells: ({ vaddr, pfn, area, holders }) => [hex(vaddr), hex(pfn), area, names(holders)],
    empty: 'nothing is mapped outside of the linear map',
  });
}

/** Mappings that were made and not released. */
export function mappings(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'live mappings',
    head: ['by', 'frames', 'address', 'owner', 'line'],
    now: now.mappings,
    before: before?.mappings,
    keyOf: ({ serial }) => serial,
    cells: ({ mechanism, pfns, vaddr, owner, line }) => [
      mechanism,
      pfns.map(hex).join(' '),
      hex(vaddr),
      owner,
      lineText(line),
    ],
    empty: 'none',
  });
}

const byte = (value: number): string => value.toString(16).padStart(2, '0');

/** Pages that the program uses. */
export function pages(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'pages',
    head: ['frame', 'kind', 'first bytes'],
    now: now.pages,
    before: before?.pages,
    keyOf: ({ pfn }) => pfn,
    cells: ({ pfn, kind, isFree, head }) => [
      hex(pfn),
      isFree ? 'freed' : kind,
      head.length === 0 ? '–' : head.map(byte).join(' '),
    ],
    empty: 'none is used yet',
  });
}

/** Memory that is mapped for devices. */
export function dma(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'DMA mappings',
    head: ['bus address', 'bytes', 'device', 'direction', 'owned by'],
    now: now.dma,
    before: before?.dma,
    keyOf: ({ device, address }) => `${device} ${String(address)}`,
    cells: ({ address, lengthBytes, device, direction, owner }) => [
      hex(address),
      lengthBytes,
      device,
      direction,
      owner,
    ],
    empty: 'none',
  });
}

/** Tasks and their states. */
export function tasks(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'tasks',
    head: ['task', 'state', 'cpu', 'local maps'],
    now: now.tasks,
    before: before?.tasks,
    keyOf: ({ name }) => name,
    cells: ({ name, state, sleepsOn, cpu, localMaps }) => [
      name,
      sleepsOn === undefined ? state : `${state} on ${sleepsOn}`,
      cpu,
      localMaps,
    ],
    empty: 'none has started',
  });
}

/** Wait queues with sleepers. */
export function queues(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'wait queues',
    head: ['queue', 'asleep'],
    now: now.queues,
    before: before?.queues,
    keyOf: ({ name }) => name,
    cells: ({ name, waiting }) => [name, names(waiting)],
    empty: 'no task is asleep',
  });
}

/** Locks that are held. */
export function locks(now: Snapshot, before: Snapshot | undefined): TemplateResult {
  return listing({
    title: 'locks',
    head: ['lock', 'held by'],
    now: now.locks,
    before: before?.locks,
    keyOf: ({ name }) => name,
    cells: ({ name, holders }) => [name, names(holders)],
    empty: 'none is held',
  });
}
