import { expect } from 'chai';
import fc from 'fast-check';
import { decodeShare, encodeShare } from '../../../site/lab/share.ts';
import type { Shared } from '../../../site/lab/share.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 300 });
const schedule = fc.option(fc.constantFrom('0.1.1.0', '0._.=2.end', ''), { nil: undefined });
const configuration = fc.record(
  {
    cpus: fc.integer({ min: 1, max: 8 }),
    highmem: fc.boolean(),
    preemptRt: fc.boolean(),
    pkmapSlots: fc.constantFrom(1, 2, 1024),
    backend: fc.constantFrom('kmap', 'kmap_local'),
    variant: fc.constant('original'),
  },
  { requiredKeys: [] },
);
const files = fc.dictionary(fc.constantFrom('a.ts', '../b.ts', 'c/d.ts'), text);
const shared: fc.Arbitrary<Shared> = fc.oneof(
  fc.record({
    kind: fc.constant('example' as const),
    name: fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/),
    schedule: fc.option(fc.constantFrom('0.1', 'end'), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('program' as const),
    program: fc.oneof(fc.record({ file: text, text }), fc.record({ file: text, text, files })),
    configuration,
    schedule,
  }),
);

const PROGRAM: Shared = {
  kind: 'program',
  program: { file: 'a.ts', text: 'export default 1;\n'.repeat(20) },
  configuration: { cpus: 2 },
  schedule: '0.1',
};

async function refusal(hash: string): Promise<string | undefined> {
  const reply = await decodeShare(hash);
  return reply?.ok === false ? reply.error.text : undefined;
}

describe('a link', () => {
  it('carries what it was made of', async () => {
    await fc.assert(
      fc.asyncProperty(shared, async (one) => {
        const hash = await encodeShare(one);
        expect(hash).to.match(/^#[\w=&%.+-]+$/);
        expect(await decodeShare(hash)).to.deep.equal({ ok: true, value: one });
      }),
      { numRuns: 60 },
    );
  });

  it('names an example in words', async () => {
    expect(await encodeShare({ kind: 'example', name: 'wrong-task', schedule: undefined })).to.equal(
      '#example=wrong-task',
    );
    expect(await refusal('#example=<script>')).to.match(/^the link names an example in a way/);
  });

  it('is refused in one line where it was cut or changed', async () => {
    const hash = await encodeShare(PROGRAM);
    for (let length = '#v1='.length; length < hash.length; length += 1)
      expect(await refusal(hash.slice(0, length)), hash.slice(0, length)).to.match(
        /^the link is damaged; copy/,
      );
    await fc.assert(
      fc.asyncProperty(fc.base64String({ maxLength: 200 }), async (noise) => {
        const reply = await decodeShare(`#v1=${noise}`);
        expect(reply?.ok).to.equal(false);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused where it says something that cannot be', async () => {
    const packed = async (value: unknown): Promise<string | undefined> => {
      const stream = new Blob([JSON.stringify(value)])
        .stream()
        .pipeThrough(new CompressionStream('deflate-raw'));
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      return refusal(`#v1=${Buffer.from(bytes).toString('base64url')}`);
    };
    const program = { file: 'a.ts', text: '' };
    expect(await packed({ program, configuration: { cpus: '2' } })).to.equal(
      'cpus of the link is "2"; it must be a whole number',
    );
    expect(await packed({ program, configuration: { highmem: 1 } })).to.equal(
      'highmem of the link is 1; it must be true or false',
    );
    expect(await packed({ program, configuration: {}, schedule: 1 })).to.match(/^the link is damaged/);
    expect(await packed({ program: 'text' })).to.match(/^the link is damaged/);
    expect(
      await packed({ program: { file: 'a.ts', text: 'x'.repeat(2 ** 21) }, configuration: {} }),
    ).to.equal('the link carries more than 1048576 bytes');
  });

  it('of another version says which', async () => {
    expect(await refusal('#v2=abc')).to.equal('the link is of version 2; this page opens version 1');
  });

  it('may be no link at all', async () => {
    for (const hash of ['', '#', '#timeline', '#a=b']) expect(await decodeShare(hash)).to.equal(undefined);
  });
});
