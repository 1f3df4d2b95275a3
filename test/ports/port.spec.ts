import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { COLUMNS, definePort, isPort } from 'scatterlist/ports';
import type { Column, PortSpec } from 'scatterlist/ports';
import { exhaustive, explore } from 'scatterlist/explore';
import { failureOf } from '../../lib/ports/port.ts';
import { runProgram } from '../../lib/ports/run-program.ts';
import { CONTENT, LOADED, PAGE_PORT } from './page-port.ts';

const GOOD: PortSpec<object> = {
  name: 'x',
  follows: 'no file',
  about: 'nothing to move',
  memory: ['lowmem'],
  setup: () => ({}),
  variants: {
    original: {
      about: 'a',
      linux: 'none',
      tasks: {
        *idle() {
          yield;
        },
      },
    },
  },
  verify: () => ({ verifiedBytes: 3 }),
};

function column(name: string): Column {
  const found = COLUMNS.find(({ contract }) => contract.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

describe('definePort', () => {
  it('tells what it was given, and is known as a port', () => {
    expect(isPort(PAGE_PORT)).to.equal(true);
    expect(isPort({ ...GOOD })).to.equal(false);
    expect(PAGE_PORT.memory).to.deep.equal(['highmem', 'lowmem', 'iomem', 'protected']);
    expect(PAGE_PORT.variants['original']).to.deep.equal({
      about: 'for a test',
      linux: 'none',
      usesBackend: true,
    });
  });

  it('gives `load` the bytes that it moves, and `setup` what `load` made of them', async () => {
    const port = definePort<{ readonly doubled: readonly number[] }, readonly number[]>({
      ...GOOD,
      mostBytes: 2,
      load: ({ content }) => [...content].map((byte) => 2 * byte),
      setup: ({ loaded }) => ({ doubled: loaded }),
      verify: ({ doubled }) => ({ verifiedBytes: doubled.reduce((sum, n) => sum + n, 0) }),
    });
    const loaded = await port.load({ name: 'test', content: Uint8Array.of(3, 4, 5) });
    expect([...loaded.content]).to.deep.equal([3, 4]);
    const { program, verify } = loaded.program('original', 'lowmem', column('kmap'));
    const machine = createMachine();
    const shared = program.setup?.(machine) ?? {};
    expect(verify(shared, machine)).to.deep.equal({ verifiedBytes: 14 });
  });

  it('refuses a variant that it does not have', () => {
    expect(() => LOADED.program('rewritten', 'lowmem', column('kmap'))).to.throw(
      'port "page" has no variant "rewritten"; it has original, ',
    );
  });
});

describe('the program of a port', () => {
  it('binds the backend to each context, and keeps the error that an actor returned', () => {
    const { program } = LOADED.program('in a handler', 'highmem', column('page_address'));
    const shared = runProgram(program, createMachine(), (state) => failureOf(state) !== undefined);
    expect(failureOf(shared)).to.include({ code: 'Unmappable', kind: 'highmem' });
    expect(failureOf({})).to.equal(undefined);
  });

  it('runs in every order in the explorer', () => {
    const small = CONTENT.subarray(0, 4);
    const outcome = (name: string): string => {
      const { program } = LOADED.program('used by a handler', 'highmem', column(name), small);
      const found = explore(program, exhaustive());
      return found.kind === 'violation' ? found.violation.rule : found.kind;
    };
    expect(outcome('kmap')).to.equal('exhausted');
    expect(outcome('kmap_local')).to.equal('wrong-task');
  });
});
