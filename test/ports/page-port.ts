/** A small port for the tests of lib/ports: it copies the input into one page, in ways that need more and more. */
import { Completion } from 'scatterlist/explore';
import { sgCopyFromBuffer, sgInitTable, sgSetPage } from 'scatterlist';
import { UserSpace, copyFromUserInatomic, smpProcessorId } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { LoadedPort, PortTask, PortVariant } from 'scatterlist/ports';
import type { Mapping, Page } from 'scatterlist';

export interface Shared {
  readonly page: Page;
  readonly other: Page;
  readonly content: Uint8Array;
  readonly arrived: Completion;
  mapping: Mapping | undefined;
}

const variant = (copy: PortTask<Shared>, more: Partial<PortVariant<Shared>> = {}): PortVariant<Shared> => ({
  about: 'for a test',
  linux: 'none',
  tasks: { copy },
  ...more,
});

export const PAGE_PORT = definePort<Shared>({
  name: 'page',
  follows: 'no file',
  about: 'copies the input into one page',
  memory: ['highmem', 'lowmem', 'iomem', 'protected'],
  mostBytes: 4096,
  setup: ({ machine, memory, content }) => {
    const [page, other] = takePages(machine, memory, 2);
    if (page === undefined || other === undefined) throw new Error('no pages');
    return { page, other, content, arrived: new Completion(machine, 'arrival'), mapping: undefined };
  },
  variants: {
    original: variant(function* original({ backend, page, content }) {
      const mapped = yield* backend.mapWait(page, 0, content.length);
      if (!mapped.ok) return mapped;
      mapped.value.copyFrom(content);
      backend.unmap(mapped.value);
      return undefined;
    }),
    'older first': variant(function* olderFirst({ backend, page, other, content }) {
      const first = yield* backend.mapWait(page, 0, content.length);
      if (!first.ok) return first;
      const second = yield* backend.mapWait(other, 0, content.length);
      if (!second.ok) return second;
      first.value.copyFrom(content);
      backend.unmap(first.value);
      backend.unmap(second.value);
      return undefined;
    }),
    'used by a handler': variant(
      function* sleeps(env) {
        const mapped = yield* env.backend.mapWait(env.page, 0, env.content.length);
        if (!mapped.ok) return mapped;
        env.mapping = mapped.value;
        env.raise('done');
        yield* env.arrived.wait(env.task);
        env.backend.unmap(mapped.value);
        return undefined;
      },
      {
        interrupts: {
          done: {
            kind: 'hardirq',
            onlyRaised: true,
            run({ irq, mapping, content, arrived }) {
              mapping?.copyFrom(content);
              arrived.complete(irq);
            },
          },
        },
      },
    ),
    'in a handler': variant(
      function* waits({ task, arrived, raise }) {
        raise('done');
        yield* arrived.wait(task);
      },
      {
        interrupts: {
          done: {
            kind: 'hardirq',
            onlyRaised: true,
            run({ irq, backend, page, content, arrived }) {
              const mapped = backend.map(page, 0, content.length);
              if (!mapped.ok) return mapped;
              mapped.value.copyFrom(content);
              backend.unmap(mapped.value);
              arrived.complete(irq);
              return undefined;
            },
          },
        },
      },
    ),
    'copy helper': variant(function* copies({ backend, page, content }) {
      const sg = sgInitTable(1).entry(0);
      sgSetPage(sg, page, content.length, 0);
      return sgCopyFromBuffer({ sgl: sg, origNents: 1 }, content, backend);
    }),
    'no map': variant(
      function* writes({ machine, page, content }) {
        machine.physical(page).set(content);
      },
      { usesBackend: false },
    ),
    'from a user': variant(function* inatomic(env) {
      const { task, backend, page, other, content, machine } = env;
      const user = new UserSpace(machine);
      user.map(0x1000, other);
      machine.physical(other).set(content);
      const mapped = yield* backend.mapWait(page, 0, content.length);
      if (!mapped.ok) return mapped;
      const bytes = new Uint8Array(content.length);
      copyFromUserInatomic(task, bytes, user, 0x1000);
      mapped.value.copyFrom(bytes);
      backend.unmap(mapped.value);
      return undefined;
    }),
    'reads its CPU': variant(function* reads({ task, backend, page, content }) {
      const mapped = yield* backend.mapWait(page, 0, content.length);
      if (!mapped.ok) return mapped;
      smpProcessorId(task);
      mapped.value.copyFrom(content);
      backend.unmap(mapped.value);
      return undefined;
    }),
    'reads its CPU unmapped': variant(function* readsFirst({ task, backend, page, content }) {
      smpProcessorId(task);
      const mapped = yield* backend.mapWait(page, 0, content.length);
      if (!mapped.ok) return mapped;
      mapped.value.copyFrom(content);
      backend.unmap(mapped.value);
      return undefined;
    }),
    'wrong bytes': variant(function* wrong({ backend, page }) {
      const mapped = yield* backend.mapWait(page, 0, 1);
      if (!mapped.ok) return mapped;
      mapped.value.store8(0, 0xee);
      backend.unmap(mapped.value);
      return undefined;
    }),
    'past the end': variant(function* overrun({ backend, page, content }) {
      const mapped = yield* backend.mapWait(page, 0, 8);
      if (!mapped.ok) return mapped;
      mapped.value.copyFrom(content, 4);
      backend.unmap(mapped.value);
      return undefined;
    }),
  },
  verify: ({ machine, page, content }) => sameBytes(content, machine.physical(page), 'the page'),
});

export const CONTENT = Uint8Array.from({ length: 600 }, (_, i) => (i * 7) & 0xff);
export const LOADED: LoadedPort = await PAGE_PORT.load({ name: 'test', content: CONTENT });
