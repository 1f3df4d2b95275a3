/**
 * A part of a search that can be done by itself: by another thread, on another machine, or later.
 */
import { formatSchedule, parseSchedule } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { Footprint } from '../footprint.ts';
import type { PackedFootprint } from '../footprint.ts';
import type { Resources } from '../observer.ts';
import type { Future } from './races.ts';

/** A step that need not be tried, with what it touches. */
export interface Asleep {
  readonly choice: Choice;
  readonly footprint: Footprint;
  /** What it leads to, where that is known. */
  readonly future?: Future | undefined;
}

/** What is to be tried at one point of a piece. */
export interface PieceNode {
  readonly choices: readonly Choice[];
  readonly asleep: readonly Asleep[];
}

/** Everything that begins with certain decisions. */
export interface Piece {
  readonly prefix: readonly Choice[];
  /** The points after the prefix whose state was met before: all but the last have one choice. */
  readonly nodes: readonly PieceNode[];
  /** How much of the whole search it is, from 0 to 1, if the parts of each point are as large as one another. */
  readonly share: number;
}

/** A piece without objects of the search that it comes from. */
export interface PackedPiece {
  readonly prefix: string;
  readonly nodes: readonly PackedNode[];
  readonly share: number;
}

interface PackedNode {
  readonly choices: string;
  readonly asleep: readonly (readonly [choice: string, footprint: PackedFootprint])[];
}

/** The whole search. */
export const WHOLE: PackedPiece = { prefix: '', nodes: [], share: 1 };

/** Writes a piece; footprints name their resources, because numbers differ from search to search. */
export function packPiece({ prefix, nodes, share }: Piece, resources: Resources): PackedPiece {
  return {
    prefix: formatSchedule(prefix),
    nodes: nodes.map(({ choices, asleep }) => ({
      choices: formatSchedule(choices),
      asleep: asleep.map(({ choice, footprint }) => [
        formatSchedule([choice]),
        footprint.pack((id) => resources.name(id)),
      ]),
    })),
    share,
  };
}

/** Reads what `packPiece` wrote. */
export function unpackPiece({ prefix, nodes, share }: PackedPiece, resources: Resources): Piece {
  return {
    prefix: parseSchedule(prefix),
    nodes: nodes.map(({ choices, asleep }) => ({
      choices: parseSchedule(choices),
      asleep: asleep.flatMap(([text, packed]) => {
        const footprint = Footprint.unpack(packed, (name) => resources.id(name));
        return parseSchedule(text).map((choice) => ({ choice, footprint }));
      }),
    })),
    share,
  };
}
