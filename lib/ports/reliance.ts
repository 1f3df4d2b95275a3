/**
 * Whether a mapping site relies on what `kmap_atomic` disables besides mapping: page faults and preemption.
 *
 * A conversion to `kmap_local` or `kmap` loses both. Only what the run showed counts; what it cannot show is said to be
 * not observed.
 */
import type { Needs } from './needs.ts';

/** A verdict, and what it comes from. */
export interface Reliance {
  readonly relied: 'yes' | 'no' | 'not observed';
  readonly because: string;
}

/** Whether the site relies on page faults being disabled by the map. */
export function pageFaultReliance({ userTouches }: Needs): Reliance {
  if (userTouches.includes('inatomic'))
    return {
      relied: 'yes',
      because: 'a copy that must not fault runs while mapped, with page faults enabled',
    };
  if (userTouches.includes('faulting'))
    return { relied: 'no', because: 'a copy runs while mapped whose faults have to be handled' };
  if (userTouches.includes('disabled'))
    return {
      relied: 'no',
      because: 'the code disables them itself, or is atomic, where it touches memory of a user',
    };
  return { relied: 'no', because: 'no memory of a user is touched while mapped' };
}

/** Whether the site relies on preemption being disabled by the map; `isRight` says that the run came to a right end. */
export function preemptionReliance(needs: Needs, isRight: boolean): Reliance {
  const { isPreemptible, contexts, sleptOn, preemptedBy, readsCpu } = needs;
  const [other] = preemptedBy;
  if (readsCpu)
    return {
      relied: 'yes',
      because: 'the number of the CPU is read while mapped, and only a map can keep the task there',
    };
  if (!isPreemptible) {
    const where = contexts.every((kind) => kind === 'task')
      ? 'in an atomic section'
      : `in ${contexts.join(', ')}`;
    return { relied: 'no', because: `it is held ${where} only` };
  }
  if (sleptOn.length > 0) return { relied: 'no', because: 'its task sleeps while mapped' };
  if (other !== undefined && isRight)
    return { relied: 'no', because: `task "${other}" ran on its CPU while mapped, and every byte was right` };
  if (other !== undefined)
    return {
      relied: 'not observed',
      because: `task "${other}" ran on its CPU while mapped, and the run went wrong`,
    };
  return {
    relied: 'not observed',
    because: "no other task ran on its CPU while mapped, and the driver's variables are not recorded",
  };
}
