/**
 * A backend whose n-th map fails, and which records its calls.
 */
import { err } from '../base/result.ts';
import type { MapBackend } from '../mapping/backend.ts';
import { defineBackend } from '../mapping/backend.ts';
import type { Contract } from '../mapping/contract.ts';
import type { Mapping } from '../mapping/mapping.ts';

/** The wrapped backend, and the lengths of its maps. */
export interface FailingAt {
  readonly backend: MapBackend;
  /** The length of each map in bytes, in order, including the failed one. */
  readonly asked: readonly number[];
}

/** Wraps a backend so that the map of this number, counted from 0, fails with `Injected`; -1 for none. */
export function failingAt(inner: MapBackend, failAt: number): FailingAt {
  const asked: number[] = [];
  const backend = defineBackend<Contract, Mapping>(inner.context, {
    contract: inner.contract,
    map: (page, pageOffset, lengthBytes) => {
      const attempt = asked.push(lengthBytes) - 1;
      return attempt === failAt
        ? err({ code: 'Injected', attempt })
        : inner.map(page, pageOffset, lengthBytes);
    },
    unmap: (mapping) => {
      inner.unmap(mapping);
    },
  });
  return { backend, asked };
}
