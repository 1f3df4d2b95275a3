/** A port that copies one page to another, with both mapped at once, and its twin, which maps one at a time. */
import type { Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { COLUMNS, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { Column, LoadedPort, PortTaskEnv, PortVariant } from 'scatterlist/ports';

interface Pages {
  readonly from: Page;
  readonly to: Page;
  readonly content: Uint8Array;
}

type Body = (env: PortTaskEnv<Pages>) => Sleeping<Result<unknown, ScatterlistError> | void>;

const variant = (copy: Body): PortVariant<Pages> => ({ about: 'for a test', linux: 'none', tasks: { copy } });

const TWO_PAGES = definePort<Pages>({
  name: 'two pages',
  follows: 'no file',
  about: 'copies a page',
  memory: ['highmem', 'lowmem'],
  setup: ({ machine, memory, content }) => {
    const [from, to] = takePages(machine, memory, 2);
    if (from === undefined || to === undefined) throw new Error('no pages');
    machine.physical(from).set(content);
    return { from, to, content };
  },
  variants: {
    original: variant(function* both({ backend, from, to, content }) {
      const source = yield* backend.mapWait(from, 0, content.length);
      if (!source.ok) return source;
      const target = yield* backend.mapWait(to, 0, content.length);
      if (!target.ok) return target;
      const buffer = new Uint8Array(content.length);
      source.value.copyTo(buffer);
      target.value.copyFrom(buffer);
      backend.unmap(target.value);
      backend.unmap(source.value);
      return undefined;
    }),
    'one at a time': variant(function* oneByOne({ backend, from, to, content }) {
      const buffer = new Uint8Array(content.length);
      const source = yield* backend.mapWait(from, 0, content.length);
      if (!source.ok) return source;
      source.value.copyTo(buffer);
      backend.unmap(source.value);
      const target = yield* backend.mapWait(to, 0, content.length);
      if (!target.ok) return target;
      target.value.copyFrom(buffer);
      backend.unmap(target.value);
      return undefined;
    }),
    'does not wait': variant(function* atOnce({ backend, to, content }) {
      const target = backend.map(to, 0, content.length);
      if (!target.ok) return target;
      target.value.copyFrom(content);
      backend.unmap(target.value);
      return undefined;
    }),
    'older first': variant(function* olderFirst({ backend, from, to, content }) {
      const source = yield* backend.mapWait(from, 0, content.length);
      if (!source.ok) return source;
      const target = yield* backend.mapWait(to, 0, content.length);
      if (!target.ok) return target;
      target.value.copyFrom(content);
      backend.unmap(source.value);
      backend.unmap(target.value);
      return undefined;
    }),
  },
  verify: ({ machine, to, content }) => sameBytes(content, machine.physical(to), 'the copy'),
});

export const LOADED: LoadedPort = await TWO_PAGES.load({
  name: 'a few bytes',
  content: Uint8Array.of(1, 2, 3, 4),
});

export function columnOf(name: string): Column {
  const column = COLUMNS.find(({ contract }) => contract.name === name);
  if (column === undefined) throw new Error(`no column ${name}`);
  return column;
}
