/**
 * A clause: one part of the contract, as tests.
 */
import type { Contract } from '../mapping/contract.ts';
import type { Runner, Subject } from './subject.ts';

/** What a clause is handed. */
interface Suite extends Runner {
  readonly subject: Subject;
  readonly contract: Contract;
}

/** Declares the tests of one part of the contract. */
export type Clause = (suite: Suite) => void;
