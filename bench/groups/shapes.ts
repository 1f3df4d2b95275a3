/** The groups of the plots: cost against the length of a segment, and against the length of the list. */
import { sgCopyToBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Group, Variant } from '../measure.ts';
import { nativeWalk } from '../native/walk.ts';
import { blOf, handLoop, memcpy } from './copies.ts';
import { PAGE, directMachine, pattern, perPage, same } from './fixture.ts';

const SEGMENTS = [64, 128, 256, 512, 1024, 2048, 4096];
const PAGES = [16, 64, 256, 1024, 4096, 16384];

interface Shape {
  readonly label: string;
  readonly entries: number;
  readonly bytes: number;
}

/** Gathers one list, with one entry per page, with this library, `bl` and the hand loop. Figures are per KiB, to be comparable. */
function ways({ label, entries, bytes }: Shape, withC: boolean): readonly Variant[] {
  const { machine, task } = directMachine(2 * entries + 4096);
  const pages = machine.allocPages(entries, { zone: 'highmem', layout: 'scattered' });
  const whole = pages.map((page) => machine.physical(page));
  const views = whole.map((page) => page.subarray(0, bytes));
  for (const [i, view] of views.entries()) view.set(pattern(bytes, i));
  const table = perPage(pages, 0, bytes);
  const out = new Uint8Array(entries * bytes);
  const target = Buffer.from(out.buffer);
  const list = blOf(views);
  const local = kmapLocal(task);
  const variants: Variant[] = [
    { name: `ours, ${label}`, run: () => void sgCopyToBuffer(table, out, local) },
    { name: `bl, ${label}`, run: () => void list.copy(target) },
    { name: `hand loop, ${label}`, run: handLoop(views, out) },
  ];
  variants[2]!.run();
  const wanted = out.slice();
  for (const variant of variants.slice(0, 2)) {
    out.fill(0);
    variant.run();
    same(out, wanted, variant.name);
  }
  // The addon can hold only one list at a time.
  const c = withC ? nativeWalk(views, out) : undefined;
  if (c !== undefined) variants.push({ name: `C walk, ${label}`, run: c });
  return variants.map((variant) => ({ ...variant, perCall: (entries * bytes) / 1024 }));
}

/** 256 pages, one segment in each. */
export function segments({ smoke }: { readonly smoke: boolean }): Group {
  const entries = smoke ? 16 : 256;
  return {
    name: 'segments',
    title: `gather ${String(entries)} segments, one in each page, ns per KiB`,
    baseline: memcpy(1 << 20),
    variants: SEGMENTS.flatMap((bytes) => ways({ label: `${String(bytes)} bytes`, entries, bytes }, false)),
  };
}

/** Whole pages, from a few that fit into the first cache to more than all caches hold. */
export function lengths({ smoke }: { readonly smoke: boolean }): Group {
  return {
    name: 'lengths',
    title: 'gather lists of whole pages, ns per KiB',
    baseline: memcpy(1 << 20),
    variants: (smoke ? PAGES.slice(0, 2) : PAGES).flatMap((entries) => [
      ...ways({ label: `${String(entries)} pages`, entries, bytes: PAGE }, false),
      {
        ...memcpy(entries * PAGE),
        name: `memcpy, ${String(entries)} pages`,
        perCall: (entries * PAGE) / 1024,
      },
    ]),
  };
}
