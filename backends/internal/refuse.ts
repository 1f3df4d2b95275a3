/**
 * The refusal that backends share: the CPU cannot reach this page in the way asked for.
 */
import type { Unmappable } from '../../lib/base/errors.ts';
import { err } from '../../lib/base/result.ts';
import type { Err } from '../../lib/base/result.ts';
import type { Page } from '../../lib/machine/memory.ts';

/** Refuses a page, naming its frame and kind. */
export function refuse(page: Page): Err<Unmappable> {
  return err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind });
}
