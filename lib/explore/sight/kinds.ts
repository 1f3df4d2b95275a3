/**
 * What is known of the names and kinds of the language and its host: which of them show all that they hold, and which
 * hold nothing.
 */
/** Names that every function may use: they hold no state of a program. */
export const HARMLESS: ReadonlySet<string> = new Set([
  ...['undefined', 'NaN', 'Infinity', 'Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol'],
  ...['BigInt', 'Math', 'JSON', 'Reflect', 'Proxy', 'Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Promise'],
  ...[
    'Date',
    'RegExp',
    'Error',
    'AggregateError',
    'EvalError',
    'RangeError',
    'ReferenceError',
    'SyntaxError',
  ],
  ...['TypeError', 'URIError', 'ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Atomics', 'Iterator', 'Intl'],
  ...[
    'Int8Array',
    'Uint8Array',
    'Uint8ClampedArray',
    'Int16Array',
    'Uint16Array',
    'Int32Array',
    'Uint32Array',
  ],
  ...['Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'parseInt', 'parseFloat', 'isNaN'],
  ...['isFinite', 'encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'escape', 'unescape'],
  ...[
    'console',
    'Buffer',
    'TextEncoder',
    'TextDecoder',
    'URL',
    'URLSearchParams',
    'structuredClone',
    'atob',
    'btoa',
  ],
]);

/** Names through which a function can reach what its text does not name. */
export const REACHES_ALL: ReadonlySet<string> = new Set([
  'eval',
  'globalThis',
  'global',
  'self',
  'window',
  'process',
  'require',
  'module',
]);

/** Those of them that are no properties of the global object. */
export const OF_MODULES: ReadonlySet<string> = new Set(['require', 'module']);

/** Modules of Node that keep no state between calls. */
export const STATELESS_MODULES: RegExp =
  /^node:(?:internal\/)?(?:assert|buffer|util|path|url|errors|events|string_decoder|validators)\b/;

/** Where the parts of the machine lie. */
export const FOLLOWED: readonly string[] = ['lib/kernel', 'lib/machine'];

/** How a debugger calls the scope of an ES module, and that of a CommonJS module, which is a function without a name. */
export const MODULE_SCOPES: ReadonlySet<string> = new Set(['Module', 'Closure']);

/** Parts of every function. */
export const OF_FUNCTIONS: ReadonlySet<string | symbol> = new Set<string | symbol>([
  'length',
  'name',
  'prototype',
  'arguments',
  'caller',
]);

/** Kinds of objects that show all they hold, by the prototype that the language gives them. */
const OPEN = new Set<object>(
  [
    Object,
    Array,
    Map,
    Set,
    Date,
    RegExp,
    Error,
    ArrayBuffer,
    DataView,
    String,
    Number,
    Boolean,
    BigInt,
    Symbol,
  ]
    .map((type): object => type.prototype)
    .concat(
      [Int8Array, Int16Array, Int32Array, Float32Array, BigInt64Array, Uint8ClampedArray].map(
        (type) => type.prototype,
      ),
      [Uint8Array, Uint16Array, Uint32Array, Float64Array, BigUint64Array].map((type) => type.prototype),
      [TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((type) => type.prototype),
      typeof SharedArrayBuffer === 'undefined' ? [] : [SharedArrayBuffer.prototype],
    ),
);

const TYPED_ARRAYS = new Set<unknown>([Object.getPrototypeOf(Uint8Array.prototype), bufferPrototype()]);

function bufferPrototype(): unknown {
  const type: unknown = Reflect.get(globalThis, 'Buffer');
  return typeof type === 'function' ? type.prototype : undefined;
}

/** The prototypes of an object that are not those of a kind that shows all it holds. */
export function ownPrototypesOf(object: object): readonly object[] {
  const chain: object[] = [];
  const next = (of: object): unknown => Object.getPrototypeOf(of);
  for (let at = next(object); typeof at === 'object' && at !== null; at = next(at))
    if (!OPEN.has(at) && !TYPED_ARRAYS.has(at)) chain.push(at);
  return chain;
}

/** The kind of an object, as a message names it. */
export function kindOf(object: object): string {
  const tag = /^\[object (.*)\]$/.exec(Object.prototype.toString.call(object))?.[1] ?? 'Object';
  return `${/^[AEIOU]/.test(tag) ? 'an' : 'a'} ${tag}`;
}
