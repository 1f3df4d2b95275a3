/**
 * A backend with a point before and after each map that may wait, at which other actors can run.
 */
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import { Backend } from '../../mapping/backend.ts';
import type { MapBackend } from '../../mapping/backend.ts';
import { guarded } from '../../mapping/guarded.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import type { Contract } from '../../mapping/contract.ts';
import type { Column } from '../column.ts';

/** The same column, whose backends can be preempted where the kernel's may be: a port's own steps are longer than that. */
export function preemptible({ contract, on }: Column): Column {
  return {
    contract,
    on: (machine) => {
      const bind = on(machine);
      return (context) => withPoints(bind(context));
    },
  };
}

function withPoints(inner: MapBackend): Backend<Contract, Mapping> {
  return new Backend<Contract, Mapping>(inner.context, {
    contract: inner.contract,
    map: (page, pageOffset, lengthBytes) => inner.map(page, pageOffset, lengthBytes),
    *mapWait(page, pageOffset, lengthBytes): Sleeping<ReturnType<typeof inner.map>> {
      yield;
      const mapped = yield* inner.mapWait(page, pageOffset, lengthBytes);
      yield;
      return mapped;
    },
    unmap: (mapping) => {
      guarded(inner).unmap(mapping);
    },
  });
}
