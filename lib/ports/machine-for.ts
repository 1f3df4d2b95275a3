/**
 * The machine that a port runs on.
 */
import type { MachineOptions } from '../machine/config.ts';
import type { LoadedPort } from './port.ts';

/** Room for twice the bytes that are moved, and a small kmap pool, so that the pool wraps. */
export function machineFor({ content, port }: LoadedPort, chosen: MachineOptions = {}): MachineOptions {
  const pages = 2 * Math.ceil(content.length / 4096) + 1024;
  return {
    pkmapSlots: 64,
    lowmemPages: pages,
    highmemPages: pages,
    vmallocPages: Math.max(pages, 4096),
    protectedPages: 1024,
    callSites: true,
    trace: false,
    ...port.machine,
    ...chosen,
  };
}
