/**
 * A backend that maps for the context that calls, whichever that is: a mapping iterator may be started in a task and go on
 * in an interrupt.
 */
import { kmapAtomic } from '../../../../backends/kmap-atomic.ts';
import { kmapLocal } from '../../../../backends/kmap-local.ts';
import { kmap } from '../../../../backends/kmap.ts';
import type { Result } from '../../../base/result.ts';
import type { ScatterlistError } from '../../../base/errors.ts';
import type { Context } from '../../../kernel/core/machine.ts';
import type { Sleeping } from '../../../kernel/parts/wait-queue.ts';
import type { Page } from '../../../machine/memory.ts';
import type { MapBackend } from '../../../mapping/backend.ts';
import type { Contract } from '../../../mapping/contract.ts';
import type { Mapping } from '../../../mapping/mapping.ts';

/** How to map. */
export type How = 'atomic' | 'local' | 'sleeping';

function bind(how: How, context: Context): MapBackend {
  switch (how) {
    case 'atomic':
      return kmapAtomic(context);
    case 'local':
      return kmapLocal(context);
    case 'sleeping':
      return kmap(context);
  }
}

/** A backend of the context that executes. */
export class CallingBackend implements MapBackend {
  private readonly how: How;
  private bound: MapBackend;

  constructor(how: How, context: Context) {
    this.how = how;
    this.bound = bind(how, context);
  }

  /** Maps from now on for another context. */
  callFrom(context: Context): void {
    if (this.bound.context !== context) this.bound = bind(this.how, context);
  }

  get contract(): Contract {
    return this.bound.contract;
  }

  get context(): Context {
    return this.bound.context;
  }

  get isGuarded(): boolean {
    return true;
  }

  map(page: Page, pageOffset: number, lengthBytes: number): Result<Mapping, ScatterlistError> {
    return this.bound.map(page, pageOffset, lengthBytes);
  }

  mapWait(page: Page, pageOffset: number, lengthBytes: number): Sleeping<Result<Mapping, ScatterlistError>> {
    return this.bound.mapWait(page, pageOffset, lengthBytes);
  }

  unmap(mapping: Mapping): void {
    this.bound.unmap(mapping);
  }

  release(mapping: Mapping): void {
    this.bound.release(mapping);
  }
}
