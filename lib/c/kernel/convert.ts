/**
 * What linux/scatterlist-convert.h needs to convert `kunmap(page)`, which names a page, to `kunmap_local(address)`.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Window } from '../../kernel/window/window.ts';
import type { Runner } from '../runtime/runner.ts';
import { pageOf } from './memory/page-pointer.ts';
import type { KernelFunctions } from './kernel-function.ts';

/** The newest live local map of a page, among those of the running context if it has one. */
function newestOf({ context }: Runner, page: Page): Window | undefined {
  const live = [...context.machine.live].filter(
    (window) => window.page === page && window.mechanism === 'kmap_local',
  );
  return live.findLast(({ owner }) => owner === context) ?? live.at(-1);
}

/** Functions of linux/scatterlist-convert.h. */
export const CONVERT: KernelFunctions = {
  __scatterlist_local_of: (c, pointer) => {
    const { context } = c;
    const page = pageOf(c, pointer);
    const window = newestOf(c, page);
    if (window?.owner === context) return window.vaddr;
    const why =
      window === undefined ? 'is left' : `of "${context.name}" is left, but one of "${window.owner.name}"`;
    context.machine.hardware.violate({
      rule: window === undefined ? 'kunmap-unmapped' : 'wrong-task',
      what: `kunmap() of pfn ${hex(page.pfn)} cannot be converted: no local map of the page ${why}`,
      context: context.state(),
      ...(window !== undefined && { mapping: window.describe() }),
    });
    return 0;
  },
};
