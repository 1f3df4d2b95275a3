import { expect } from 'chai';
import { bugProgram } from '../../../tools/site-lab/bug-program.ts';

const spec = (test: string): string => `import { expect } from 'chai';
import { defineProgram } from 'scatterlist/explore';
import { expectFound } from './support.ts';

// What happened.

const program = (fixed: boolean) => defineProgram({ tasks: {} });

describe('a bug', () => {
  it('is found', () => {
    ${test}
  });
});
`;

describe('the program of a spec of a bug', () => {
  it('is what stands before the tests, and what the first of them expects', () => {
    expect(
      bugProgram(spec(`expectFound({ ...program(false), allow: ['leak'] }, 'final-check');`)),
    ).to.deep.equal({
      rule: 'final-check',
      text: `import { defineProgram } from 'scatterlist/explore';

// What happened.

const program = (fixed: boolean) => defineProgram({ tasks: {} });

export default defineProgram({ ...program(false), allow: ['leak'] });
`,
    });
  });

  it('is none where a test has values of its own', () => {
    expect(bugProgram(spec(`for (const cpus of [1, 2]) expectFound(program(cpus), 'leak');`))).to.equal(
      undefined,
    );
    expect(bugProgram(spec(`expectExhausted(program(true));`))).to.equal(undefined);
    expect(bugProgram('no tests')).to.equal(undefined);
  });
});
