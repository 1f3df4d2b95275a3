/**
 * Modules that are built into the host. They are asked for at run time, so that the library can be loaded by a host that
 * has none.
 */

/** Reads a path of property names from what a debugger sent. */
export function read(from: unknown, ...path: readonly string[]): unknown {
  let value = from;
  for (const key of path) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** One of the built-in modules, where the host has them. */
export function builtIn(name: string): unknown {
  const process = read(globalThis, 'process');
  const load = read(process, 'getBuiltinModule');
  return typeof load === 'function' ? Reflect.apply(load, process, [name]) : undefined;
}

function isTest(value: unknown): value is (value: object) => boolean {
  return typeof value === 'function';
}

const test = read(builtIn('node:util'), 'types', 'isProxy');
const ask = isTest(test) ? test : () => false;

/** Whether a value is a Proxy; false if the host cannot tell. */
export function isProxy(value: object): boolean {
  return ask(value);
}
