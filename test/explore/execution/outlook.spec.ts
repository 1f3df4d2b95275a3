import { expect } from 'chai';
import type { Program } from '../../../lib/explore/program.ts';
import { Observed } from '../../../lib/explore/execution/observed.ts';
import { Outlook } from '../../../lib/explore/execution/outlook.ts';
import { Run, configOf } from '../../../lib/explore/execution/run.ts';
import { Resources } from '../../../lib/explore/observer.ts';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';
import { Sight } from '../../../lib/explore/sight/sight.ts';

const program: Program = { tasks: { *task() {} } };

function newRun(sight?: Sight): Run {
  const options = {
    program,
    config: configOf(program, false, new Set()),
    resources: new Resources(),
    keep: false,
    keepSites: false,
    allowed: new Set<string>(),
  };
  return new Run(options, sight, new Observed(false), false);
}

describe('Outlook', () => {
  it('keeps the key of a state until the state may be another', () => {
    const outlook = new Outlook(undefined);
    const run = newRun();
    const before = outlook.keyOf(run, [], false);
    run.machine.allocPage({ zone: 'highmem' });
    expect(outlook.keyOf(run, [], false)).to.equal(before);
    outlook.forget();
    expect(outlook.keyOf(run, [], false)).to.not.equal(before);
  });

  it('has no key where a step may read what cannot be followed', () => {
    const sight = new Sight(Debugger.shared());
    const outlook = new Outlook(sight);
    const run = newRun(sight);
    expect([outlook.isBlind, outlook.partsRead]).to.deep.equal([false, 0]);
    expect(outlook.keyOf(run, [], false)).to.be.a('number');
    sight.learn({ unseen: ['a private field'], partsRead: ['memory'], partsReadAtEnd: ['cpus'] });
    expect([outlook.isBlind, outlook.partsRead]).to.deep.equal([true, 2]);
    expect(outlook.keyOf(run, [], false)).to.equal(undefined);
  });

  it('looks only where it has sight, and for a while from the beginning of a schedule', () => {
    const outlook = new Outlook(undefined);
    let looked = 0;
    const run = newRun();
    run.lookAtObjects = () => {
      looked += 1;
    };
    outlook.look(run, [], false);
    expect([outlook.looksAnew, looked]).to.deep.equal([false, 0]);
    expect(() => {
      outlook.fromBeginning(() => {
        outlook.look(run, [], false);
        expect([outlook.looksAnew, looked]).to.deep.equal([true, 1]);
        throw new Error('over');
      });
    }).to.throw('over');
    expect(outlook.looksAnew).to.equal(false);
    // What it has looked at once needs no new beginning.
    outlook.fromBeginning(() => {
      expect(outlook.looksAnew).to.equal(false);
    });
  });
});
