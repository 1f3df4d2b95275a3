/** Programs for the specs of the sessions, and a session that has loaded one. */
import { read } from '../../../architecture/repository.ts';
import type { Loaded, Reply } from '../../../../site/lab/session/messages.ts';
import type { Configuration, ProgramText } from '../../../../site/lab/session/program.ts';
import { Session } from '../../../../site/lab/session/session.ts';

/** The text of an example of the repository. */
export function example(file: string): ProgramText {
  return { file, text: read(file) };
}

/** A handler and a task that use the same page; the handler may arrive inside the task's map, too. */
export const INTERRUPTED: ProgramText = {
  file: 'interrupted.ts',
  text: `import { defineProgram, localIrqDisable, localIrqEnable } from 'scatterlist/explore';
import { kmap, kmapLocalPage, kunmap, kunmapLocal } from 'scatterlist/machine';

export default defineProgram({
  machine: { cpus: 2, pkmapSlots: 4, highmemPages: 8 },
  setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }), seen: 0 }),
  tasks: {
    *reader(env) {
      const { task, page } = env;
      const m = kmapLocalPage(task, page);
      console.log('mapped', m.length);
      yield;
      env.seen = m.load8(0);
      kunmapLocal(task, m);
      localIrqDisable(task);
      yield;
      localIrqEnable(task);
      yield;
    },
    *pooled({ task, page }) {
      const m = yield* kmap(task, page);
      yield;
      kunmap(task, m);
    },
  },
  interrupts: {
    done: {
      kind: 'hardirq',
      run({ irq, page, note }) {
        const m = kmapLocalPage(irq, page);
        m.store8(0, 1);
        kunmapLocal(irq, m);
        note('stored');
      },
    },
  },
});
`,
};

/** A session with a program. */
export async function loaded(program: ProgramText, configuration: Configuration = {}): Promise<Session> {
  const session = new Session();
  valueOf(await session.load({ program, configuration }));
  return session;
}

/** The value of a reply. */
export function valueOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(reply.error.text);
  return reply.value;
}

/** Why a request is refused: its line of the program in front, if it has one. */
export function refusalOf(reply: Reply<unknown>): string {
  if (reply.ok) throw new Error('it was answered');
  const { text, line } = reply.error;
  return line === undefined ? text : `${String(line)}: ${text}`;
}

/** What loading a text is refused with. */
export async function refusalOfText(text: string, configuration: Configuration = {}): Promise<string> {
  const reply: Reply<Loaded> = await new Session().load({ program: { file: 'p.ts', text }, configuration });
  return refusalOf(reply);
}
