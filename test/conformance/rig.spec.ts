import { expect } from 'chai';
import { kmapLocal, pageAddress } from 'scatterlist/backends';
import { KINDS, Rig, mappableKinds, pattern } from '../../lib/conformance/rig.ts';
import type { Subject } from '../../lib/conformance/subject.ts';

const subject: Subject = { backend: (context) => kmapLocal(context), machine: { cpus: 3, pageSize: 512 } };

describe('Rig', () => {
  it('builds the machine of the subject, with what the clause needs on top', () => {
    const { machine } = new Rig(subject, { cpus: 2, preemptRt: true });
    expect(machine.config).to.include({ cpus: 2, pageSize: 512, preemptRt: true, onViolation: 'throw' });
  });

  it('has pages of every kind, in a row or apart', () => {
    const rig = new Rig(subject, {});
    for (const kind of KINDS) {
      const row = rig.pages(kind, 3);
      expect(row.map((page) => page.kind)).to.deep.equal([kind, kind, kind]);
      expect(row[2]!.pfn - row[0]!.pfn, kind).to.equal(2);
      const apart = rig.pages(kind, 3, 'scattered').map((page): number => page.pfn);
      expect(
        apart.some((n) => apart.includes(n + 1)),
        kind,
      ).to.equal(false);
    }
  });

  it('knows which kinds a contract refuses', () => {
    expect(mappableKinds(kmapLocal(new Rig(subject, {}).task).contract)).to.deep.equal([
      'lowmem',
      'highmem',
      'protected',
    ]);
    expect(mappableKinds(pageAddress(new Rig(subject, {}).task).contract)).to.deep.equal(['lowmem']);
  });

  it('knows which pages take a local slot', () => {
    const taking = (options: ConstructorParameters<typeof Rig>[1]): readonly string[] =>
      KINDS.filter((kind) => new Rig(subject, options).takesLocalSlot(kind));
    expect(taking({})).to.deep.equal(['highmem', 'iomem']);
    expect(taking({ highmem: false })).to.deep.equal(['iomem']);
    expect(taking({ forceMap: true })).to.deep.equal(KINDS);
  });

  it('finds what is still held, and a count that is left raised', () => {
    const held = new Rig(subject, {});
    held.map(held.page('highmem'), 0, 8);
    expect(() => held.checkClean('it')).to.throw('it: live mappings: got 1, expected 0');
    const raised = new Rig(subject, {});
    raised.task.preemptCount = 1;
    expect(() => raised.checkClean('it')).to.throw('count-imbalance');
    new Rig(subject, {}).checkClean('it');
  });

  it('compares memory with what it should be', () => {
    const rig = new Rig(subject, {});
    const page = rig.page('lowmem');
    rig.machine.physical(page).set(pattern(512, 1));
    rig.checkPhysical(page, pattern(512, 1), 'it');
    expect(() => rig.checkPhysical(page, pattern(512, 2), 'it')).to.throw('it: lowmem memory: byte 0');
  });
});

describe('pattern', () => {
  it('differs between neighbours, pages and seeds', () => {
    const bytes = pattern(8192, 3);
    expect(bytes[0]).to.not.equal(bytes[1]);
    expect(bytes[0]).to.not.equal(bytes[4096]);
    expect(bytes[0]).to.not.equal(pattern(1, 4)[0]);
  });
});
