/**
 * The mapping that a pointer of C leads to, for functions that are given one.
 */
import { hex } from '../../../base/units.ts';
import type { Window } from '../../../kernel/window/window.ts';
import type { Runner } from '../../runtime/runner.ts';

/** The newest live mapping with an address; none is reported. */
export function mappingAt({ context }: Runner, name: string, address: number): Window {
  const { machine } = context;
  const found = [...machine.live].findLast(
    ({ vaddr, lengthBytes }) => address >= vaddr && address < vaddr + Math.max(lengthBytes, 1),
  );
  if (found !== undefined) return found;
  const what = `${name}(${hex(address)}), where nothing is mapped`;
  machine.hardware.violate({ rule: 'unmap-address', severity: 'bug', what, context: context.state() });
  throw new RangeError(what);
}
