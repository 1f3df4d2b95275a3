/**
 * Every number that a public function takes, with every kind of number that none of them can use: it is refused by
 * name, with nothing changed, or it has a meaning that is written down here. A new function with a number fails this
 * until it has a call in `calls.ts`.
 */
import { expect } from 'chai';
import {
  ConfigError,
  DmaDevice,
  SgArray,
  SgTable,
  ViolationError,
  createMachine,
  describeError,
  hex,
  mappedNents,
  origNents,
  sgMarkEnd,
} from 'scatterlist';
import type { MachineOptions, ScatterlistError } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { CALLS } from './calls.ts';
import type { World } from './calls.ts';
import { numberParameters } from './parameters.ts';

const BAD = [-1, NaN, 2 ** 31, 2 ** 32, 2 ** 53, 1.5, Infinity, -Infinity, -0];

/** What has no call here, and why. */
const INNER: readonly (readonly [which: RegExp, reason: string])[] = [
  [
    /^DmaMapping\./,
    'a device passes ranges of mappings that it found by their addresses, which are checked there',
  ],
  [/^Hardware\.checkNumber/, 'it is the check'],
  [
    /^(auditAt|auditHtml|auditLines|auditSummary|beside(Findings|Reasons|RecordOf|Summary|Table)|countSites|conversionLines|costTables|divergence(Lines|sOf)|explainBeside|explainCell|portTable|reasonLines|recordOf|rowTable|summaryLine)\(/,
    'it tells what `runRow`, `auditPort` or `exploreBeside` returned',
  ],
  [/^(errPtr|isErr|ptrErr)\(/, 'in C an address is a number, also one that is none; an access checks it'],
  [
    /^(designTable|explainLabCell|figuresOf|labTable|tellCell)\(/,
    'it tells what the command measured of a design, for `scatterlist lab`',
  ],
  [/^formatExperiment(List)?\(/, 'it tells what `runExperiment` and `defineExperiment` returned'],
  [/faults\.failAt\)$/, 'a plan of `failCall`, which checks it'],
  [/^allBytes/, 'it throws unless both numbers are the same'],
  [/^Ledger\.count/, 'a copy counts what it has passed; on the path of every copy'],
  [
    /^SlotTokens\.(re)?map|^RamWindow\.retarget|^Machine\.ramWindow/,
    'the fast path of every map, which checks',
  ],
  [
    /^Task\.migrateDisabled=/,
    'a count of the kernel: it wraps where a driver lowers it too often, which is reported',
  ],
];

/** The abstract class says what its two kinds do; they are called. */
const ABSTRACT = /^Window\.(?!pageAt)/;

/** Functions that give a number its type, or print it: whoever takes it checks it. */
const NAMES = /^(cpuId|dmaAddr|hex|mappedNents|origNents|pfn|physAddr|taskId|virtAddr)\(n\)$/;

/** Asked for in earnest: that many schedules are run, or that much memory taken. */
const SKIPPED: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^checkDeterminism\(options\.schedules\)/, [2 ** 31, 2 ** 32, Infinity]],
];

const HUGE = [2 ** 31, 2 ** 32];
const ALL = BAD;

/** Refusals that name a number worked out from the wrong one: a sum, pages instead of bytes, where it ends. */
const DERIVED =
  /^(flushDcacheArea\(lengthBytes|folioZeroRange\(start|zeroUser\(start|AddressSpace\.fill\(lengthBytes|FolioMap|PhysicalMemory\.nthPage|pageAt\(|Execution\.take|BouncePool\.runAt|LocalSlots\.unmap\(|DmaDevice\.(map\(pieces|allocCoherent)|dmaAllocCoherent|sgSplit|sglAlloc|iovIterKvec\(vectors\[\]\.address|dmaMap(Page|Single)\()/;

/** What a number means where it is not refused. */
const MEANINGS: readonly (readonly [parameters: RegExp, values: readonly number[], meaning: string])[] = [
  [/\((value)\)$/, ALL, 'the low bits are stored, as C converts them'],
  [/nents\)$/, [...HUGE, Infinity], 'walks end with the list; Infinity is all there are'],
  [/pageOffset\)$/, HUGE, 'pages behind the list: there are none'],
  [/^(sgFill|sgZeroBuffer).*lengthBytes\)$/, [...HUGE, Infinity], 'to the end of the list'],
  [/^(sgCopyList|sgCompare).*lengthBytes\)$/, HUGE, 'as far as the shorter list reaches'],
  [/[sS]kip\w*\)$|^SgMiter\.skip/, HUGE, 'behind the end of the list there is nothing to do'],
  [/limits\.maxBytes\)$/, HUGE, 'at most'],
  [/mostBytes\)$/, HUGE, 'pieces may be larger than the segments'],
  [/maxSegmentBytes\)$/, [2 ** 31], 'at most'],
  [/leftPages\)$/, [2 ** 31], 'at most'],
  [/^__sg.*(maxEnts|nentsFirstChunk|numEnts)\)$/, HUGE, 'more than the table has'],
  [/^SgOptions\.maxSingleAlloc$/, [2 ** 31], 'more than is asked for'],
  [/^sgFreeTableChained/, [2 ** 31], 'nothing was taken from a pool'],
  [/^iovIterDiscard/, HUGE, 'bytes to drop'],
  [/^iovIterBvec/, [2 ** 31], 'fits the 32 bits of a bio_vec; extracting looks at the memory'],
  [/^SgArray\.linkAt/, ALL, 'no link there'],
  [/^sgSetDma\(address\)/, HUGE, 'any bus address'],
  [/^sgSetDma\(lengthBytes\)/, [2 ** 31], 'fits 32 bits'],
  [/^inPage/, HUGE, 'an offset behind many pages'],
  [/failAt\)$/, [...HUGE, Infinity], 'later than any call'],
  [/^TrackingAllocator\.(attempt|reserve)/, HUGE, 'a count that is noted'],
  [/^memcpyFromFileFolio/, HUGE, 'a position in a file'],
  [/^zeroUser|^folioZeroSegment/, HUGE, 'a start behind its end is an empty segment'],
  [/^physToVirt/, ALL, 'computed; the address is checked where it is used'],
  [/^UserSpace\.accessOk/, ALL, 'no memory of a user: false'],
  [/^(UserSpace\.|copy(To|From)User)/, HUGE, 'no page of a user is there'],
  [/^virtToPhys/, HUGE, 'computed, where accesses are not checked'],
  [/^(isKmapAddr|kmapToPage|virtToPage)/, ALL, 'no page is mapped there'],
  [/^new Folio/, [2 ** 31], 'Linux has no bound; the pages are looked at when they are used'],
  [/^(new )?Atomic/, [-1], 'a number with a sign'],
  [/^new Semaphore/, HUGE, 'a count'],
  [/^(bvecVirt|openDirect)/, HUGE, 'no such bytes have a permanent address: undefined'],
  [/^bvecKmapLocal\(vector\.length/, [2 ** 31], 'to the end of the page'],
  [
    /^kunmap(Atomic|Local)\(where/,
    [2 ** 32],
    'an address outside every area, at which a direct machine does not look',
  ],
  [/^TrackingAllocator\.allocate/, [...HUGE, 2 ** 53, Infinity], 'no memory for so many: undefined'],
  [/^memcpy(From|To)Bvec\(vector\.length/, [2 ** 31], 'as much as the array has'],
  [/^Machine\.takePages/, HUGE, 'more than there are: undefined'],
  [/^BouncePool\.(take|longestBelow|pass)\(bytes/, HUGE, 'more than the pool has: undefined'],
  [/^BouncePool\.pass/, [2 ** 53, 1.5, Infinity], 'counted in whole slots'],
  [/^BouncePool\.runAt\(bytes/, [1.5], 'counted in whole slots'],
  [/^BouncePool\.\w+\(needs\.(mask|boundaryBytes)/, [...HUGE, 2 ** 53, Infinity], 'no bound'],
  [/^BouncePool\.\w+\(needs\.address/, HUGE, 'an address in memory that is large'],
  [/^BouncePool\.\w+\(needs\.slotOffset/, [2 ** 31], 'behind the buffer'],
  [/^BouncePool\.\w+\(needs\.keepMask/, [2 ** 31], 'a bit of an address'],
  [/^DataCache\.colourOf/, HUGE, 'an address'],
  [/^Hardware\.flush/, ALL, 'no page there is cached'],
  [/^DmaDevice\.look/, ALL, 'no mapping there: undefined'],
  [/^LocalSlots\.(frameInStack|slotOf)/, ALL, 'no slot there, or none in use: -1'],
  [/^LocalSlots\.mayMap/, HUGE, 'more than there are: false'],
  [/^PhysicalMemory\.(zoneOf|pageAt)/, ALL, 'no memory there: undefined'],
  [/^PhysicalMemory\.firstOfKind/, ALL, 'the pages that exist of so many bytes'],
  [/^PhysicalMemory\.isOneRun/, [...HUGE, 2 ** 53, Infinity], 'too many for one buffer'],
  [/^PhysicalMemory\.touchRun/, [...HUGE], 'to the end of memory'],
  [/^PhysicalMemory\.allocate/, HUGE, 'more than there are: undefined'],
  [/^PkmapPool\.getAtOnce\(guess/, ALL, 'a wrong guess: the page is looked up'],
  [/^TrackingAllocator\.(free|release)/, HUGE, 'a count that is noted'],
  [/^mapContiguous\(needPages/, HUGE, 'the length of a run that cannot fit'],
  [/^new Task/, [-1, ...HUGE], 'an id; idle tasks have negative ones'],
  [/(seed)\)$/, HUGE, 'any seed'],
  [
    /(options\.(schedules|milliseconds|rows)|budget\.\w+|starvationBound|maxSteps|preemptions|width|depth|least|spec\.mostBytes)\)?$/,
    [...HUGE, 2 ** 53, Infinity, 1.5],
    'a bound that is never reached',
  ],
  [/^Execution\.begin/, HUGE, 'more than the schedule before had'],
  [/^maybe/, [...HUGE, Infinity], 'at most'],
  [/^shard\(count\)/, HUGE, 'most shards are empty'],
  [
    /^(explain|shrink|formatSchedule|replaySchedule)\(schedule\[\]\)/,
    ALL,
    'a step that the program does not have is repaired to the nearest',
  ],
  [
    /^DmaDevice\..*entries\)$/,
    ALL,
    'compared with the entries of a list that was mapped, and of no use else',
  ],
  [/^DmaDevice\.setMask/, ALL, 'false, where no memory can be reached with it'],
  [/^dmaSetMask/, [...HUGE, 2 ** 53, Infinity], 'Linux takes any mask that is high enough'],
  [
    /^new DmaDevice\(options\.(mask|maxSegmentBytes)/,
    [...HUGE, 2 ** 53, Infinity],
    'more than memory, or a segment, has',
  ],
  [/^new DmaDevice\(options\.segmentBoundaryMask/, [2 ** 53, Infinity], 'no boundary'],
  [/^new DmaDevice\(options\.busOffset/, [-1, ...HUGE], 'bus addresses may be lower or higher'],
  [/^new DmaDevice\(options\.iommu\.pages/, HUGE, 'a range of bus addresses'],
  [/^dma(Map|Unmap|Sync)\w*\(nents\)|^dma\w+Sg\w*\(nents\)/, [...HUGE, Infinity], 'the entries of the list'],
];

function worldOf(options: MachineOptions): World {
  const machine = createMachine({
    lowmemPages: 256,
    highmemPages: 64,
    vmallocPages: 64,
    bounceSlots: 8,
    ...options,
  });
  const pages = machine.allocPages(4, { zone: 'lowmem' });
  for (const page of pages) machine.physical(page).fill(0xa5);
  const device = machine.ioRegion(2);
  const array = new SgArray(2);
  array.set(0, pages[0]!, 100, 8);
  array.set(1, pages[1]!, 4096, 0);
  sgMarkEnd(array.entry(1));
  const table = new SgTable();
  table.sgl = array.entry(0);
  table.origNents = origNents(2);
  table.nents = mappedNents(2);
  const task = machine.task('driver');
  return {
    machine,
    task,
    pages,
    page: pages[0]!,
    device,
    table,
    entry: array.entry(0),
    local: kmapLocal(task),
    dma: new DmaDevice(machine),
  };
}

/** What must be as it was after a refusal. */
function stateOf({ machine, pages, entry: { array } }: World): unknown {
  return {
    live: machine.liveMappings,
    entries: [...array.pages.keys()].map((slot) => [
      array.pages[slot]?.pfn,
      array.lengths[slot],
      array.offsets[slot],
    ]),
    marks: [...array.marks],
    bytes: pages.map((page) => machine.hardware.memory.bytesOf(page).every((byte) => byte === 0xa5)),
  };
}

/** The words of a refusal; undefined where the number was taken. */
function refusalOf(name: string, world: World, path: string, value: number): string | undefined {
  const call = CALLS[name];
  if (call === undefined) throw new Error(`${name} has no call`);
  let asked = false;
  const at = (asks: string, usual: number): number => {
    if (asks !== path) return usual;
    asked = true;
    return value;
  };
  try {
    const answer = call(world, at) as
      { readonly ok?: boolean; readonly error?: ScatterlistError } | undefined;
    if (answer?.ok === false && answer.error !== undefined) return describeError(answer.error);
    return undefined;
  } catch (error) {
    if (error instanceof ViolationError) return error.violation.what;
    if (error instanceof ConfigError || error instanceof RangeError) return error.message;
    throw error;
  } finally {
    expect(asked, `calls.ts asks for ${path} of ${name}`).to.be.true;
  }
}

// Addresses and frames are written as in a kernel log.
function names(words: string, value: number): boolean {
  return words.includes(String(value)) || words.includes(hex(value));
}

function split(parameter: string): readonly [name: string, path: string] {
  const shared = /^(MachineOptions|SgOptions|Program)\.(.*)$/.exec(parameter);
  if (shared !== null) return [parameter, shared[2] ?? ''];
  const at = parameter.lastIndexOf('(');
  return [parameter.slice(0, at), parameter.slice(at + 1, -1)];
}

const PARAMETERS = numberParameters().filter(
  (parameter) =>
    !INNER.some(([part]) => part.test(parameter)) && !NAMES.test(parameter) && !ABSTRACT.test(parameter),
);

describe('every number that a public function takes', () => {
  it('has a call here, and no call is left over', () => {
    const names = [...new Set(PARAMETERS.map((parameter) => split(parameter)[0]))].sort();
    expect(Object.keys(CALLS).sort()).to.deep.equal(names);
    expect(PARAMETERS.length).to.be.greaterThan(250);
  });

  for (const [which, reason] of INNER)
    it(`has no call for ${String(which)}: ${reason}`, () => {
      expect(numberParameters().filter((parameter) => which.test(parameter))).to.not.be.empty;
    });

  const machines: readonly MachineOptions[] = [
    { mode: 'checked' },
    { mode: 'direct' },
    { mode: 'checked', onViolation: 'record' },
  ];
  for (const options of machines) {
    for (const parameter of PARAMETERS) {
      it(`${parameter}, ${JSON.stringify(options)}`, () => {
        const [name, path] = split(parameter);
        const skipped = SKIPPED.filter(([which]) => which.test(parameter)).flatMap(([, values]) => values);
        for (const value of BAD.filter((one) => !skipped.includes(one))) {
          const world = worldOf(options);
          const before = stateOf(world);
          const words = refusalOf(name, world, path, value);
          const says = `${parameter} of ${Object.is(value, -0) ? '-0' : String(value)}: ${words ?? 'taken'}`;
          if (words === undefined) {
            const recorded = world.machine.violations.some(({ what }) => names(what, value));
            const meant = MEANINGS.some(([which, values]) => which.test(parameter) && values.includes(value));
            expect(meant || recorded || Object.is(value, -0), says).to.be.true;
          } else {
            expect(names(words, value) || DERIVED.test(parameter), says).to.be.true;
            expect(stateOf(world), says).to.deep.equal(before);
          }
        }
      });
    }
  }
});
