/**
 * A port that was explored beside a second user, as plain values.
 */
import { checkOptions } from '../../base/options.ts';
import { parseSchedule } from '../../explore/choice.ts';
import { explain } from '../../explore/explain.ts';
import { formatReport } from '../../explore/report/text.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { termsFor } from '../../mapping/contract.ts';
import type { BesideCell, BesideOutcome } from '../beside/explore-beside.ts';
import type { PoolSizes } from '../beside/pool-size.ts';
import type { CellOutcome } from '../cell.ts';
import { plainSite, violationAt } from './record.ts';
import type { Place } from './record.ts';

/** A cell that was explored, without the port, the backend and the program themselves. */
export interface BesideRecord {
  readonly port: string;
  /** The Linux file that the port follows. */
  readonly follows: string;
  readonly variant: string;
  /** How the variant maps. */
  readonly about: string;
  /** False if the variant maps by a function of its own, or maps no page: then the columns are one. */
  readonly usesBackend: boolean;
  readonly memory: MemoryKind;
  readonly backend: string;
  /** How many pages the second user holds at once. */
  readonly held: number;
  readonly pools: PoolSizes;
  /** The pool in which both take room, if there is one. */
  readonly pool: keyof PoolSizes | undefined;
  /** What the contract says to the port alone. */
  readonly expected: CellOutcome['result'];
  readonly because: string;
  /** What may become of two users, by the contract. */
  readonly together: readonly string[];
  readonly outcome: BesideOutcome;
  readonly isExpected: boolean;
  readonly isFoundBeside: boolean;
  readonly unseen: readonly string[];
  /** The schedule that was found, step by step, if it is asked for. */
  readonly report?: string;
}

/** What a record may have besides. */
export interface BesideRecordOptions {
  /** Translates the places in it. */
  readonly place?: Place;
  /** Whether the schedule that was found is told step by step. Default false. */
  readonly isTold?: boolean;
}

/**
 * Makes the record of an explored cell.
 *
 * @linux none
 */
export function besideRecordOf(cell: BesideCell, options: BesideRecordOptions = {}): BesideRecord {
  checkOptions('besideRecordOf', options, { place: 'function', isTold: 'boolean' });
  const { place = plainSite, isTold = false } = options;
  const { port } = cell.port;
  const { about = '', usesBackend = true } = port.variants[cell.variant] ?? {};
  const { contract } = cell.column;
  const { limitedBy } = termsFor(contract, cell.memory).nesting;
  return {
    port: port.name,
    follows: port.follows,
    variant: cell.variant,
    about,
    usesBackend,
    memory: cell.memory,
    backend: contract.name,
    held: cell.held,
    pools: cell.pools,
    pool: isPool(limitedBy, cell.pools) ? limitedBy : undefined,
    expected: cell.expectation.result,
    because: cell.expectation.because,
    together: cell.together.map(({ because }) => because),
    outcome: outcomeAt(cell.outcome, place),
    isExpected: cell.isExpected,
    isFoundBeside: cell.isFoundBeside,
    unseen: cell.unseen,
    ...(isTold && { report: reportOf(cell, place) }),
  };
}

function isPool(name: unknown, pools: PoolSizes): name is keyof PoolSizes {
  return typeof name === 'string' && name in pools;
}

function outcomeAt(outcome: BesideOutcome, place: Place): BesideOutcome {
  return outcome.result === 'violation'
    ? { ...outcome, violation: violationAt(outcome.violation, place) }
    : outcome;
}

function reportOf({ outcome, program }: BesideCell, place: Place): string {
  const schedule = 'schedule' in outcome ? outcome.schedule : undefined;
  if (schedule === undefined) return '';
  const told = explain(program, parseSchedule(schedule));
  const text = formatReport(
    {
      ...told,
      siteOf: (event) => place(told.siteOf(event)),
      violation: told.violation && violationAt(told.violation, place),
    },
    { width: WIDTH },
  );
  // The program is in no file that could be replayed.
  return text.replace(/\n *Replay: [^\n]*(\n *\([^\n]*\))?\n/, '\n');
}

const WIDTH = 80;
