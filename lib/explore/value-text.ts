/**
 * A value of a program in a few characters.
 */

const MOST = 40;

/** Shows a value in one line. */
export function valueText(value: unknown): string {
  const text = shown(value);
  return text.length <= MOST ? text : `${text.slice(0, MOST - 1)}…`;
}

function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'function':
      return `function ${value.name}`.trimEnd();
    case 'object':
      return value === null ? 'null' : objectText(value);
    case 'bigint':
      return `${String(value)}n`;
    default:
      return String(value);
  }
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `array of ${String(value.length)}`;
  if (ArrayBuffer.isView(value)) return `${kindOf(value)} of ${String(value.byteLength)} bytes`;
  if (value instanceof Map || value instanceof Set) return `${kindOf(value)} of ${String(value.size)}`;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  return kindOf(value);
}

function kindOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) return 'object';
  const { constructor } = prototype;
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
}
