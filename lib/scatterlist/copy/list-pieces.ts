/**
 * A list cut into pieces, each of which one mapping would cover. Only the part that copies have used so far is cut.
 *
 * The pieces are valid until an entry of the list changes. The arrays report a change, so that the check takes the same
 * time for any list. Used on strict machines only, because the walk reproduces what Linux does with empty entries.
 */
import type { MemoryKind, Page } from '../../machine/memory.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import { exists } from '../list/check-place.ts';
import { LinkWatch } from '../list/link-watch.ts';
import { SG_CHAIN, SG_END } from '../list/sg-array.ts';
import type { SgArray, SgReader } from '../list/sg-array.ts';
import type { SgList } from '../list/sg-list.ts';
import { Pieces } from './pieces.ts';

/** The number of pieces for which arrays are allocated at first. */
const MOST_AT_ONCE = 1024;

/** The most pages of one entry, and of all entries, that are cut only to reach later bytes. */
const MOST_BEFORE = 2 ** 10;
const MOST_AHEAD = 2 ** 17;

/** The pieces of one list. */
export class ListPieces implements SgReader {
  readonly pieces: Pieces;
  /** Whether a piece lies within one page, or is a whole entry. */
  private readonly wholeEntries: boolean;
  private readonly firstSlot: number;
  private readonly nents: number;
  holds = true;
  /** The data that `pairs.ts` keeps for this list and another one. */
  pairs: object | undefined = undefined;
  private readonly links: LinkWatch;
  #isEndless = false;
  /** Number of pages that were cut only to reach later bytes. */
  #ahead = 0;
  /** The next entry to cut, and the number of entries left, including it. */
  #array: SgArray | undefined = undefined;
  /** Offset of the next piece in this entry, from the start of its page; 0 if the entry is not cut yet. */
  private at = 0;
  private slot: number;
  private left: number;

  constructor(array: SgArray, slot: number, nents: number, wholeEntries: boolean) {
    this.pieces = new Pieces(Math.min(Math.max(nents, 1), MOST_AT_ONCE));
    this.wholeEntries = wholeEntries;
    this.firstSlot = slot;
    this.nents = nents;
    this.slot = slot;
    this.left = nents;
    this.links = new LinkWatch(array.entry(slot), {}, 'end');
    if (nents > 0) this.#enter(array);
  }

  /** Whether these are the pieces of the same list, cut in the same way, and no entry has changed since. */
  isFor(slot: number, nents: number, wholeEntries: boolean): boolean {
    return (
      this.holds && this.firstSlot === slot && this.nents === nents && this.wholeEntries === wholeEntries
    );
  }

  /** Whether the whole list is cut. */
  get isWhole(): boolean {
    return this.#array === undefined && !this.#isEndless;
  }

  /**
   * Cuts the list until the pieces have so many bytes, or it ends, or cutting it is not worth it; returns their bytes.
   * Pieces that end before `from` are not looked at.
   */
  cutUpTo(bytes: number, from = 0): number {
    const { pieces } = this;
    while (pieces.bytes < bytes && this.#array !== undefined) {
      const array = this.#array;
      const end = Math.min(array.slots, this.slot + this.left, this.slot + MOST_AT_ONCE);
      const plain = this.at > 0 ? 0 : pieces.addPlain(array, this.slot, end, bytes);
      if (plain === 0 && !this.#cut(array, this.slot, bytes, from)) break;
      this.#advance(array, Math.max(plain, 1));
    }
    return pieces.bytes;
  }

  #enter(array: SgArray | undefined): void {
    this.#array = array;
    array?.tell(this);
  }

