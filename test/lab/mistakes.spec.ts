import { expect } from 'chai';
import { JOB_IDS, MISTAKES, edit, edited } from 'scatterlist/lab';

describe('the mistakes', () => {
  it('are each made in jobs that exist', () => {
    for (const [name, { title, jobs }] of Object.entries(MISTAKES)) {
      expect(title, name).to.match(/^[a-z]/);
      expect(jobs, name).to.not.be.empty;
      expect(JOB_IDS).to.include.members([...jobs]);
    }
  });
});

describe('edited', () => {
  const site = 'const a = map(sg, 0);\n    use(a);\n    unmap(a);\n    use(a);';

  it('replaces the first occurrence of each text, one after the other', () => {
    expect(edited(edit('use(a)', 'use(b)').and('use(a)', 'use(c)'), site)).to.equal(
      'const a = map(sg, 0);\n    use(b);\n    unmap(a);\n    use(c);',
    );
  });

  it('takes any space for any other, and every sign for itself', () => {
    expect(edited(edit('use(a); unmap(a);', 'unmap(a); // $&'), site)).to.equal(
      'const a = map(sg, 0);\n    unmap(a); // $&\n    use(a);',
    );
    expect(edited(edit('use.a.', ''), site)).to.equal(undefined);
  });

  it('says so if a text does not occur', () => {
    expect(edited(edit('use(a)', '').and('free(a)', ''), site)).to.equal(undefined);
  });
});
