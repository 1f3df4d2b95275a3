/** Groups that gather and scatter with the copy helpers, compared with the hand loop and `bl`. */
import BufferList from 'bl';
import { Uint8ArrayList } from 'uint8arraylist';
import { SgMiter, sgCopyFromBuffer, sgCopyToBuffer, sgPcopyToBuffer } from 'scatterlist';
import type { SgList, MemoryKind } from 'scatterlist';
import { iomemBounce, kmap, kmapLocal, pageAddress } from 'scatterlist/backends';
import type { Group, Variant } from '../measure.ts';
import { nativeWalk } from '../native/walk.ts';
import { usersOwn } from './mapping.ts';
import { MIB, PAGE, directMachine, fromPages, pattern, perPage, same, touchApart } from './fixture.ts';

export function memcpy(bytes: number): Variant {
  const from = pattern(bytes);
  const to = new Uint8Array(bytes);
  return {
    name: `one memcpy of ${String(bytes)} bytes`,
    run: () => {
      to.set(from);
    },
  };
}

/** The hand loop: one call of `set` for each view, on views made beforehand. */
export function handLoop(views: readonly Uint8Array[], out: Uint8Array): () => void {
  return () => {
    let at = 0;
    for (let i = 0; i < views.length; i += 1) {
      const view = views[i]!;
      out.set(view, at);
      at += view.length;
    }
  };
}

export function blOf(views: readonly Uint8Array[]): BufferList {
  const list = new BufferList();
  for (const view of views)
    list.append(Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.length));
  return list;
}

export const gather = (): Group => gatherFrom('gather', false);
export const gatherApart = (): Group => gatherFrom('gatherApart', true);

function gatherFrom(name: string, apart: boolean): Group {
  const { machine, task } = directMachine();
  const high = machine.allocPages(256, { zone: 'highmem', layout: 'scattered' });
  const low = machine.allocPages(256, { zone: 'lowmem', layout: 'scattered' });
  if (apart) for (const pages of [high, low]) touchApart(machine, pages);
  const device = machine.ioRegion(512).filter((_, i) => i % 2 === 0);
  const source = pattern(MIB);
  for (const pages of [high, low, device]) {
    for (const [i, page] of pages.entries())
      machine.physical(page).set(source.subarray(i * PAGE, (i + 1) * PAGE));
  }
  const [highTable, lowTable, deviceTable] = [fromPages(high), fromPages(low), fromPages(device)];
  const views = high.map((page) => machine.physical(page));
  const lowViews = low.map((page) => machine.physical(page));
  const out = new Uint8Array(MIB);
  const local = kmapLocal(task);
  const own = usersOwn(task, true);
  const pool = kmap(task);
  const permanent = pageAddress(task);
  const bounce = iomemBounce(task);
  const list = blOf(views);
  const target = Buffer.from(out.buffer);
  const miter = (): void => {
    const it = new SgMiter(highTable, local, 'fromSg');
    let at = 0;
    while (it.next().value) {
      out.set(it.bytes, at);
      at += it.length;
    }
    it.stop();
  };
  const variants: Variant[] = [
    { name: 'sgCopyToBuffer, kmap_local', run: () => void sgCopyToBuffer(highTable, out, local) },
    { name: "sgCopyToBuffer, a user's own with pass", run: () => void sgCopyToBuffer(highTable, out, own) },
    { name: 'sgCopyToBuffer, page_address', run: () => void sgCopyToBuffer(lowTable, out, permanent) },
    // Made of the same pages, because their place in the memory of the host alone changes a copy by up to eight per cent.
    { name: 'hand loop over the lowmem pages', run: handLoop(lowViews, out) },
    { name: 'sgCopyToBuffer, kmap', run: () => void sgCopyToBuffer(highTable, out, pool) },
    { name: 'sgCopyToBuffer, iomem_bounce', run: () => void sgCopyToBuffer(deviceTable, out, bounce) },
    { name: 'SgMiter by hand, kmap_local', run: miter },
    { name: 'bl.copy', run: () => void list.copy(target) },
    memcpy(MIB),
  ];
  for (const variant of variants.slice(0, -1)) {
    out.fill(0);
    variant.run();
    same(out, source, variant.name);
  }
  const c = nativeWalk(views, out);
  if (c !== undefined) variants.push({ name: 'the same walk in C', run: c });
  return {
    name,
    title: `gather 256 x 4 KiB scattered pages into a buffer${apart ? ', frames apart in the host too' : ''}`,
    baseline: { name: 'hand loop over cached views', run: handLoop(views, out) },
    variants,
  };
}

