import { expect } from 'chai';
import { readText, writeText } from '../../../lib/explore/sharing/shared-text.ts';

describe('shared text', () => {
  it('is read as it was written, whatever it holds', () => {
    const units = new Uint16Array(new SharedArrayBuffer(200));
    for (const text of ['', 'frame 7', 'ä漢🙂 "{}"\n']) {
      expect(writeText(units, 3, text)).to.equal(text.length);
      expect(readText(units, 3, text.length)).to.equal(text);
    }
  });

  it('is cut where there is no more room', () => {
    const units = new Uint16Array(4);
    expect([writeText(units, 1, 'abcdef'), readText(units, 1, 3)]).to.deep.equal([3, 'abc']);
  });
});
