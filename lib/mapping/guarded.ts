/**
 * Releases through a backend that was made without `defineBackend`. Functions of `defineBackend` check the executing
 * context before they release. Those of another object act for the backend's context, so the check is made here.
 */
import { checkReleaseBy, releaseFor } from '../kernel/core/release-checks.ts';
import type { Releaser } from '../kernel/window/window.ts';
import type { MapBackend } from './backend.ts';
import { termsFor } from './contract.ts';
import type { Contract } from './contract.ts';
import type { Mapping } from './mapping.ts';

/** The two ways to release through a backend. */
export type Releases<M extends Mapping = Mapping> = Pick<MapBackend<Contract, M>, 'release' | 'unmap'>;

class Guarded implements Releases, Releaser {
  private readonly backend: MapBackend;

  constructor(backend: MapBackend) {
    this.backend = backend;
  }

  unmap(mapping: Mapping): void {
    this.#guard(mapping, () => {
      this.backend.unmap(mapping);
    });
  }

  release(mapping: Mapping): void {
    this.#guard(mapping, () => {
      this.backend.release(mapping);
    });
  }

  // Checks the contract first, because the mechanism that made the mapping may promise more or less.
  #guard(mapping: Mapping, release: () => void): void {
    const { context, contract } = this.backend;
    const { executing } = context.machine;
    if (executing === context) {
      release();
      return;
    }
    const { scope } = termsFor(contract, mapping.kind);
    if (checkReleaseBy(executing, mapping, scope, contract.contexts)) releaseFor(context, mapping, release);
  }
}

/** The releases of a backend, with the check of the executing context, which those of `defineBackend` include. */
export function guarded<C extends Contract, M extends Mapping>(backend: MapBackend<C, M>): Releases<M>;
export function guarded(backend: MapBackend): Releases {
  return backend.isGuarded === true ? backend : new Guarded(backend);
}
