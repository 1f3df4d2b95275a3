import { expect } from 'chai';
import { withoutAssembly } from '../../../../lib/cli/check/proof/assembly.ts';

describe('inline assembly', () => {
  it('is left out', () => {
    expect(withoutAssembly('asm volatile("nop");')).to.equal('(void)(0);');
    expect(
      withoutAssembly('a();\n__asm__ __volatile__ ("flush (%0)\\n"\n: : "r"(at) : "memory");\nb();'),
    ).to.equal('a();\n(void)(0)\n;\nb();');
  });

  it('is a choice where it has a result; what it changes in memory stays', () => {
    expect(withoutAssembly('asm("mrs %0, x" : "=r" (flags) : : "cc");')).to.equal(
      '(void)((flags) = __scatterlist_choose(2));',
    );
    expect(withoutAssembly('asm("x" : [old] "+m" (*at), "=&r" (a[1]));')).to.equal(
      '(void)((a[1]) = __scatterlist_choose(2));',
    );
  });

  it('is no part of a name', () => {
    expect(withoutAssembly('plasma(1); asm_inline(2);')).to.equal('plasma(1); asm_inline(2);');
  });
});
