import { expect } from 'chai';
import { partly } from '../../../lib/scatterlist/copy/partly-done.ts';

describe('partly', () => {
  it('adds how far the helper got, and keeps the numbers of the error', () => {
    expect(partly({ code: 'Injected', attempt: 3 }, 4096)).to.deep.equal({
      ok: false,
      error: { code: 'Injected', attempt: 3, doneBytes: 4096 },
    });
  });
});