/** A group of its own, because its allocations would slow down the other rows. */
export function gatherNew(): Group {
  const { machine, task } = directMachine();
  const pages = machine.allocPages(256, { zone: 'highmem', layout: 'scattered' });
  const table = fromPages(pages);
  const source = pattern(MIB);
  const local = kmapLocal(task);
  sgCopyFromBuffer(table, source, local);
  const views = pages.map((page) => machine.physical(page));
  const list = blOf(views);
  const other = new Uint8ArrayList(...views);
  const ways: Readonly<Record<string, () => Uint8Array>> = {
    'hand loop into a new buffer': () => {
      const out = Buffer.allocUnsafe(MIB);
      handLoop(views, out)();
      return out;
    },
    'sgCopyToBuffer into a new buffer': () => {
      const out = Buffer.allocUnsafe(MIB);
      sgCopyToBuffer(table, out, local);
      return out;
    },
    'bl.slice': () => list.slice(),
    'Buffer.concat': () => Buffer.concat(views),
    'uint8arraylist.slice': () => other.slice(),
  };
  const variants = Object.entries(ways).map(([name, make]): Variant => {
    same(make(), source, name);
    return { name, run: () => void make() };
  });
  return {
    name: 'gatherNew',
    title: 'gather 256 x 4 KiB scattered pages into a new buffer',
    baseline: variants[0]!,
    variants: variants.slice(1),
  };
}

export function scatter(): Group {
  const { machine, task } = directMachine();
  const pages = machine.allocPages(256, { zone: 'highmem', layout: 'scattered' });
  const table = fromPages(pages);
  const source = Buffer.from(pattern(MIB).buffer);
  const flat = new Uint8Array(source.buffer);
  const views = pages.map((page) => machine.physical(page));
  const chunks = views.map((view) => Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.length));
  const parts = views.map((_, i) => flat.subarray(i * PAGE, (i + 1) * PAGE));
  const local = kmapLocal(task);
  const ours = (): void => void sgCopyFromBuffer(table, flat, local);
  ours();
  for (const [i, view] of views.entries()) same(view, parts[i]!, 'scatter');
  return {
    name: 'scatter',
    title: 'scatter a buffer over 256 x 4 KiB pages',
    baseline: {
      name: 'loop of Buffer.copy',
      run: () => {
        for (let i = 0; i < chunks.length; i += 1) source.copy(chunks[i]!, 0, i * PAGE, (i + 1) * PAGE);
      },
    },
    variants: [
      { name: 'sgCopyFromBuffer, kmap_local', run: ours },
      {
        name: 'views made beforehand on both sides',
        run: () => {
          for (let i = 0; i < views.length; i += 1) views[i]!.set(parts[i]!);
        },
      },
      memcpy(MIB),
    ],
  };
}

export const partial = (): Group => partialFrom('partial', false);
export const partialApart = (): Group => partialFrom('partialApart', true);

