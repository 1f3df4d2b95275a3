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
  const made = new Proxy(own, new InFrontOf(shared));
  environments.add(made);
  return made;
}

/** A class, because one is made for each actor of each schedule, and a function for each trap would be too. */
class InFrontOf implements ProxyHandler<object> {
  private readonly shared: object;

  constructor(shared: object) {
    this.shared = shared;
  }

  get(own: object, key: string | symbol): unknown {
    return key in own ? Reflect.get(own, key) : Reflect.get(this.shared, key);
  }

  set(own: object, key: string | symbol, value: unknown): boolean {
    return key in own ? false : Reflect.set(this.shared, key, value);
  }

  has(own: object, key: string | symbol): boolean {
    return key in own || Reflect.has(this.shared, key);
  }
}
