import { expect } from 'chai';
import { compile } from '../../../lib/c/toolchain/compile.ts';
import { LineTable } from '../../../lib/c/wasm/line-table.ts';
import { readModule } from '../../../lib/c/wasm/module.ts';
import { fileOf, itInC } from '../support.ts';

describe('LineTable', () => {
  itInC('has the line of each instruction, in order within a function', () => {
    const file = fileOf(`int a, b;
__attribute__((export_name("f"))) int f(int n)
{
	a = n;
	b = n * 3;
	return a + b;
}
__attribute__((export_name("g"))) int g(int n)
{
	return b - n;
}
`);
    const module = readModule(compile(file).wasm);
    const lines = new LineTable(module.custom.get('.debug_line'));
    const linesOf = (name: string): readonly number[] => {
      const fn = module.functions.find((one) => one.name === name);
      const found = new Set<number>();
      for (let at = fn?.from ?? 0; at < (fn?.to ?? 0); at += 1) {
        const place = lines.at(at);
        if (place !== undefined) found.add(place.line);
        if (place !== undefined) expect(place.file).to.equal(file);
      }
      return [...found].sort((x, y) => x - y);
    };
    expect(linesOf('f')).to.include.members([4, 5, 6]);
    expect(linesOf('g')).to.include(10).and.not.include(5);
  });

  it('knows nothing without a section, nor before its first instruction', () => {
    expect(new LineTable(undefined).at(7)).to.equal(undefined);
  });
});