function partialFrom(name: string, apart: boolean): Group {
  const skip = 12345;
  const length = 70000;
  const { machine, task } = directMachine();
  const pages = machine.allocPages(256, { zone: 'highmem', layout: 'scattered' });
  if (apart) touchApart(machine, pages);
  const table = fromPages(pages);
  const source = pattern(MIB);
  const local = kmapLocal(task);
  sgCopyFromBuffer(table, source, local);
  const list = blOf(pages.map((page) => machine.physical(page)));
  const views = pages.flatMap((page, i) => {
    const [from, to] = [skip - i * PAGE, skip + length - i * PAGE].map((at) =>
      Math.min(Math.max(at, 0), PAGE),
    );
    return from === to ? [] : [machine.physical(page).subarray(from, to)];
  });
  const out = new Uint8Array(length);
  const target = Buffer.from(out.buffer);
  const ours = (): void => void sgPcopyToBuffer(table, out, local, skip);
  const theirs = (): void => void list.copy(target, 0, skip, skip + length);
  const byHand = handLoop(views, out);
  for (const run of [ours, theirs, byHand]) {
    out.fill(0);
    run();
    same(out, source.subarray(skip, skip + length), 'partial');
  }
  return {
    name,
    title: `copy ${String(length)} bytes from byte ${String(skip)} of the list${apart ? ', frames apart' : ''}`,
    baseline: { name: 'bl.copy', run: theirs },
    variants: [
      { name: 'sgPcopyToBuffer, kmap_local', run: ours },
      { name: 'hand loop over cached views', run: byHand },
      memcpy(length),
    ],
  };
}

export function contiguous(): Group {
  const { machine, task } = directMachine();
  const all = machine.allocPages(16 * 32, { zone: 'lowmem' });
  const pages = all.filter((_, i) => i % 32 < 16);
  const table = fromPages(pages);
  const source = pattern(MIB);
  const permanent = pageAddress(task);
  const out = new Uint8Array(MIB);
  const ours = (): void => void sgCopyToBuffer(table, out, permanent);
  const written = sgCopyFromBuffer(table, source, permanent);
  if (written.value !== MIB) throw new Error('contiguous');
  const views = pages
    .filter((_, i) => i % 16 === 0)
    .map((page) => {
      const { buffer, byteOffset } = machine.physical(page);
      return new Uint8Array(buffer, byteOffset, 16 * PAGE);
    });
  const byHand = handLoop(views, out);
  for (const run of [ours, byHand]) {
    out.fill(0);
    run();
    same(out, source, 'contiguous');
  }
  const base = memcpy(MIB);
  return {
    name: 'contiguous',
    title: 'gather 16 entries of 16 physically contiguous pages',
    baseline: base,
    variants: [
      { name: 'sgCopyToBuffer, page_address', run: ours },
      { name: 'hand loop over cached views', run: byHand },
    ],
  };
}

function small(name: string, count: number, bytes: number): Group {
  const { machine, task } = directMachine();
  const pages = machine.allocPages(bytes === 64 ? 256 : count, { zone: 'highmem', layout: 'scattered' });
  const perEach = count / pages.length;
  const places = Array.from({ length: count }, (_, i) => ({
    page: pages[i % pages.length]!,
    offset: Math.floor(i / pages.length) * bytes,
  }));
  const table = perPage(
    places.map((p) => p.page),
    0,
    bytes,
  );
  let at = 0;
  for (const sg of table) {
    sg.offset = places[at]!.offset;
    at += 1;
  }
  if (perEach * bytes > PAGE) throw new Error('entries overlap');
  const list: SgList<MemoryKind> = table;
  const source = pattern(count * bytes);
  const local = kmapLocal(task);
  const out = new Uint8Array(count * bytes);
  sgCopyFromBuffer(table, source, local);
  const whole = places.map((p) => machine.physical(p.page));
  const views = places.map((p, i) => whole[i]!.subarray(p.offset, p.offset + bytes));
  const ours = (): void => void sgCopyToBuffer(list, out, local);
  ours();
  same(out, source, name);
  const base = memcpy(count * bytes);
  const variants: Variant[] = [{ name: 'sgCopyToBuffer, kmap_local', run: ours }, base];
  const c = nativeWalk(views, out);
  if (c !== undefined) variants.push({ name: 'the same walk in C', run: c });
  return {
    name,
    title: `gather ${String(count)} x ${String(bytes)} bytes from ${String(pages.length)} pages`,
    baseline: { name: 'hand loop over cached views', run: handLoop(views, out) },
    variants,
  };
}

export const small512 = (): Group => small('small512', 2048, 512);
export const small64 = (): Group => small('small64', 16384, 64);
