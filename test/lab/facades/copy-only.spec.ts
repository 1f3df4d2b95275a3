import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { copyOnly } from 'scatterlist/lab';
import { TestList, pattern } from '../../../lib/lab/test-list.ts';
import candidate from '../../../examples/lab/copy-only.ts';
import { describeFacade } from './facade-suite.ts';

describe('copyOnly', () => {
  describeFacade(candidate);

  const rig = () => {
    const machine = createMachine({ highmemPages: 16 });
    const list = new TestList<'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'highmem', offset: 4090, length: 20 },
        { kind: 'iomem', offset: 3, length: 10 },
      ],
      1,
    );
    return { list, api: copyOnly.on(machine).open(machine.task('copier')) };
  };

  it('copies RAM and device memory, from a byte of the list on', () => {
    const { list, api } = rig();
    const bytes = pattern(12, 5);
    expect(api.sgPcopyFromBuffer(list.table, bytes, 15)).to.equal(12);
    expect(list.wrong([{ at: 15, bytes }])).to.equal(undefined);
    const back = new Uint8Array(12);
    expect(api.sgPcopyToBuffer(list.table, back, 15)).to.equal(12);
    expect(back).to.deep.equal(bytes);
  });

  it('returns a short count for a short list', () => {
    const { list, api } = rig();
    expect(api.sgPcopyFromBuffer(list.table, pattern(40, 5), 20)).to.equal(10);
    expect(api.sgPcopyFromBuffer(list.table, pattern(4, 5), 30)).to.equal(0);
  });
});
