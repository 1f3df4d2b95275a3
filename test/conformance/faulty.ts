/** Broken backends for the suite to catch, and what it says of them. */
import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Context, MapBackend } from 'scatterlist';
import { defineBackend } from 'scatterlist/backend';
import type { BackendDefinition, Contract, Mapping } from 'scatterlist/backend';
import type { Clause } from '../../lib/conformance/clause.ts';
import type { Subject } from '../../lib/conformance/subject.ts';

export interface Parts extends Partial<Omit<BackendDefinition<Contract, Mapping>, 'contract'>> {
  readonly contract?: Partial<Contract>;
}

/** A backend with parts of its definition, or of its contract, replaced. */
export function broken(
  make: (context: Context) => MapBackend,
  parts: (inner: MapBackend, context: Context) => Parts,
): Subject {
  return {
    backend: (context) => {
      const inner = make(context);
      const replaced = parts(inner, context);
      return defineBackend<Contract, Mapping>(context, {
        map: (page, offset, length) => inner.map(page, offset, length),
        unmap: (mapping) => inner.unmap(mapping),
        ...(replaced.map === undefined
          ? { mapWait: (page, offset, length) => inner.mapWait(page, offset, length) }
          : {}),
        ...replaced,
        contract: { ...inner.contract, ...replaced.contract },
      });
    },
  };
}

/** The tests of one clause that fail for a backend, by title and message. */
export function failures(clause: Clause, subject: Subject): readonly string[] {
  const path: string[] = [];
  const failed: string[] = [];
  const machine = createMachine(subject.machine);
  const { contract } = subject.backend(machine.task(), machine);
  clause({
    describe: (title, define) => {
      path.push(title);
      define();
      path.pop();
    },
    it: (title, test) => {
      try {
        test();
      } catch (error) {
        failed.push(`${[...path, title].join(' > ')}: ${(error as Error).message.split('\n')[0]}`);
      }
    },
    subject,
    contract,
  });
  return failed;
}

/** Declares that a clause catches a broken backend, and says why in words like these. */
export function catches(clause: Clause, title: string, subject: Subject, words: RegExp): void {
  it(`catches a backend that ${title}`, () => {
    const failed = failures(clause, subject);
    expect(failed, 'nothing failed').to.not.be.empty;
    expect(
      failed.filter((message) => words.test(message)),
      failed.slice(0, 3).join('\n'),
    ).to.not.be.empty;
  });
}
