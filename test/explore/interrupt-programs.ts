/**
 * Random programs with interrupts, small enough for brute force: of each kind, on one CPU or any, masked, raised, with a
 * condition, coming or staying away, with handlers of one step or several.
 */
import fc from 'fast-check';
import {
  WaitQueue,
  kmapLocalPage,
  kunmapLocal,
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  preemptDisable,
  preemptEnable,
} from 'scatterlist/machine';
import type { Context, DirectMapping, Machine, Page, Sleeping, Task } from 'scatterlist/machine';
import { SpinLock, maybe } from 'scatterlist/explore';
import type { InterruptSpec, Program } from 'scatterlist/explore';

const WORK = ['add', 'double', 'flag', 'unflag', 'store', 'ring', 'raise', 'spin'] as const;
const OF_TASKS = [
  'irqOff',
  'irqOn',
  'bhOff',
  'bhOn',
  'preemptOff',
  'preemptOn',
  'wait',
  'map',
  'spinIrq',
] as const;

type Work = (typeof WORK)[number] | 'yield';
type Op = Work | (typeof OF_TASKS)[number];

interface Irq {
  readonly kind: 'softirq' | 'hardirq' | 'nmi';
  readonly cpu: 0 | 1 | 'any';
  readonly times: 'once' | 'twice' | 'maybe';
  readonly onlyRaised: boolean;
  readonly hasCondition: boolean;
  /** Whether the handler can be interleaved with other CPUs. */
  readonly yields: boolean;
  readonly work: readonly Work[];
}

/** What the tasks of a program do, and which interrupts come. */
export interface IrqShape {
  readonly tasks: readonly (readonly Op[])[];
  readonly irqs: readonly Irq[];
  readonly rt: boolean;
}

const op = fc.constantFrom<Op>('yield', 'yield', 'add', 'double', ...WORK, ...OF_TASKS);
const irq: fc.Arbitrary<Irq> = fc.record({
  kind: fc.constantFrom('hardirq', 'hardirq', 'softirq', 'nmi'),
  cpu: fc.constantFrom<Irq['cpu']>(0, 0, 1, 'any'),
  times: fc.constantFrom('once', 'once', 'twice', 'maybe'),
  onlyRaised: fc.boolean(),
  hasCondition: fc.oneof(fc.constant(false), fc.boolean()),
  yields: fc.boolean(),
  work: fc.array(fc.constantFrom<Work>('yield', 'add', 'double', ...WORK), { maxLength: 3 }),
});

