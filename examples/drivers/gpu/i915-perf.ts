/**
 * The scratch page of a self-test of i915, after `live_noa_gpr` in drivers/gpu/drm/i915/selftests/i915_perf.c
 * (Linux 7.2).
 *
 * The test fills the scratch page of the GPU with poison, lets a batch run, and checks that the batch left the page as it
 * was. The task sleeps until the batch has ended. Whether the page stays mapped meanwhile is what the variants differ in.
 */
import { err, ok } from 'scatterlist';
import type {
  InvalidArgument,
  MapBackend,
  Mapping,
  Page,
  Result,
  ScatterlistError,
  Sleeping,
} from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import type { Context } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortTaskEnv, PortVariant } from 'scatterlist/ports';
import { gemObject, pinMap, shrink, unpinMap } from './i915-pin-map.ts';
import type { GemObject } from './i915-pin-map.ts';

/** `POISON_FREE`. */
const POISON = 0x6b;

/** Lets the GPU run a batch, and sleeps until it has ended. */
type RunBatch = () => Sleeping<unknown>;

type Tested = Result<undefined, ScatterlistError>;

/** `memchr_inv`: an error, if a byte is not the poison. */
function checkPoison(scratch: Mapping): Result<undefined, InvalidArgument> {
  const bytes = new Uint8Array(scratch.length);
  scratch.copyTo(bytes);
  const at = bytes.findIndex((byte) => byte !== POISON);
  const got = bytes[at];
  if (got === undefined) return ok(undefined);
  return err({
    code: 'InvalidArgument',
    argument: 'scratch page',
    got,
    expected: `the poison ${String(POISON)} at byte ${String(at)}`,
  });
}

/** The page is mapped from the fill to the check. */
export function* heldAcrossBatch(backend: MapBackend, page: Page, run: RunBatch): Sleeping<Tested> {
  const scratch = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
  if (!scratch.ok) return scratch;
  scratch.value.fill(POISON);
  yield* run();
  const clean = checkPoison(scratch.value);
  backend.unmap(scratch.value);
  return clean;
}

/** The page is mapped for the fill, and again for the check. */
export function* mappedTwice(backend: MapBackend, page: Page, run: RunBatch): Sleeping<Tested> {
  const { pageSize } = backend.context.machine;
  const filled = yield* backend.mapWait(page, 0, pageSize);
  if (!filled.ok) return filled;
  filled.value.fill(POISON);
  backend.unmap(filled.value);
  yield* run();
  const checked = yield* backend.mapWait(page, 0, pageSize);
  if (!checked.ok) return checked;
  const clean = checkPoison(checked.value);
  backend.unmap(checked.value);
  return clean;
}

/** The page belongs to an object, whose map is pinned meanwhile. */
export function* byPinnedMap(backend: MapBackend, object: GemObject, run: RunBatch): Sleeping<Tested> {
  const scratch = yield* pinMap(backend, object);
  if (!scratch.ok) return scratch;
  scratch.value.fill(POISON);
  yield* run();
  const clean = checkPoison(scratch.value);
  unpinMap(object);
  return clean;
}

interface Gt {
  readonly scratch: Page;
  readonly object: GemObject;
  /** What the batches write, a page each. */
  readonly content: Uint8Array;
  readonly targets: readonly Page[];
  readonly submitted: Completion;
  readonly retired: Completion;
}

function* runBatch({ submitted, retired }: Gt, task: Context): Sleeping<void> {
  submitted.complete(task);
  yield* retired.wait(task);
}

/** Runs the test once for each batch. */
const tests = (test: (env: PortTaskEnv<Gt>) => Sleeping<Tested>): PortTask<Gt> =>
  function* selftest(env) {
    for (let batch = 0; batch < env.targets.length; batch += 1) {
      const clean = yield* test(env);
      if (!clean.ok) return clean;
    }
    // At the end the driver frees the object, and with it its map.
    yield* shrink(env.backend, env.object);
    return undefined;
  };

/** The GPU writes a page of the input in each batch, and leaves the scratch page alone. */
const devices: NonNullable<PortVariant<Gt>['devices']> = {
  *gpu({ machine, targets, content, submitted, retired, self }) {
    for (const [batch, target] of targets.entries()) {
      yield* submitted.wait(self);
      const at = batch * machine.pageSize;
      machine.physical(target, 'gpu').set(content.subarray(at, at + machine.pageSize));
      retired.complete(self);
    }
  },
};

/** The input is what the batches of the GPU write. */
export default definePort<Gt>({
  name: 'i915-perf',
  follows: 'drivers/gpu/drm/i915/selftests/i915_perf.c',
  about: 'poisons a page, sleeps while the GPU runs, and checks the page',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => {
    const [scratch, ...targets] = takePages(
      machine,
      memory,
      1 + Math.ceil(content.length / machine.pageSize),
    );
    if (scratch === undefined) throw new Error('no page');
    return {
      scratch,
      object: gemObject(machine, [scratch], 'the scratch page'),
      content,
      targets,
      submitted: new Completion(machine, 'a batch'),
      retired: new Completion(machine, 'the GPU'),
    };
  },
  variants: {
    original: {
      about: 'kmap of the page, held while the GPU runs',
      linux: '5.10',
      tasks: {
        selftest: tests((env) => heldAcrossBatch(env.backend, env.scratch, () => runBatch(env, env.task))),
      },
      devices,
    },
    'two short maps': {
      about: 'a map for the fill, and a map for the check',
      linux: 'not proposed',
      tasks: {
        selftest: tests((env) => mappedTwice(env.backend, env.scratch, () => runBatch(env, env.task))),
      },
      devices,
    },
    'pinned map': {
      about: 'the map that the object of the page has anyway',
      linux: '6.1 to 7.2',
      usesBackend: false,
      tasks: {
        selftest: tests((env) => byPinnedMap(env.backend, env.object, () => runBatch(env, env.task))),
      },
      devices,
    },
  },
  verify: ({ machine, scratch, targets, content }) => {
    sameBytes(new Uint8Array(machine.pageSize).fill(POISON), machine.physical(scratch), 'the scratch page');
    const bytes = Uint8Array.from(targets.flatMap((page) => [...machine.physical(page)]));
    return sameBytes(content, bytes, 'what the batches wrote');
  },
});
