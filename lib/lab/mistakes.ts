/**
 * Mistakes that callers of mapping functions make. Each is made in one or two jobs, as a small edit of the call site, so
 * that designs are compared by the same wrong programs.
 */
import type { Cannot } from './cannot.ts';
import type { JobId } from './jobs.ts';

/** A mistake. */
export interface Mistake {
  readonly title: string;
  /** The jobs whose call sites make it. */
  readonly jobs: readonly JobId[];
}

/** The edit for each job in which a mistake is made, or why it cannot be made there; one reason may serve for all. */
type In<J extends JobId> = { readonly [Job in J]: Edit | Cannot } | Cannot;

/** For each mistake and each job in which it is made: the edit, or the reason why it cannot be written. */
export interface Mistakes {
  readonly otherOffset: In<'copyResponse' | 'cursor'>;
  readonly unmapTwice: In<'copyResponse'>;
  readonly neverUnmapped: In<'copyResponse' | 'sharedView'>;
  readonly otherFlags: In<'patchHead'>;
  readonly usedAfterUnmap: In<'patchHead' | 'sharedView'>;
  readonly tooLong: In<'copyResponse' | 'pioBlocks'>;
  readonly failureIgnored: In<'copyResponse' | 'manyMaps'>;
  readonly leakOnError: In<'manyMaps' | 'twoLists'>;
  readonly sleepsWhileMapped: In<'pioBlocks'>;
  readonly olderFirst: In<'twoLists'>;
  readonly handlerUnmaps: In<'sharedView'>;
  readonly plainStore: In<'deviceMiddle'>;
  readonly mapThatSleeps: In<'mustNotSleep'>;
}

/** The name of a mistake. */
export type MistakeId = keyof Mistakes;

/** The mistakes, by name. */
export const MISTAKES: Readonly<Record<MistakeId, Mistake>> = {
  otherOffset: {
    title: 'unmaps with another offset, address or length than it mapped with',
    jobs: ['copyResponse', 'cursor'],
  },
  unmapTwice: { title: 'unmaps twice', jobs: ['copyResponse'] },
  neverUnmapped: { title: 'does not unmap', jobs: ['copyResponse', 'sharedView'] },
  otherFlags: { title: 'unmaps with the flags or the function of another kind of map', jobs: ['patchHead'] },
  usedAfterUnmap: { title: 'writes through a map that it has released', jobs: ['patchHead', 'sharedView'] },
  tooLong: { title: 'takes a map for longer than it is', jobs: ['copyResponse', 'pioBlocks'] },
  failureIgnored: { title: 'does not look whether the map failed', jobs: ['copyResponse', 'manyMaps'] },
  leakOnError: {
    title: 'forgets to undo what it has when a later step fails',
    jobs: ['manyMaps', 'twoLists'],
  },
  sleepsWhileMapped: { title: 'keeps the map while it sleeps', jobs: ['pioBlocks'] },
  olderFirst: { title: 'releases the older of two maps first', jobs: ['twoLists'] },
  handlerUnmaps: { title: 'lets the interrupt handler release the map of the task', jobs: ['sharedView'] },
  plainStore: { title: 'writes device memory with plain stores', jobs: ['deviceMiddle'] },
  mapThatSleeps: {
    title: 'uses the map that may sleep where sleeping is not allowed',
    jobs: ['mustNotSleep'],
  },
};

/** One replacement in the text of a call site. */
export interface Replacement {
  readonly from: string;
  readonly to: string;
}

/** A wrong program: the edits that make it out of the right one. */
export class Edit {
  readonly replacements: readonly Replacement[];

  constructor(replacements: readonly Replacement[]) {
    this.replacements = replacements;
  }

  /** Adds a replacement. */
  and(from: string, to: string): Edit {
    return new Edit([...this.replacements, { from, to }]);
  }
}

/**
 * Makes a mistake by replacing one text of the call site by another, where it occurs first. Any space stands for any
 * other.
 *
 * @linux none
 */
export function edit(from: string, to: string): Edit {
  return new Edit([{ from, to }]);
}

/**
 * The text of a call site with a mistake in it; `undefined` if a text that is to be replaced does not occur.
 *
 * @linux none
 */
export function edited({ replacements }: Edit, site: string): string | undefined {
  let text = site;
  for (const { from, to } of replacements) {
    const words = from
      .trim()
      .split(/\s+/)
      .map((word) => word.replaceAll(/[^\w\s]/g, '\\$&'));
    const found = new RegExp(words.join('\\s+')).exec(text);
    if (found === null) return undefined;
    text = text.slice(0, found.index) + to + text.slice(found.index + found[0].length);
  }
  return text;
}

/** A mistake in one job. */
export interface MistakeIn {
  readonly mistake: MistakeId;
  readonly job: JobId;
  readonly how: Edit | Cannot;
}
