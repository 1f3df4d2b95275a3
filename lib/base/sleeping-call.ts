/**
 * A call of a function that may sleep, told to the explorer. Without `yield*` the call does no work at all.
 */
/** Is told each generator that a function of the library made, with the name of the function. */
type Watch = (made: Generator, name: string) => void;

let watch: Watch | undefined;

/** Passes on what a sleeping function made. */
export function sleepingCall<G extends Generator>(made: G, name: string): G {
  watch?.(made, name);
  return made;
}

/** Watches the calls of sleeping functions during some work. */
export function watchSleepingCalls(during: Watch, work: () => void): void {
  const before = watch;
  watch = during;
  try {
    work();
  } finally {
    watch = before;
  }
}
