import { expect } from 'chai';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { LoadedPort, PortVariant } from 'scatterlist/ports';
import { explore } from 'scatterlist/explore';
import type { Outcome } from 'scatterlist/explore';
import type { MemoryKind, Page } from 'scatterlist';
import { besideProgram } from '../../../lib/ports/beside/program.ts';
import { LOADED, columnOf } from './two-pages.ts';

interface Shared {
  readonly memory: Page;
  readonly content: Uint8Array;
}

const variant = (more: Partial<PortVariant<Shared>>): PortVariant<Shared> => ({
  about: 'for a test',
  linux: 'none',
  tasks: {},
  ...more,
});

/** What it shares is named like something that the explorer gives to a check. */
const HANDLER: LoadedPort = await definePort<Shared>({
  name: 'handler',
  follows: 'no file',
  about: 'copies in a handler',
  memory: ['highmem'],
  setup: ({ machine, memory, content }) => {
    const [page] = takePages(machine, memory, 1);
    if (page === undefined) throw new Error('no page');
    return { memory: page, content };
  },
  variants: {
    plain: variant({
      interrupts: {
        done: {
          kind: 'softirq',
          run: ({ backend, memory, content }) => {
            const mapped = backend.map(memory, 0, content.length);
            if (!mapped.ok) return mapped;
            mapped.value.copyFrom(content);
            backend.unmap(mapped.value);
            return undefined;
          },
        },
      },
    }),
    generator: variant({
      interrupts: {
        done: {
          kind: 'softirq',
          *run({ backend, memory, content }) {
            const mapped = backend.map(memory, 0, content.length);
            if (!mapped.ok) return mapped;
            yield;
            mapped.value.copyFrom(content);
            backend.unmap(mapped.value);
            return undefined;
          },
        },
      },
    }),
    idle: variant({ tasks: { *idle() {} } }),
  },
  verify: ({ machine, memory, content }) => sameBytes(content, machine.physical(memory), 'the page'),
}).load({ name: 'a few bytes', content: Uint8Array.of(7, 8) });

function outcomeOf(
  port: LoadedPort,
  title: string,
  backend: string,
  memory: MemoryKind = 'highmem',
): Outcome {
  const program = besideProgram(
    { port, variant: title, memory, column: columnOf(backend) },
    { held: 1, machine: { pkmapSlots: 2 } },
  );
  return explore(program);
}

describe('the program of a port beside a second user', () => {
  it('has the actors of the port and the second user, and options for the machine', () => {
    const program = besideProgram(
      { port: LOADED, variant: 'original', memory: 'highmem', column: columnOf('kmap') },
      { held: 1, machine: { pkmapSlots: 2 } },
    );
    expect(Object.keys(program.tasks)).to.deep.equal(['copy', 'second user']);
    expect(program.machine).to.deep.equal({ pkmapSlots: 2 });
    expect(program.name).to.equal('two pages beside a second user');
  });

  for (const title of ['plain', 'generator'])
    it(`ends a schedule in which a handler that is a ${title} function got an error`, () => {
      expect(outcomeOf(HANDLER, title, 'kmap_local').kind).to.equal('exhausted');
      const outcome = outcomeOf(HANDLER, title, 'pgmap');
      expect(outcome.kind === 'violation' && outcome.violation).to.include({
        rule: 'exception',
        foundAt: undefined,
      });
      expect(outcome.kind === 'violation' && outcome.violation.what).to.match(/^PortFailed: Unmappable/);
    });

  it('verifies the bytes of the port at the end of each schedule', () => {
    const outcome = outcomeOf(HANDLER, 'idle', 'kmap_local');
    expect(outcome.kind === 'violation' && outcome.violation).to.include({
      rule: 'final-check',
      what: 'byte 0 of the page is 0x00 instead of 0x07',
    });
  });
});
