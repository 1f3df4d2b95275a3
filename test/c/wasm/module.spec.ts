import { expect } from 'chai';
import { compile } from '../../../lib/c/toolchain/compile.ts';
import { readModule } from '../../../lib/c/wasm/module.ts';
import { fileOf, itInC } from '../support.ts';
import { moduleOf } from './assemble.ts';

describe('readModule', () => {
  it('reads types, functions and exports', () => {
    const module = readModule(moduleOf(['i32', 'i64'], 'i64', [0x20, 1]));
    expect(module.types).to.deep.equal([{ params: ['i32', 'i64'], result: 'i64' }]);
    expect([...module.exports]).to.deep.equal([['f', 0]]);
    expect(module.functions).to.have.lengthOf(1);
    expect([...module.code.subarray(module.functions[0]?.from, module.functions[0]?.to)]).to.deep.equal([
      0x20, 1, 0x0b,
    ]);
  });

  itInC('reads what clang makes: imports, names, data, and the functions of pointers', () => {
    const file = fileOf(`extern int outside(int, long long);
static int twice(int n) { return 2 * n; }
int (*pointer)(int) = twice;
const char text[] = "hello";
__attribute__((export_name("f"))) long long f(int n) { return outside(n, 1) + text[n] + pointer(n); }
`);
    const module = readModule(compile(file).wasm);
    const imports = module.imports.map(({ name, type }) => [name, type]);
    expect(imports).to.deep.equal([['outside', { params: ['i32', 'i64'], result: 'i32' }]]);
    expect(module.functions.map(({ name }) => name)).to.include.members(['f', 'twice']);
    const names = [...module.table.values()].map((index) => module.functions[index - 1]?.name);
    expect(names).to.deep.equal(['twice']);
    const all = module.data.map(({ bytes }) => new TextDecoder().decode(bytes)).join('');
    expect(all).to.include('hello');
  });

  it('refuses what C needs not', () => {
    const floating = moduleOf(['i32'], 'i32', [0x20, 0]);
    floating[13] = 0x70;
    expect(() => readModule(floating)).to.throw(/the module has a value of type 0x70/);
  });
});
