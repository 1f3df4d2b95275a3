/**
 * What an actor's function is given: its own things in front of what is shared.
 */

const environments = new WeakSet();

/** Whether an object is what an actor's function is given. */
export function isEnvironment(value: object): boolean {
  return environments.has(value);
}

/** Looks a name up in `own` first; writes go to what is shared. */
export function environment<O extends object, S extends object>(own: O, shared: S): S & O;
export function environment(own: object, shared: object): object {
  const made = new Proxy(own, {
    get: (target, key): unknown => (key in target ? Reflect.get(target, key) : Reflect.get(shared, key)),
    set: (target, key, value: unknown) => (key in target ? false : Reflect.set(shared, key, value)),
    has: (target, key) => key in target || Reflect.has(shared, key),
  });
  environments.add(made);
  return made;
}
