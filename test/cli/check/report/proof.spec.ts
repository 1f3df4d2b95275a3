import { expect } from 'chai';
import type { Finding } from '../../../../lib/cli/check/judge.ts';
import type { Proof } from '../../../../lib/cli/check/proof/proof.ts';
import { mailText } from '../../../../lib/cli/check/report/mail.ts';
import { proofSentence, proofText, replayCommand } from '../../../../lib/cli/check/report/proof.ts';
import { sarif } from '../../../../lib/cli/check/report/sarif.ts';

const FINDING: Finding = {
  rule: 'leak',
  function: 'fill',
  lines: [1, 9],
  line: 6,
  mapLine: 3,
  sureness: 'error',
  because: 'it is released on 1 other way out',
  bites: 'highmem',
  bitesBecause: undefined,
  says: 'kmap_local_page(page) of line 3 has no kunmap_local on the way out in line 6',
  variant: undefined,
  unmap: 'kunmap_local',
  path: [{ line: 3, text: 'kmap_local_page maps page' }],
};
const TRIED = {
  runs: 12,
  seconds: 0.25,
  others: [{ rule: 'null-pointer', place: 'fill.c:4', runs: 5 }],
};
const REACHED: Proof = {
  kind: 'reached',
  tried: TRIED,
  rule: 'leak',
  choices: [
    'the_length is 101',
    'it->flags is 1',
    'page, 4 bytes at 8, is 0',
    'vmap returns NULL',
    'it->flags is 1',
  ],
  section: 'out/fill.c',
  schedule: 'out/fill.schedule',
};
const SECTION = 'out/fill.c';

describe('what exploring came to, in words', () => {
  it('are the values with which a run does it, each once, as the code calls them', () => {
    expect(proofText(FINDING, REACHED)).to.equal(
      'a run of this code does it where argument length is 101; member flags is 1; byte 8 of a page, read as 4 bytes, is 0; vmap returns NULL',
    );
    expect(proofText(FINDING, { ...REACHED, choices: [] })).to.equal(
      'a run of this code does it, whatever the values are',
    );
    expect(proofText({ ...FINDING, rule: 'double-unmap' }, { ...REACHED, choices: [] })).to.include(
      ', which the machine calls leak,',
    );
    const many = Array.from({ length: 11 }, (_, i) => `the_${String(i)} is 0`);
    expect(proofText(FINDING, { ...REACHED, choices: many })).to.match(/; and 3 more$/);
    expect(replayCommand(REACHED)).to.equal('scatterlist replay out/fill.c out/fill.schedule');
  });

  it('say what was tried, and what to do, where no run does it', () => {
    expect(proofText(FINDING, { kind: 'not reached', tried: TRIED, section: SECTION })).to.equal(
      'no run of this code does it, with the values that out/fill.c tries; all runs were tried (12 runs in 0.3 s, 5 of them ended before, in null-pointer at fill.c:4). It may need a value that is not among them: add it there, and run scatterlist explore on it',
    );
    expect(
      proofText(FINDING, { kind: 'out of budget', tried: TRIED, section: SECTION, why: 'the time was over' }),
    ).to.match(/^no run has done it so far, and runs are left \(the time was over; .*--budget 60s/);
    expect(proofText(FINDING, { kind: 'not tried', why: 'x.c does not compile', section: SECTION })).to.equal(
      'x.c does not compile. To explore it all the same, complete out/fill.c by hand, and run scatterlist explore on it',
    );
  });

  it('are a sentence of a mail, where they say something', () => {
    const proofs: readonly (Proof | undefined)[] = [
      REACHED,
      { kind: 'not reached', tried: TRIED, section: SECTION },
      { kind: 'not tried', why: 'there is no compiler' },
      undefined,
    ];
    const sentences = proofs.map((proof) =>
      proofSentence(proof === undefined ? FINDING : { ...FINDING, proof }),
    );
    expect(sentences[0]).to.match(
      /^A run of the compiled function .* does this where argument length is 101; /,
    );
    expect(sentences[1]).to.match(/^In a simulated kernel no run .* does this/);
    expect(sentences.slice(2)).to.deep.equal([undefined, undefined]);
    expect(mailText('x.c', { ...FINDING, proof: REACHED }).replaceAll('\n', ' ')).to.include(
      'vmap returns NULL.',
    );
    expect(mailText('x.c', FINDING)).not.to.include('simulated');
  });

  it('are a property, a message and a related place in SARIF', () => {
    const text = (proof: Proof | undefined): string =>
      JSON.stringify(
        sarif(
          [
            {
              file: 'x.c',
              findings: [proof === undefined ? FINDING : { ...FINDING, proof }],
              checked: 1,
              unread: [],
              bounded: [],
              silenced: 0,
            },
          ],
          '1.2.3',
        ),
      );
    const reached = text(REACHED);
    expect(reached).to.include('Explored: a run of this code does it where argument length is 101');
    expect(reached).to.include('"properties":{"explored":{"kind":"reached"');
    expect(reached).to.match(
      /"relatedLocations":\[\{"id":1,"physicalLocation":\{"artifactLocation":\{"uri":"out\/fill\.c".*It is shown by: scatterlist replay/,
    );
    expect(text({ kind: 'not tried', why: 'there is no compiler' })).to.match(
      /"relatedLocations":\[\{"id":1,"physicalLocation":\{"artifactLocation":\{"uri":"x\.c"/,
    );
    expect(text(undefined)).not.to.include('relatedLocations');
  });
});
