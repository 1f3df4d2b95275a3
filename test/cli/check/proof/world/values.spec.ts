import { expect } from 'chai';
import { valuesFor, valuesIn } from '../../../../../lib/cli/check/proof/world/values.ts';

const SIZES = { counts: [], mayBeZero: false };

describe('values that a world tries', () => {
  it('are those that the code compares with, and their neighbours where it asks for less or more', () => {
    const values = valuesIn('if (length > 100) return; if (host->kind == KIND_READ) return;');
    expect(values.get('length')).to.deep.equal(['100', '(100) + 1', '(100) - 1']);
    expect(values.get('kind')).to.deep.equal(['KIND_READ']);
  });

  it('are bits that are asked for, and cases of a switch', () => {
    const values = valuesIn(
      'if (data->flags & DATA_READ) a(); if (test_bit(FL_BUSY, &dd->state)) b(); switch (c->opcode) { case 8: case READ_10: d(); }',
    );
    expect(values.get('flags')).to.deep.equal(['DATA_READ']);
    expect(values.get('state')).to.deep.equal(['1ULL << (FL_BUSY)']);
    expect(values.get('opcode')).to.deep.equal(['8', 'READ_10']);
  });

  it('reach what a variable was taken from', () => {
    const values = valuesIn(
      'len = command->length; if (len == 7) a(); err = start(dev); if (err == -5) b();',
    );
    expect(values.get('length')).to.deep.equal(['7']);
    expect(values.get('start')).to.deep.equal(['-5']);
  });

  it('are told by the name and the type where nothing is compared', () => {
    const none = new Map();
    expect(valuesFor('anything', none, 'int', SIZES)).to.deep.equal(['0', '1']);
    expect(valuesFor('count', none, 'int', { ...SIZES, counts: ['PAGE_SIZE'] })).to.deep.equal([
      '64',
      '1',
      '256',
      'PAGE_SIZE',
    ]);
    expect(valuesFor('size', none, 'u8', { counts: ['PAGE_SIZE'], mayBeZero: true })).to.deep.equal([
      '64',
      '1',
      '0',
    ]);
    expect(valuesFor('is_write', new Map([['is_write', ['7']]]), 'bool', SIZES)).to.deep.equal(['0', '1']);
    expect(valuesFor('sg_len', none, 'int', SIZES)).to.deep.equal(['2', '1']);
  });
});
