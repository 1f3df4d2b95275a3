/**
 * Data races on what C shares: two contexts are about to touch the same bytes, one of them to write, and each could do so
 * before the other.
 *
 * A context stops before each access, so at each access all others are known that are about to make one. What excludes
 * the two from each other, a lock or disabled interrupts, would have kept one of them from coming to its access.
 */
import { hex } from '../../base/units.ts';
import { callSite } from '../../machine/call-site.ts';
import { LIMITS } from '../../machine/limits.ts';
import { chainText } from '../../machine/violation.ts';
import { isOwn } from './runner.ts';
import type { Intent, Runner } from './runner.ts';
import type { World } from './world.ts';

/** Bytes up to which a plain store counts as one write, as with KCSAN_ASSUME_PLAIN_WRITES_ATOMIC. */
const WORD = 4;

/** Bytes that a context will touch. */
export interface Range {
  readonly address: number;
  readonly bytes: number;
  readonly isWrite: boolean;
  /** Marked, as by READ_ONCE. Default: whether the call is. */
  readonly isMarked?: boolean;
}

/** Notes what a context will touch when it goes on. */
export function intend(runner: Runner, address: number, bytes: number, isWrite: boolean): void {
  note(runner, runner.intent, address, bytes, isWrite);
  runner.once = false;
}

/** Notes the blocks that a function will touch which is about to be called: at most two. Those in the own stack do not count. */
export function announce(runner: Runner, [first, second]: readonly Range[]): void {
  for (const [intent, range] of [
    [runner.intent, first],
    [runner.intent2, second],
  ] as const) {
    if (range === undefined || isOwn(runner, range.address, range.bytes)) intent.bytes = 0;
    else {
      note(runner, intent, range.address, range.bytes, range.isWrite);
      intent.isMarked = range.isMarked ?? intent.isMarked;
    }
  }
}

function note(runner: Runner, intent: Intent, address: number, bytes: number, isWrite: boolean): void {
  intent.address = address;
  intent.bytes = bytes;
  intent.isWrite = isWrite;
  intent.isMarked = runner.once;
  intent.site = runner.context.machine.config.callSites ? callSite(LIMITS.reportFrames) : undefined;
}

/** Reports it if another context is about to touch the same bytes. */
export function checkRace(world: World, runner: Runner): void {
  const { intent } = runner;
  for (const other of world.runners) {
    if (other === runner) continue;
    if (isRace(intent, other.intent)) report(world, runner, other, other.intent);
    if (isRace(intent, other.intent2)) report(world, runner, other, other.intent2);
  }
}

function isRace(a: Intent, b: Intent): boolean {
  return meet(a, b) && !areFine(a, b);
}

function report(world: World, runner: Runner, other: Runner, theirs: Intent): void {
  const { context, intent } = runner;
  const { addresses } = context.machine.hardware;
  // Mapped pages have rules of their own.
  if (addresses.frameOf(intent.address) < 0 || intent.address >= addresses.directEnd) return;
  const at = Math.max(intent.address, theirs.address);
  const details = [
    { label: 'first', text: textOf(world, runner, intent) },
    { label: 'second', text: textOf(world, other, theirs) },
  ];
  intent.bytes = 0;
  context.machine.hardware.violate({
    rule: 'data-race',
    what: `"${context.name}" and "${other.context.name}" both touch ${world.textAt(at)}, and nothing orders them`,
    context: context.state(),
    details,
  });
}

function meet(a: Intent, b: Intent): boolean {
  return b.bytes > 0 && a.address < b.address + b.bytes && b.address < a.address + a.bytes;
}

function areFine(a: Intent, b: Intent): boolean {
  if (!a.isWrite && !b.isWrite) return true;
  if (a.isMarked && b.isMarked) return true;
  return isMarkedRead(a, b) || isMarkedRead(b, a);
}

/** Whether one is a marked read, and the other writes a word at once. */
function isMarkedRead(a: Intent, b: Intent): boolean {
  return a.isMarked && !a.isWrite && b.isWrite && b.bytes <= WORD && b.address % b.bytes === 0;
}

function textOf(world: World, { context }: Runner, { address, bytes, isWrite, site }: Intent): string {
  const at = site === undefined ? '' : ` at ${chainText(site)}`;
  const what = `${isWrite ? 'store' : 'load'} of ${world.textAt(address)}`;
  return `${what} (${String(bytes)} bytes at ${hex(address)}) by "${context.name}"${at}`;
}