  #advance(array: SgArray, entries: number): void {
    const next = this.slot + entries;
    this.left -= entries;
    this.slot = next;
    const ends = ((array.marks[next - 1] ?? 0) & SG_END) !== 0;
    if (this.left <= 0 || next >= array.slots || ends) this.#array = undefined;
    else if (((array.marks[next] ?? 0) & SG_CHAIN) !== 0) {
      const to = array.linkAt(next);
      this.#isEndless = to !== undefined && !this.links.mayFollow(next, to, this.left);
      this.slot = to?.slot ?? 0;
      this.#enter(this.#isEndless ? undefined : to?.array);
    }
  }

  // Cuts only as far as bytes are needed, because an entry may have a million pages. Returns whether it is cut to its
  // end.
  #cut(array: SgArray, slot: number, bytes: number, from: number): boolean {
    const { pieces } = this;
    const first = array.pages[slot] ?? undefined;
    const offset = array.offsets[slot] ?? 0;
    const end = offset + (array.lengths[slot] ?? 0);
    if (first === undefined) {
      if (end > offset) pieces.add(undefined, offset, end - offset);
      return true;
    }
    const { pageSize } = first.zone.memory;
    let at = this.at > 0 ? this.at : offset;
    if (!this.wholeEntries && !this.#isNear(Math.min(from - pieces.bytes, end - at) / pageSize)) return false;
    while (at < end && pieces.bytes < bytes) {
      const inPage = at % pageSize;
      const page = nth(first, at, Math.floor(at / pageSize));
      // Past the end of memory there is one piece, at which every copy stops.
      const isRest = this.wholeEntries || page === undefined;
      const length = isRest ? end - at : Math.min(end - at, pageSize - inPage);
      const start = pieces.bytes;
      const isWhole = start >= from && start + length <= bytes;
      const isWanted = start + length > from && (isWhole || inPage + length <= pageSize);
      pieces.add(page, inPage, length, isWanted);
      at += length;
    }
    this.at = at < end ? at : 0;
    return at >= end;
  }

  #isNear(pagesBefore: number): boolean {
    if (pagesBefore <= 1) return true;
    if (pagesBefore > MOST_BEFORE || this.#ahead + pagesBefore > MOST_AHEAD) return false;
    this.#ahead += pagesBefore;
    return true;
  }
}

// Past the end of memory, or of its kind, there is no page. Only a copy that gets there must report it.
function nth(page: Page, at: number, n: number): Page | undefined {
  if (n === 0) return page;
  return exists(page, at, 1) ? page.zone.memory.nthPage(page, n) : undefined;
}

/** Whether a list begins with a page of another machine; the walk refuses that page. */
export function isForeign({ pieces }: ListPieces, { context }: MapBackend): boolean {
  return pieces.memory !== undefined && pieces.memory !== context.machine.hardware.memory;
}

/** The data that copy helpers keep with the first array of a list. */
class Copies {
  /** Two, because a list may be cut in both ways, and two lists may begin in one array. */
  kept: readonly ListPieces[] = [];
  /** The start of the list of which a copy helper last walked a few pages. */
  walkedSlot = -1;

  find(slot: number, nents: number, wholeEntries: boolean): ListPieces | undefined {
    const { kept } = this;
    for (let i = 0; i < kept.length; i += 1)
      if (kept[i]?.isFor(slot, nents, wholeEntries) === true) return kept[i];
    return undefined;
  }

  keep(made: ListPieces): void {
    const [other, dropped] = this.kept.filter(({ holds }) => holds);
    if (dropped !== undefined) dropped.holds = false;
    this.kept = other === undefined ? [made] : [made, other];
  }
}

/** Returns the data that copy helpers keep with an array. */
export function copiesOf(array: SgArray): Copies {
  const { copies } = array;
  if (copies instanceof Copies) return copies;
  const made = new Copies();
  array.copies = made;
  return made;
}

/** Whether the pieces of a list are kept already. */
export function isCut({ sgl, origNents }: SgList<MemoryKind>, wholeEntries: boolean): boolean {
  return sgl !== null && copiesOf(sgl.array).find(sgl.slot, origNents, wholeEntries) !== undefined;
}

/** The pieces of a list, kept with its first array; `undefined` for an empty one. */
export function piecesOf(list: SgList<MemoryKind>, wholeEntries: boolean): ListPieces | undefined {
  const { sgl, origNents } = list;
  if (sgl === null) return undefined;
  const copies = copiesOf(sgl.array);
  const found = copies.find(sgl.slot, origNents, wholeEntries);
  if (found !== undefined) return found;
  const made = new ListPieces(sgl.array, sgl.slot, origNents, wholeEntries);
  copies.keep(made);
  return made;
}
