/**
 * The checks before every release: is the window live, did this mechanism make it, may this context release it.
 *
 * As for accesses, the executing context counts: it makes a release that names no context (`sgUnmap`, `using`, an
 * iterator's `stop`), even if the backend is bound to another context.
 */
import { Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import { invariant } from '../../base/invariant.ts';
import { Context } from './machine.ts';
import type { ContextKind } from './machine.ts';
import type { Mechanism, WindowScope } from '../window/mechanism.ts';
import { Window } from '../window/window.ts';

/** Reports a release that the mapping does not allow; returns whether it may go on. */
export function checkRelease(context: Context, window: Window, mechanism: Mechanism<Window>): boolean {
  const { unmapName } = mechanism;
  context.machine.checkOwnWindow(window);
  if (!window.live) {
    violate(context, window, 'double-unmap', 'bug', `${unmapName} of a mapping that was released before`);
    return false;
  }
  if (!window.isBy(mechanism)) {
    violate(
      context,
      window,
      'unmap-mismatch',
      'warn',
      `${unmapName} of a mapping made by ${window.mechanism}`,
    );
  }
  if (!holdsIn(window, context)) violateForeign(context, window, unmapName);
  return true;
}

function violateForeign(context: Context, window: Window, unmapName: string): void {
  const rule = window.cpu === context.cpu.id ? 'wrong-task' : 'wrong-cpu';
  violate(
    context,
    window,
    rule,
    'warn',
    `${unmapName} by ${context.kind} "${context.name}" of a mapping that belongs to "${window.owner.name}"`,
  );
}

/** Reports a release of an object of the wrong type; for callers that the compiler did not check. */
export function checkArgument(
  context: Context,
  given: unknown,
  unmapName: string,
  takes: 'page' | 'address',
): boolean {
  if (given instanceof Window || (takes === 'page' ? given instanceof Page : typeof given === 'number'))
    return true;
  const what = given instanceof Page ? 'a page' : typeof given === 'number' ? 'an address' : 'neither';
  context.machine.hardware.violate({
    rule: 'unmap-mismatch',
    severity: 'bug',
    what: `${unmapName} takes the mapping or its ${takes}, and was given ${what}`,
    context: context.state(),
    mapping: context.machine.newestMappingOf(context)?.describe(),
  });
  return false;
}

/** Whether a window's addresses are valid in a context, by the window's scope. */
export function holdsIn(window: Window, context: Context): boolean {
  return holds(window, window.scope, context);
}

function holds(window: Window, scope: WindowScope, context: Context): boolean {
  if (scope === 'cpu') return window.cpu === context.cpu.id;
  return scope === 'global' || window.owner === context;
}

function violate(
  context: Context,
  window: Window,
  rule: RuleId,
  severity: 'warn' | 'bug',
  what: string,
): void {
  context.machine.hardware.violate({
    rule,
    severity,
    what,
    context: context.state(),
    mapping: window.describe(),
  });
}

/**
 * Releases a window through a function that was written for the backend's context, while another context executes.
 *
 * If the executing context may not release the window, that is reported and, on a strict machine, the mapping stays
 * with its owner.
 */
export function releaseFor(bound: Context, window: Window, release: () => void): void {
  const { machine } = bound;
  const { executing } = machine;
  if (window.owner === executing && window.scope === 'task') {
    // The backend is bound to another context than the owner; that context makes the release.
    release();
    return;
  }
  if (window.live && machine.config.semantics === 'strict' && !holdsIn(window, executing)) {
    violateForeign(executing, window, 'release');
    return;
  }
  machine.standIn(bound, release);
}

/**
 * Checks a release by the contract alone and reports it if the contract does not allow it in this context; returns
 * whether it may go on. A compatible machine does not check it here, because Linux has no such check.
 */
export function checkReleaseBy(
  executing: Context,
  window: Window,
  scope: WindowScope,
  contexts: readonly ContextKind[],
): boolean {
  if (!window.live || executing.machine.config.semantics === 'compatible') return true;
  if (!holds(window, scope, executing)) {
    violateForeign(executing, window, 'release');
    return false;
  }
  if (contexts.includes(executing.kind)) return true;
  const what = `release in a ${executing.kind} of a mapping that may be released in: ${contexts.join(', ')}`;
  violate(executing, window, 'sleep-in-atomic', 'bug', what);
  return false;
}

/**
 * Whether a window whose release by a foreign task was reported stays as it is on a strict machine: its slot, key or
 * atomic section is the owner's, and taking it from another task would undo what that task holds. Linux does so.
 */
export function staysWithOwner(context: Context, window: Window): boolean {
  const owner = ownerOf(window).task;
  if (owner === context.task || context.machine.config.semantics === 'compatible') return false;
  return window.area === 'local' || window.page.kind === 'protected' || window.how.isAtomic;
}

/** The context that releases a window if the caller names none: the executing one. */
export function releaserOf(window: Window): Context {
  return ownerOf(window).machine.executing;
}

/** The context that made a window. */
export function ownerOf(window: Window): Context {
  const { owner } = window;
  invariant(owner instanceof Context, 'windows are made by contexts');
  return owner;
}
