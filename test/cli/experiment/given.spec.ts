import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constantsIn, numbersOf } from '../../../lib/cli/experiment/given.ts';

describe('numbers of a command line', () => {
  it('are name=number', () => {
    expect(numbersOf('--constant', ['ipi=2000', 'byteCopy=0.5', 'a=1e3'])).to.deep.equal({
      ipi: 2000,
      byteCopy: 0.5,
      a: 1000,
    });
    for (const wrong of ['ipi', 'ipi=', '=3', 'ipi=x', 'ipi=1,5', 'ipi=0x10', '__proto__=1', ''])
      expect(() => numbersOf('--constant', [wrong])).to.throw(`--constant takes name=number, not "${wrong}"`);
    expect(() => numbersOf('--constant', ['a=1', 'a=1'])).to.throw('--constant a is given twice');
  });
});

describe('a file of constants', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'constants-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  const read = (text: string) => {
    const file = join(folder, 'c.json');
    writeFileSync(file, text);
    return constantsIn(file);
  };

  it('is a JSON object of numbers', () => {
    expect(read('{ "ipi": 4000, "lock": 2.5 }')).to.deep.equal({ ipi: 4000, lock: 2.5 });
    expect(() => read('[1]')).to.throw('c.json has no object of constants: { "ipi": 2000 }');
    expect(() => read('{ "ipi": "x" }')).to.throw('constant ipi is "x"; it must be a number');
    expect(() => read('{')).to.throw('c.json is not JSON');
    expect(() => constantsIn(join(folder, 'none.json'))).to.throw('there is no such file');
  });
});
