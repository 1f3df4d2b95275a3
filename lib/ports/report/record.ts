/**
 * A cell as plain values: they can be passed between threads, written as JSON and formatted.
 */
import type { CallSite } from '../../machine/call-site.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import type { Violation } from '../../machine/violation.ts';
import type { Contract } from '../../mapping/contract.ts';
import type { CellOutcome } from '../cell.ts';
import type { ConfiguredCell } from '../define-matrix.ts';
import type { Needs } from '../needs.ts';
import { traceLines } from './trace-lines.ts';

/** A cell that has run, without the port and the backend themselves. */
export interface CellRecord {
  readonly port: string;
  /** The Linux file that the port follows. */
  readonly follows: string;
  readonly variant: string;
  /** How the variant maps. */
  readonly about: string;
  /** What became of the variant in Linux. */
  readonly linux: string;
  /** Whether it is the first variant of its port. */
  readonly isOriginal: boolean;
  /** False if the variant maps by a function of its own, or maps no page: then the columns are one. */
  readonly usesBackend: boolean;
  readonly memory: MemoryKind;
  readonly contract: Contract;
  readonly configuration: string;
  readonly needs: readonly Needs[];
  readonly expected: CellOutcome['result'];
  readonly because: string;
  readonly outcome: CellOutcome;
  readonly isExpected: boolean;
  readonly isSilent: boolean;
  /** The events of its run as text, if the configuration asks for a trace; see `traceLines`. */
  readonly trace?: readonly string[];
}

/** Translates a place in a file, for example from the built file to its source. */
export type Place = (site: CallSite | undefined) => CallSite | undefined;

/**
 * Makes the record of a cell; `place` translates the places in it.
 *
 * @linux none
 */
export function recordOf(cell: ConfiguredCell, place: Place = plainSite): CellRecord {
  const { port } = cell.port;
  const { about = '', linux = '', usesBackend = true } = port.variants[cell.variant] ?? {};
  return {
    port: port.name,
    follows: port.follows,
    variant: cell.variant,
    about,
    linux,
    isOriginal: Object.keys(port.variants)[0] === cell.variant,
    usesBackend,
    memory: cell.memory,
    contract: cell.column.contract,
    configuration: cell.configuration,
    needs: cell.observed.needs.map((needs) => ({ ...needs, site: place(needs.site) })),
    expected: cell.expectation.result,
    because: cell.expectation.because,
    outcome: outcomeAt(cell.outcome, place),
    isExpected: cell.isExpected,
    isSilent: cell.isSilent,
    ...(cell.trace !== undefined && { trace: traceLines(cell.trace, place) }),
  };
}

/** A site may work its place out when it is looked at; a copy has only values. */
export function plainSite(site: CallSite | undefined): CallSite | undefined {
  return site === undefined ? undefined : { file: site.file, line: site.line, column: site.column };
}

function outcomeAt(outcome: CellOutcome, place: Place): CellOutcome {
  return outcome.result === 'violation'
    ? { ...outcome, violation: violationAt(outcome.violation, place) }
    : outcome;
}

/** A violation with its places translated. */
export function violationAt(violation: Violation, place: Place): Violation {
  const { foundAt, mapping } = violation;
  return {
    ...violation,
    foundAt: place(foundAt),
    mapping: mapping && {
      ...mapping,
      mappedAt: place(mapping.mappedAt),
      unmappedAt: place(mapping.unmappedAt),
    },
  };
}
