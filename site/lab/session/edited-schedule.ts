/**
 * A schedule with one decision changed: what comes before stays, and what follows is done as before as far as it is
 * possible then.
 */
import { STOP, formatSchedule } from 'scatterlist/explore';
import type { Choice, Point, Strategy } from 'scatterlist/explore';
import type { Machine } from 'scatterlist/machine';

/** The change. */
export interface Edit {
  /** Decisions that stay before it. */
  readonly before: readonly Choice[];
  /** Whether an option is the one to be taken then. */
  readonly isWanted: (choice: Choice) => boolean;
  /** What is not to be taken before, although it could: an interrupt that is to arrive later. */
  readonly isKeptBack: (choice: Choice) => boolean;
  /** Decisions that follow as far as they are possible. */
  readonly after: readonly Choice[];
}

/** Why the change cannot be made. */
export interface Impossible {
  /** What can happen at the place instead. */
  readonly options: readonly string[];
  /** Whether the place was not reached, because nothing but what was kept back could happen before. */
  readonly isTooLate: boolean;
}

/** Takes the decisions of a changed schedule. */
export class EditedSchedule implements Strategy {
  readonly name = 'an edited schedule';
  readonly states = 0;
  readonly progress = undefined;
  /** Set if the wanted decision was not possible. */
  impossible: Impossible | undefined = undefined;
  private readonly edit: Edit;
  /** Called where the wanted decision is not possible. */
  private readonly look: () => void;
  readonly #before: Choice[];
  readonly #after: Choice[];
  #isDone = false;
  #begun = false;

  constructor(edit: Edit, look: () => void = () => undefined) {
    this.edit = edit;
    this.look = look;
    this.#before = [...edit.before];
    this.#after = [...edit.after];
  }

  begin(): boolean {
    const first = !this.#begun;
    this.#begun = true;
    return first;
  }

  choose(point: Point): Choice {
    if (this.#isDone) return next(this.#after, point) ?? STOP;
    if (this.#before.length > 0) {
      const others = point.choices.filter((choice) => !this.edit.isKeptBack(choice));
      return next(this.#before, { ...pointOf(point), choices: others }) ?? this.#refuse(point, true);
    }
    const wanted = point.choices.find(this.edit.isWanted);
    if (wanted === undefined) return this.#refuse(point, false);
    this.#isDone = true;
    return wanted;
  }

  #refuse({ choices }: Point, isTooLate: boolean): Choice {
    this.impossible = { options: choices.map((choice) => formatSchedule([choice])), isTooLate };
    this.look();
    return STOP;
  }

  end(): void {}

  /** Called once the schedule has ended: it may have ended before the place was reached. */
  check(): void {
    if (!this.#isDone && this.impossible === undefined) this.impossible = { options: [], isTooLate: true };
  }
}

type Place = Pick<Point, 'choices' | 'inner' | 'last'>;

function pointOf({ choices, inner, last }: Point): Place {
  return { choices, inner, last };
}

/** The next of the decisions that is possible, taken out of them; what is usual where none is. */
function next(decisions: Choice[], { choices, inner, last }: Place): Choice | undefined {
  const [head] = decisions;
  if (head !== undefined && choices.includes(head)) return decisions.shift();
  // A decision inside a step that was made at a point which is not here any more.
  if (inner) return choices[0];
  const at = decisions.findIndex((choice) => choice >= 0 && choices.includes(choice));
  if (at >= 0) return decisions.splice(0, at + 1).at(-1);
  return choices.includes(last) ? last : choices[0];
}

/** Why an interrupt does not arrive on a CPU, in words. */
export function whyNot(machine: Machine, kind: 'softirq' | 'hardirq' | 'nmi', cpuNumber: number): string {
  const cpu = machine.hardware.cpu(cpuNumber);
  const name = `cpu${String(cpuNumber)}`;
  if (cpu.nmiDepth > 0) return `${name} is in an NMI`;
  if (kind === 'nmi') return 'it has arrived as often as it does';
  if (cpu.irqsDisabled) return `interrupts are off on ${name}`;
  if (kind === 'softirq' && cpu.hardirqDepth > 0) return `${name} is in a hard interrupt`;
  if (kind === 'softirq' && cpu.softirqDepth > 0) return `softirqs are off on ${name}`;
  return 'it has arrived as often as it does, or was not raised yet';
}
