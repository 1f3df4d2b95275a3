import { expect } from 'chai';
import { inLinux } from '../../../lib/cli/check/advice.ts';

describe('what the kernel does with a leak', () => {
  it('is told by the function that would undo the mapping', () => {
    const of = (unmap: string): string => inLinux({ rule: 'leak', variant: undefined, unmap });
    expect(of('kunmap')).to.match(/kmap pool/);
    expect(of('kunmap_local')).to.match(/slots of the task/);
    expect(of('kunmap_atomic')).to.match(/preemption and page faults stay disabled/);
    expect(of('vunmap')).to.match(/range of kernel addresses/);
    expect(of('sg_miter_stop')).to.match(/iterator/);
    expect(of('my_unmap')).to.match(/the mapping stays/);
  });

  it('is told by the rule where it is another one', () => {
    expect(inLinux({ rule: 'unmap-order', variant: undefined, unmap: 'kunmap_local' })).to.match(/made last/);
  });
});
