import { expect } from 'chai';
import { defineProgram, explore } from 'scatterlist/explore';

describe('memory-leak', () => {
  /** Explores a program whose machine says what it lost. */
  const outcomeOf = (lost: string | undefined, allow: readonly 'memory-leak'[] = []) =>
    explore(
      defineProgram({
        allow,
        setup: (machine) => {
          machine.hardware.lostMemory = () =>
            lost === undefined ? undefined : { severity: 'warn', what: lost };
          return {};
        },
        tasks: {
          *one() {
            yield;
          },
        },
      }),
    );

  it('is what the machine says it has lost at the end', () => {
    const outcome = outcomeOf('1 object was not freed');
    expect(outcome.kind === 'violation' && outcome.violation).to.include({
      rule: 'memory-leak',
      what: '1 object was not freed',
      severity: 'warn',
    });
  });

  it('is none where it has lost nothing, or where it is allowed', () => {
    expect(outcomeOf(undefined).kind).to.equal('exhausted');
    expect(outcomeOf('1 object was not freed', ['memory-leak']).kind).to.equal('exhausted');
  });
});
