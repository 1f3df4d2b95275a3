/**
 * Why the command ended its own thread, in words.
 */
import type { Reason } from './shared.ts';

/** Why the command ended its own thread, as an outcome tells it. */
export function stoppedText(reason: Reason, memoryBytes: number): string {
  switch (reason) {
    case 'interrupted':
      return 'interrupted';
    case 'memory':
      return `memory budget of ${String(Math.round(memoryBytes / 2 ** 20))} MB used up`;
    case 'time':
      return 'the time was over';
  }
}
