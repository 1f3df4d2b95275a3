/**
 * A wrapper that records the calls of a backend and their results.
 *
 * Choose it in tests that compare the calls which a caller makes.
 */
import type { Result } from '../lib/base/result.ts';
import type { Pfn } from '../lib/base/units.ts';
import type { Page } from '../lib/machine/memory.ts';
import { Backend } from '../lib/mapping/backend.ts';
import type { MapBackend } from '../lib/mapping/backend.ts';
import { guarded } from '../lib/mapping/guarded.ts';
import type { Contract } from '../lib/mapping/contract.ts';
import type { Mapping } from '../lib/mapping/mapping.ts';

/** One call. A failed map carries the code of its error. */
export interface RecordedCall {
  readonly call: 'map' | 'unmap';
  readonly pfn: Pfn;
  readonly pageOffset: number;
  readonly lengthBytes: number;
  readonly failed: string | undefined;
}

/** A backend with a record of its calls. */
export class RecordingBackend<C extends Contract, M extends Mapping> extends Backend<C, M> {
  readonly calls: RecordedCall[];

  constructor(inner: MapBackend<C, M>) {
    const calls: RecordedCall[] = [];
    const note = <R extends Result<unknown, { readonly code: string }>>(
      page: Page,
      pageOffset: number,
      lengthBytes: number,
      answer: R,
    ): R => {
      calls.push({
        call: 'map',
        pfn: page.pfn,
        pageOffset,
        lengthBytes,
        failed: answer.ok ? undefined : answer.error.code,
      });
      return answer;
    };
    super(inner.context, {
      contract: inner.contract,
      map: (page, pageOffset, lengthBytes) =>
        note(page, pageOffset, lengthBytes, inner.map(page, pageOffset, lengthBytes)),
      *mapWait(page, pageOffset, lengthBytes) {
        return note(page, pageOffset, lengthBytes, yield* inner.mapWait(page, pageOffset, lengthBytes));
      },
      unmap: (mapping) => {
        const { page, pageOffset, lengthBytes } = mapping;
        calls.push({ call: 'unmap', pfn: page.pfn, pageOffset, lengthBytes, failed: undefined });
        guarded(inner).unmap(mapping);
      },
    });
    this.calls = calls;
  }
}

/**
 * Wraps a backend so that its calls can be read back.
 *
 * @linux none
 * @context as the wrapped backend
 * @errors those of the wrapped backend
 * @example
 * ```ts
 * const recorded = recorder(kmapLocal(task));
 * void sgCopyToBuffer(table, buffer, recorded);
 * const maps = recorded.calls.length;
 * ```
 */
export function recorder<C extends Contract, M extends Mapping>(
  inner: MapBackend<C, M>,
): RecordingBackend<C, M> {
  return new RecordingBackend(inner);
}
