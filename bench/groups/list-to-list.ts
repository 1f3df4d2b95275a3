/** A group that copies one list to another list whose segments end at other places. */
import { sgCopyList, sgCopyToBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Group } from '../measure.ts';
import { PAGE, directMachine, pattern, perPage, same } from './fixture.ts';

export function listToList(): Group {
  const { machine, task } = directMachine();
  const local = kmapLocal(task);
  const count = 192;
  const from = machine.allocPages(count, { zone: 'highmem', layout: 'scattered' });
  const to = machine.allocPages(count + 64, { zone: 'highmem', layout: 'scattered' });
  const fromLength = PAGE - 512;
  const toLength = 3000;
  const fromTable = perPage(from, 256, fromLength);
  const toTable = perPage(to, 64, toLength);
  const total = Math.min(count * fromLength, to.length * toLength);
  const source = pattern(count * PAGE);
  for (const [i, page] of from.entries())
    machine.physical(page).set(source.subarray(i * PAGE, (i + 1) * PAGE));

  // The same pieces by hand, on views made beforehand.
  const pieces: { readonly target: Uint8Array; readonly source: Uint8Array }[] = [];
  for (let done = 0; done < total;) {
    const f = { index: Math.floor(done / fromLength), at: done % fromLength };
    const t = { index: Math.floor(done / toLength), at: done % toLength };
    const n = Math.min(fromLength - f.at, toLength - t.at, total - done);
    pieces.push({
      source: machine.physical(from[f.index]!).subarray(256 + f.at, 256 + f.at + n),
      target: machine.physical(to[t.index]!).subarray(64 + t.at, 64 + t.at + n),
    });
    done += n;
  }
  const ours = (): void => void sgCopyList(toTable, fromTable, { lengthBytes: total }, local);
  ours();
  const [a, b] = [new Uint8Array(total), new Uint8Array(total)];
  sgCopyToBuffer(fromTable, a, local);
  sgCopyToBuffer(toTable, b, local);
  same(a, b, 'list to list');
  return {
    name: 'listToList',
    title: 'list to list, unequal segment boundaries',
    baseline: {
      name: 'the same copies by hand',
      run: () => {
        for (let i = 0; i < pieces.length; i += 1) pieces[i]!.target.set(pieces[i]!.source);
      },
    },
    variants: [{ name: 'sgCopyList, kmap_local', run: ours }],
  };
}
