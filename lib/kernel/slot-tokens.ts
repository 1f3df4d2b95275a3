/**
 * Tokens that stay with their slot.
 *
 * A local map on a direct machine always finds the same slot at the same depth, so its window can wait
 * there with everything filled in but the page. A token that lies on top of a task's stack proves owner,
 * CPU and order by being there, which is what makes map and unmap cost nanoseconds.
 */
import type { Ok } from '../base/result.ts';
import type { Chunk } from '../machine/arena.ts';
import type { Page } from '../machine/memory.ts';
import type { SlotStack } from './local-slots.ts';
import type { Context, Task } from './machine.ts';
import type { RamWindow, Window } from './window.ts';

/** The tokens of a task, for backends that map with `mapLocal`. */
export class SlotTokens {
  private readonly task: Task;
  private readonly stack: SlotStack;

  constructor(task: Task) {
    this.task = task;
    this.stack = task.localMaps;
  }

  /** Those of a context, where it is a task: interrupts come and go with what they interrupt. */
  static of({ task, kind }: Context): SlotTokens | undefined {
    return kind === 'task' ? new SlotTokens(task) : undefined;
  }

  /** Lets the window of a first map at some depth wait there for the next one. */
  keep(window: RamWindow): void {
    const stack = this.stack;
    if (stack.quietZone === undefined || window.area !== 'local') return;
    // Where the pool is asked first, the next map may be elsewhere.
    if (this.task.machine.config.kmapHighGet) return;
    window.stackTop = stack.idx;
    stack.tokens[stack.idx - stack.increment] = window;
  }

  /** Maps with the token that waits at this depth; nothing where there is none or anything is unusual. */
  map(page: Page, pageOffset: number, lengthBytes: number): Ok<RamWindow> | undefined {
    const stack = this.stack;
    const token = stack.tokens[stack.idx];
    const { chunk } = page;
    if (token === undefined || chunk === undefined || page.zone !== stack.quietZone) return undefined;
    stack.idx = token.stackTop;
    stack.ptes[token.slot] = page.pfn + 1;
    stack.slotMaps += 1;
    lay(token, page, chunk, pageOffset, lengthBytes);
    return token.asOk;
  }

  /** Releases the token on top of the stack and maps with it again, in one go; false where either is not as usual. */
  remap(token: RamWindow, page: Page, pageOffset: number, lengthBytes: number): boolean {
    const stack = this.stack;
    const { chunk } = page;
    if (!this.#isTop(stack, token) || chunk === undefined || page.zone !== stack.quietZone) return false;
    // Nobody sees the slot empty in between, so it is written once.
    stack.ptes[token.slot] = page.pfn + 1;
    stack.slotUnmaps += 1;
    stack.slotMaps += 1;
    lay(token, page, chunk, pageOffset, lengthBytes);
    return true;
  }

  /** Releases the token on top of the stack; false where this is not it or anything is unusual. */
  unmap(window: Window): boolean {
    const stack = this.stack;
    if (!this.#isTop(stack, window) || stack.quietZone === undefined) return false;
    stack.idx -= stack.increment;
    stack.ptes[window.slot] = 0;
    stack.slotUnmaps += 1;
    window.end();
    return true;
  }

  #isTop({ idx }: SlotStack, window: Window): boolean {
    return window.stackTop === idx && window.reach >= 0 && window.owner === this.task;
  }
}

/** Lays a token over bytes of a page. */
function lay(token: RamWindow, page: Page, chunk: Chunk, pageOffset: number, lengthBytes: number): void {
  token.page = page;
  token.chunk = chunk;
  token.pageOffset = pageOffset;
  token.lengthBytes = lengthBytes;
  token.base = page.chunkOffset + pageOffset;
  token.reach = lengthBytes;
}
