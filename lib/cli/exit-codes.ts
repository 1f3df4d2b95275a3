/** Exit codes of the command: those of an outcome, of a mistake of the user, and of a bug of the command itself. */
export const EXIT = {
  exhausted: 0,
  violation: 1,
  nondeterministic: 2,
  mistake: 2,
  outOfBudget: 3,
  /** EX_SOFTWARE of sysexits.h. Node itself ends with 1 after an error, which would mean that a rule is broken. */
  bug: 70,
} as const;
