import { expect } from 'chai';
import { defineProgram, explorerOf, isDefinedProgram } from 'scatterlist/explore';
import { counter } from './programs.ts';

describe('defineProgram', () => {
  it('marks a program with the explorer of its copy of the library', () => {
    const program: unknown = defineProgram(counter());
    if (!isDefinedProgram(program)) throw new Error('not marked');
    expect(explorerOf(program).explore(program).kind).to.equal('violation');
    expect(Object.keys(program)).to.deep.equal(Object.keys(counter()));
  });

  it('tells what is none', () => {
    for (const value of [counter(), null, 5, {}]) expect(isDefinedProgram(value)).to.equal(false);
  });
});
