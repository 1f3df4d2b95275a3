import { expect } from 'chai';
import fc from 'fast-check';
import { formatSaved, parseSaved } from 'scatterlist/explore';

const SAVED = {
  program: 'lost.ts',
  rule: 'final-check',
  schedule: '0.1.1.0',
  actors: ['one', 'two'],
  library: '0.1.0',
};

describe('a saved schedule', () => {
  it('is text that a person can read', () => {
    expect(formatSaved(SAVED)).to.equal(`{
  "format": 1,
  "program": "lost.ts",
  "rule": "final-check",
  "schedule": "0.1.1.0",
  "actors": [
    "one",
    "two"
  ],
  "library": "0.1.0"
}
`);
  });

  it('keeps every name, and is plain ASCII', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, fc.array(text), (program, rule, actors) => {
        const saved = { ...SAVED, program, rule, actors };
        const written = formatSaved(saved);
        expect(written).to.match(/^[\n\x20-\x7e]*$/);
        expect(parseSaved(written, 'f')).to.deep.equal(saved);
      }),
    );
  });

  const text = formatSaved(SAVED);
  const damaged: readonly (readonly [text: string, why: string])[] = [
    ['', 'f: it is no saved schedule'],
    ['null', 'f: it is no saved schedule'],
    ['5', 'f: it is no saved schedule'],
    ['[]', 'f: it is no saved schedule'],
    ['{}', 'f: it is no saved schedule'],
    ['0.1.1.0', 'f: it is no saved schedule'],
    [text.slice(0, -3), 'f: it is no saved schedule'],
    [text.replace('"format": 1', '"format": "1"'), 'f: it is no saved schedule'],
    [text.replace('"format": 1', '"format": 2'), 'f: it has format 2, and this library reads format 1'],
    [text.replace('"program"', '"programme"'), 'f: "program" is damaged'],
    [text.replace('"final-check"', '7'), 'f: "rule" is damaged'],
    [text.replace('"0.1.0"', 'null'), 'f: "library" is damaged'],
    [text.replace('"0.1.1.0"', '{}'), 'f: "schedule" is damaged'],
    [text.replace('"two"', '2'), 'f: "actors" is damaged'],
    [text.replace('"actors"', '"names"'), 'f: "actors" is damaged'],
    [
      text.replace('0.1.1.0', '0..1'),
      'f: "schedule" is damaged: "" is not a step of a schedule: expected an actor\'s number, number@cpu, =value, _ or end',
    ],
  ];
  for (const [content, why] of damaged)
    it(`says: ${why}, of ${JSON.stringify(content.slice(0, 20))}`, () => {
      expect(() => parseSaved(content, 'f'))
        .to.throw(Error, why)
        .with.property('message', why);
    });
});
