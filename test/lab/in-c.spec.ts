import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { PAGE_SIZE, inPage, now } from 'scatterlist/lab';

describe('what call sites of C have at hand', () => {
  it('counts to the end of a page', () => {
    expect([0, 1, 4095, 4096, 5000].map(inPage)).to.deep.equal([4096, 4095, 1, 4096, 3192]);
    expect(createMachine().pageSize).to.equal(PAGE_SIZE);
  });

  it('runs work that does not sleep, and refuses work that does', () => {
    expect(
      now(
        (function* work() {
          return 3;
        })(),
      ),
    ).to.equal(3);
    expect(() => {
      now(
        (function* work() {
          yield;
        })(),
      );
    }).to.throw(ConfigError, 'sleeps');
  });
});
