/**
 * The SMP response of mvsas, after `mvs_slot_complete` in drivers/scsi/mvsas/mv_sas.c (Linux 7.2).
 *
 * When a SAS management request completes, the slot's buffer holds an error record and then the response
 * frame. The completion tasklet copies the frame into the first entry of the response list; it must not sleep.
 */
import { err, ok, sgCopyFromBuffer, sgInitTable, sgSetPage } from 'scatterlist';
import type {
  ErrorsOf,
  MapBackend,
  MemoryKind,
  OutOfRange,
  Page,
  PartlyDone,
  Result,
  ScatterlistError,
  SgEntry,
} from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortInterrupt, PortTask } from 'scatterlist/ports';
import { ERR_INFO_BYTES } from './mvs-slot.ts';
import type { MvsSlot } from './mvs-slot.ts';
import { smpResponses } from './smp-target.ts';

/**
 * The SMP part of `mvs_slot_complete`. Returns the number of bytes copied.
 *
 * Linux maps one page and copies the whole length of the entry, even if the entry continues in a second
 * page or the frame is shorter. Here the copy helper maps page by page, and a short frame is an error.
 */
export function mvsSlotComplete<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  slot: MvsSlot,
  smpResp: SgEntry<K>,
): Result<number, PartlyDone<ErrorsOf<B, K>> | OutOfRange>;
export function mvsSlotComplete(
  backend: MapBackend,
  slot: MvsSlot,
  smpResp: SgEntry,
): Result<number, ScatterlistError> {
  const frame = slot.response.subarray(ERR_INFO_BYTES, ERR_INFO_BYTES + smpResp.length);
  if (frame.length < smpResp.length) {
    return err({ code: 'OutOfRange', haveBytes: frame.length, wantBytes: smpResp.length });
  }
  return sgCopyFromBuffer({ sgl: smpResp, origNents: 1 }, frame, backend);
}

/** The section as Linux has it: maps the first page of the entry and copies the frame to the entry's offset in it. */
function mvsSlotCompleteOnePage<B extends MapBackend, K extends MemoryKind>(
  backend: B,
  slot: MvsSlot,
  smpResp: SgEntry<K>,
): Result<number, ErrorsOf<B, K>>;
function mvsSlotCompleteOnePage(
  backend: MapBackend,
  slot: MvsSlot,
  smpResp: SgEntry,
): Result<number, ScatterlistError> {
  const { page, offset, length } = smpResp;
  if (page === null) return ok(0);
  const mapped = backend.map(page, 0, backend.context.machine.pageSize);
  if (!mapped.ok) return mapped;
  mapped.value.copyFrom(slot.response.subarray(ERR_INFO_BYTES, ERR_INFO_BYTES + length), offset);
  backend.unmap(mapped.value);
  return ok(length);
}

const JUNK = 0xa5;

interface Hba {
  readonly pages: readonly Page[];
  readonly sg: SgEntry;
  readonly slots: readonly MvsSlot[];
  readonly completed: Completion;
  done: number;
  verifiedBytes: number;
}

/** Requests one frame after another and compares each with the memory that it was copied to. */
const requests: PortTask<Hba> = function* requests(env) {
  const { machine, task, pages, sg, slots, completed, raise } = env;
  const [page] = pages;
  if (page === undefined) return;
  for (const [i, { response }] of slots.entries()) {
    const frame = response.subarray(ERR_INFO_BYTES);
    sgSetPage(sg, page, frame.length, 4 * (i % 700));
    for (const each of pages) machine.physical(each).fill(JUNK);
    raise('mvs_tasklet');
    yield* completed.wait(task);
    const got = machine.physical(page).subarray(sg.offset);
    env.verifiedBytes += sameBytes(frame, got, `frame ${String(i)}`).verifiedBytes;
  }
};

/** The completion tasklet: copies the next response, by one of the functions above. */
function tasklet(
  copy: (backend: MapBackend, slot: MvsSlot, sg: SgEntry) => Result<number, ScatterlistError>,
): Readonly<Record<string, PortInterrupt<Hba>>> {
  return {
    mvs_tasklet: {
      kind: 'softirq',
      onlyRaised: true,
      run(env) {
        const slot = env.slots[env.done];
        if (slot === undefined) return undefined;
        const copied = copy(env.backend, slot, env.sg);
        env.done += 1;
        env.completed.complete(env.irq);
        return copied;
      },
    },
  };
}

/** An expander sends the input in frames; the driver copies each into the first entry of a list. */
export default definePort<Hba>({
  name: 'mvsas-smp',
  follows: 'drivers/scsi/mvsas/mv_sas.c',
  about: 'copies a response frame into the first entry of a list, in a tasklet',
  memory: ['highmem', 'lowmem', 'protected'],
  setup: ({ machine, memory, content }) => ({
    pages: takePages(machine, memory, 1),
    sg: sgInitTable(1).entry(0),
    slots: [...smpResponses(content)],
    completed: new Completion(machine, 'SMP response'),
    done: 0,
    verifiedBytes: 0,
  }),
  variants: {
    original: {
      about: 'kmap_atomic of one page, memcpy to the offset',
      linux: '5.10 to 7.2; writes over the end of the page if the entry crosses it',
      tasks: { requests },
      interrupts: tasklet(mvsSlotCompleteOnePage),
    },
    'copy helper': {
      about: 'sg_copy_from_buffer, which maps page by page',
      linux: 'not proposed',
      tasks: { requests },
      interrupts: tasklet(mvsSlotComplete),
    },
  },
  verify: ({ slots, verifiedBytes }) => {
    const wantedBytes = slots.reduce((sum, { response }) => sum + response.length - ERR_INFO_BYTES, 0);
    return allBytes(wantedBytes, verifiedBytes);
  },
});
