/**
 * A clause: the tests of one part of the contract.
 */
import type { Contract } from '../mapping/contract.ts';
import type { Runner, Subject } from './subject.ts';

/** The arguments of a clause. */
interface Suite extends Runner {
  readonly subject: Subject;
  readonly contract: Contract;
}

/** Declares the tests of one part of the contract. */
export type Clause = (suite: Suite) => void;
