/**
 * The flags of a guest's CPU in its steal-time page, as `record_steal_time` of arch/x86/kvm/x86.c handled them before
 * Linux 5.6 (CVE-2019-3016).
 *
 * While a CPU of a guest is preempted, another one asks for a flush of its TLB by a flag in the page. KVM looks at the
 * flag before the CPU runs again. It read the page into a copy, and later wrote the copy back. Linux 5.6 maps the page and
 * exchanges the flags in one step.
 *
 * Shown: a request between the read and the write is lost, so that the CPU runs on with stale translations; with the page
 * mapped, each request is seen. Not shown: how often that happens.
 *
 * Try it: `scatterlist explore examples/exhibits/kvm-steal-time.ts`
 */
import { ok } from 'scatterlist';
import type { Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { Completion, defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { COLUMNS, WrongBytesError, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { Port, PortTask, PortTaskEnv } from 'scatterlist/ports';

/** `struct kvm_steal_time` in short: the time, and the flags. */
const FLAGS = 8;
const BYTES = 9;
/** `KVM_VCPU_PREEMPTED`, `KVM_VCPU_FLUSH_TLB`. */
const PREEMPTED = 1;
const FLUSH_TLB = 2;

interface Vcpu {
  readonly page: Page;
  /** The steal time that KVM tells the guest. */
  readonly content: Uint8Array;
  readonly isOut: Completion;
  asked: number;
  flushed: number;
}

type Done = Sleeping<Result<undefined, ScatterlistError>>;

/** Maps the page for some work, which is one step. */
function* withPage({ backend, page }: PortTaskEnv<Vcpu>, work: (mapped: Mapping) => void): Done {
  const mapped = yield* backend.mapWait(page, 0, BYTES);
  if (!mapped.ok) return mapped;
  work(mapped.value);
  backend.unmap(mapped.value);
  return ok(undefined);
}

/** Up to 5.5: reads the page, and writes the whole of it back. */
function* byCopy(env: PortTaskEnv<Vcpu>): Done {
  const copy = new Uint8Array(BYTES);
  const read = yield* withPage(env, (mapped) => mapped.copyTo(copy));
  if (!read.ok) return read;
  yield;
  if (((copy[FLAGS] ?? 0) & FLUSH_TLB) !== 0) env.flushed += 1;
  copy[FLAGS] = 0;
  copy.set(env.content);
  return yield* withPage(env, (mapped) => {
    mapped.copyFrom(copy);
  });
}

/** Since 5.6: exchanges the flags in the page, `xchg(&st->preempted, 0)`. */
function* byMap(env: PortTaskEnv<Vcpu>): Done {
  return yield* withPage(env, (mapped) => {
    if ((mapped.load8(FLAGS) & FLUSH_TLB) !== 0) env.flushed += 1;
    mapped.store8(FLAGS, 0);
    mapped.copyFrom(env.content);
  });
}

/** The CPU of the guest is scheduled out, and in again. */
const kvm = (recordStealTime: (env: PortTaskEnv<Vcpu>) => Done): PortTask<Vcpu> =>
  function* kvm(env) {
    const out = yield* withPage(env, (mapped) => {
      mapped.store8(FLAGS, PREEMPTED);
    });
    if (!out.ok) return out;
    env.isOut.complete(env.task);
    yield;
    return yield* recordStealTime(env);
  };

/** `kvm_flush_tlb_multi` on another CPU of the guest: asks for a flush if the CPU is out, by a `try_cmpxchg`. */
const guest: PortTask<Vcpu> = function* guest(env) {
  yield* env.isOut.wait(env.task);
  return yield* withPage(env, (mapped) => {
    const flags = mapped.load8(FLAGS);
    if ((flags & PREEMPTED) === 0) return;
    mapped.store8(FLAGS, flags | FLUSH_TLB);
    env.asked += 1;
  });
};

/** The guest's page is told the first eight bytes of the input as its steal time. */
export const PORT: Port = definePort<Vcpu>({
  name: 'kvm-steal-time',
  follows: 'arch/x86/kvm/x86.c',
  about: 'tells a guest its steal time, and takes its requests for a flush of the TLB',
  memory: ['highmem', 'lowmem'],
  mostBytes: FLAGS,
  setup: ({ machine, memory, content }) => {
    const [page] = takePages(machine, memory, 1);
    if (page === undefined) throw new Error('no page');
    return { page, content, isOut: new Completion(machine, 'the CPU is out'), asked: 0, flushed: 0 };
  },
  variants: {
    original: {
      about: 'copies the page out, and back in',
      linux: 'up to 5.5; CVE-2019-3016',
      tasks: { kvm: kvm(byCopy), guest },
    },
    mapped: {
      about: 'maps the page, exchanges the flags',
      linux: 'since 5.6',
      tasks: { kvm: kvm(byMap), guest },
    },
  },
  verify: ({ machine, page, content, asked, flushed }) => {
    if (asked !== flushed)
      throw new WrongBytesError(`the guest asked for ${String(asked)} flushes, KVM made ${String(flushed)}`);
    return sameBytes(content, machine.physical(page), 'the steal time');
  },
});

const LOADED = await PORT.load({
  name: 'a time',
  content: Uint8Array.from({ length: FLAGS }, (_, i) => i + 1),
});

function programOf(variant: string): Program {
  const column = COLUMNS.find(({ contract }) => contract.name === 'kmap_local');
  if (column === undefined) throw new Error('kmap_local');
  const { program, verify } = LOADED.program(variant, 'highmem', column);
  return defineProgram({
    ...program,
    check: (final) => {
      verify(final, final.machine);
    },
  });
}

export default programOf('original');
export const fixed: Program = programOf('mapped');