/** Shapes at random. */
export const irqShapes: fc.Arbitrary<IrqShape> = fc.record({
  tasks: fc.oneof(
    fc.array(fc.array(op, { maxLength: 6 }), { minLength: 2, maxLength: 2 }),
    fc.array(fc.array(op, { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  ),
  irqs: fc.array(irq, { minLength: 1, maxLength: 2 }),
  rt: fc.oneof(fc.constant(false), fc.constant(false), fc.boolean()),
});

interface Shared {
  readonly pages: readonly Page[];
  readonly state: { x: number; flag: number };
  readonly bell: WaitQueue;
  readonly spin: SpinLock;
  readonly names: readonly string[];
}

type Env = Shared & { readonly raise: (interrupt: string) => void };

/** What may be done anywhere. `own` makes what is written differ from actor to actor. */
function work(one: Work, context: Context, { pages, state, bell, raise, names }: Env, own: number): void {
  if (one === 'add') state.x += own;
  else if (one === 'double') state.x *= 2;
  else if (one === 'flag') state.flag = 1;
  else if (one === 'unflag') state.flag = 0;
  else if (one === 'ring') {
    state.flag = 1;
    bell.wakeAll();
  } else if (one === 'raise') {
    const [name] = names;
    if (name !== undefined) raise(name);
  } else if (one === 'store') {
    const page = pages[own % 2];
    if (page === undefined) return;
    const mapped = kmapLocalPage(context, page);
    mapped.store8(0, 2 * mapped.load8(0) + own);
    kunmapLocal(context, mapped);
  }
}

function* task(ops: readonly Op[], env: Env & { readonly task: Task }, own: number): Sleeping<number> {
  const { task: self, state, bell, pages, spin } = env;
  const maps: DirectMapping[] = [];
  let irqsOff = false;
  let bhOff = false;
  let sections = 0;
  for (const one of ops) {
    if (one === 'yield') yield;
    else if (one === 'irqOff' && !irqsOff) {
      localIrqDisable(self);
      irqsOff = true;
      yield;
    } else if (one === 'irqOn' && irqsOff) {
      localIrqEnable(self);
      irqsOff = false;
      yield;
    } else if (one === 'bhOff' && !bhOff) {
      localBhDisable(self);
      bhOff = true;
      yield;
    } else if (one === 'bhOn' && bhOff) {
      localBhEnable(self);
      bhOff = false;
    } else if (one === 'preemptOff') {
      preemptDisable(self);
      sections += 1;
      yield;
    } else if (one === 'preemptOn' && sections > 0) {
      preemptEnable(self);
      sections -= 1;
    } else if (one === 'map') {
      const top = maps.pop();
      const page = pages[0];
      if (top !== undefined) kunmapLocal(self, top);
      else if (page !== undefined) maps.push(kmapLocalPage(self, page));
    } else if (one === 'wait' && !irqsOff && !bhOff && sections === 0) {
      if (state.flag > 0) continue;
      bell.add(self);
      yield { sleepOn: bell };
      bell.remove(self);
    } else if ((one === 'spin' || one === 'spinIrq') && !irqsOff) {
      yield* one === 'spin' ? spin.lock(self) : spin.lockIrq(self);
      state.x += 3;
      yield;
      if (one === 'spin') spin.unlock(self);
      else spin.unlockIrq(self);
    } else if (isWork(one)) {
      work(one, self, env, own);
      if (one === 'add') yield;
    }
  }
  if (irqsOff) localIrqEnable(self);
  if (bhOff) localBhEnable(self);
  for (; sections > 0; sections -= 1) preemptEnable(self);
  for (const mapped of maps.reverse()) kunmapLocal(self, mapped);
  return state.x;
}

function isWork(one: Op): one is Work {
  return WORK.some((name) => name === one);
}

function* handler(list: readonly Work[], env: Env & { readonly irq: Context }, own: number): Sleeping<void> {
  const { irq: self, spin } = env;
  for (const one of list) {
    if (one === 'yield') yield;
    else if (one === 'spin') {
      yield* spin.lock(self);
      env.state.x += 5;
      spin.unlock(self);
    } else work(one, self, env, own);
  }
}

const TIMES = { once: 1, twice: 2, maybe: maybe(1) } as const;

function specOf(
  { kind, cpu, times, onlyRaised, hasCondition, yields, work: list }: Irq,
  own: number,
): InterruptSpec<Shared> {
  return {
    kind,
    cpu,
    times: TIMES[times],
    onlyRaised,
    ...(hasCondition && { when: ({ state }: Shared) => state.flag > 0 }),
    run: yields
      ? (env) => handler(list, env, own)
      : (env) => {
          for (const one of list) work(one, env.irq, env, own);
        },
  };
}

/** The program of a shape; `outcomes` is told what each schedule came to. */
export function irqProgram({ tasks, irqs, rt }: IrqShape, outcomes: Set<string>): Program<Shared> {
  const named = irqs.map((irq, i) => [`irq${String(i)}`, specOf(irq, 8 + i)] as const);
  return {
    machine: { cpus: 2, pageSize: 256, preemptRt: rt },
    setup: (machine: Machine) => ({
      pages: machine.allocPages(2, { zone: 'highmem' }),
      state: { x: 1, flag: 0 },
      bell: new WaitQueue('bell'),
      spin: new SpinLock(machine, 'spin'),
      names: named.filter(([, { onlyRaised }]) => onlyRaised).map(([name]) => name),
    }),
    tasks: Object.fromEntries(
      tasks.map((ops, i) => [`t${String(i)}`, { cpu: i % 2, run: (env) => task(ops, env, i + 1) }]),
    ),
    interrupts: Object.fromEntries(named),
    check: ({ memory, pages, results, state }) => {
      outcomes.add(
        JSON.stringify([pages.map((page) => memory.load8(page, 0)), results, state.x, state.flag]),
      );
    },
  };
}
