/**
 * Clause: mapping each kind of memory fails exactly as declared: never, or with the listed codes, each of which the
 * suite causes.
 */
import type { ErrorCode } from '../base/errors.ts';
import { runAlone } from '../kernel/core/run-alone.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import { termsFor } from '../mapping/contract.ts';
import type { Contract } from '../mapping/contract.ts';
import { check, errorOf, same } from './check.ts';
import type { Clause } from './clause.ts';
import { checkNumbers } from './error-numbers.ts';
import { KINDS, Rig } from './rig.ts';
import { VARIANTS } from './variants.ts';

const LOW_PAGES = 3;

function neverFails(rig: Rig, kind: MemoryKind): void {
  for (const page of rig.pages(kind, 20)) {
    rig.backend.unmap(rig.map(page, 0, 1));
    rig.backend.unmap(rig.map(page, 16, rig.machine.pageSize - 16));
    const waited = runAlone(rig.task, rig.backend.mapWait(page, 0, 8));
    check(waited.ok, `mapWait of ${kind} failed`);
    rig.backend.unmap(waited.value);
  }
  rig.checkClean('afterwards');
}

// A machine without HIGHMEM may map a page that the contract refuses on other machines.
function isRefused(rig: Rig, kind: MemoryKind): void {
  const page = rig.page(kind);
  const asks = [() => rig.backend.map(page, 0, 8), () => runAlone(rig.task, rig.backend.mapWait(page, 0, 8))];
  for (const ask of asks) {
    const mapped = ask();
    if (mapped.ok && kind === 'highmem' && rig.withoutHighmem) rig.backend.unmap(mapped.value);
    else {
      const error = errorOf(mapped, `map of ${kind}`);
      same(error.code, 'Unmappable', `error for ${kind}`);
      checkNumbers(error, { page, lengthBytes: 8 });
    }
  }
  rig.checkClean('afterwards');
}

/** The memory that follows a run of pages that the backend maps. */
interface Border {
  readonly run: readonly Page[];
  readonly behind: Page;
}

/** The last pages of lowmem and those that follow: protected memory or, if there is none, highmem. */
function border(rig: Rig): Border {
  const { memory } = rig.machine.hardware;
  const run = rig.pages('lowmem', LOW_PAGES);
  return { run, behind: memory.page(LOW_PAGES) };
}

/** Every run across the border, by the number of pages on the lowmem side. */
function namesThePage(rig: Rig): void {
  const { run, behind } = border(rig);
  const { pageSize } = rig.machine;
  for (const [i, first] of run.entries()) {
    const inRun = (run.length - i) * pageSize;
    rig.backend.unmap(rig.map(first, 0, inRun));
    for (const lengthBytes of [inRun + 1, inRun + pageSize]) {
      const error = errorOf(rig.backend.map(first, 0, lengthBytes), `map into ${behind.kind}`);
      same(error.code, 'Unmappable', `error of a run into ${behind.kind}`);
      checkNumbers(error, { page: behind, lengthBytes });
    }
  }
  rig.checkClean('afterwards');
}

/** The declared codes that neither the kind of memory nor a full pool causes. */
function others(contract: Contract, kind: MemoryKind): readonly ErrorCode[] {
  return contract.errors[kind].filter(
    (code) => code !== 'Unmappable' && code !== termsFor(contract, kind).nesting.beyond,
  );
}

/** Errors by kind of memory. */
export const kindsAndErrors: Clause = ({ describe, it, subject, contract }) => {
  for (const { title, options } of VARIANTS) {
    describe(title, () => {
      for (const kind of KINDS) {
        const codes = contract.errors[kind];
        if (codes.length === 0) {
          it(`${kind} cannot fail, so it never does`, () => {
            neverFails(new Rig(subject, options), kind);
          });
        } else if (codes.includes('Unmappable')) {
          it(`${kind} is refused with Unmappable, naming pfn and kind`, () => {
            isRefused(new Rig(subject, options), kind);
          });
        } else {
          it(`${kind} (${codes.join(', ')}) is mapped while nothing is in the way`, () => {
            const rig = new Rig(subject, options);
            rig.backend.unmap(rig.map(rig.page(kind), 0, 8));
            rig.checkClean('afterwards');
          });
        }
      }
    });
  }
  for (const kind of KINDS) {
    for (const code of others(contract, kind)) {
      it(`${kind} can fail with ${code}`, () => {
        const make = subject.failing?.[code];
        check(
          make !== undefined,
          `the contract lists ${code} for ${kind}, but no full pool causes it: pass failing.${code}, a backend that fails so, or drop it`,
        );
        const rig = new Rig({ ...subject, backend: make }, { mode: 'checked' });
        const page = rig.page(kind);
        const error = errorOf(rig.backend.map(page, 0, 8), `map of ${kind}`);
        same(error.code, code, 'error');
        checkNumbers(error, { page, lengthBytes: 8 });
        rig.checkClean('afterwards');
      });
    }
  }
  for (const behind of ['protected', 'highmem'] as const) {
    const reaches = (kind: MemoryKind): boolean => !contract.errors[kind].includes('Unmappable');
    if (!contract.contiguous || !reaches('lowmem') || reaches(behind)) continue;
    for (const mode of ['checked', 'direct'] as const) {
      it(`${mode}: a run of pages that ends in ${behind} memory is refused, naming the first page there`, () => {
        const protectedPages = behind === 'protected' ? 1 : 0;
        namesThePage(new Rig(subject, { mode, lowmemPages: LOW_PAGES, protectedPages }));
      });
    }
  }
  it('no kind lists an error twice', () => {
    for (const kind of KINDS) {
      const codes = contract.errors[kind];
      same(new Set(codes).size, codes.length, `different codes among ${codes.join(', ')}`);
    }
  });
};
