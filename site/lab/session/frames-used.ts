/**
 * The frames that a program has used, followed through the events of a run.
 */
import type { TraceEvent } from 'scatterlist/machine';

/** Follows the frames. */
export class FramesUsed {
  readonly frames: Set<number> = new Set<number>();

  add(event: TraceEvent): void {
    if ('pfn' in event) this.frames.add(event.pfn);
    else if ('frames' in event) for (const frame of event.frames) this.frames.add(frame);
  }
}
