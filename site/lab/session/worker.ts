/**
 * The worker of the laboratory page: the library, the transpiler and a session.
 */
import { serve } from './serve.ts';
import type { MessagePlace } from './serve.ts';

const place: unknown = globalThis;
if (isPlace(place)) serve(place);

function isPlace(value: unknown): value is MessagePlace {
  return typeof value === 'object' && value !== null && 'postMessage' in value;
}
