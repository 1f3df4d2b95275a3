/**
 * Each event of a trace in a few words.
 */
import { hex } from '../../base/units.ts';
import type { PlaceName } from '../../machine/hardware.ts';
import type { TraceEvent } from '../../machine/trace.ts';

type DmaEvent = Extract<TraceEvent, { readonly event: 'dma' }>;

/** An event in a few words, without its line. `name` is what the program calls the memory that it is about. */
export function eventText(event: TraceEvent, name?: PlaceName): string {
  switch (event.event) {
    case 'map':
      return `map ${pageText(event.pfn, name)}${slotText(event.slot)} (${event.mechanism})`;
    case 'unmap':
      return `unmap ${pageText(event.pfn, name)}${slotText(event.slot)}`;
    case 'unmap-astray':
      return `unmap of ${hex(event.vaddr)}, which no map covers`;
    case 'access-astray':
      return `access to ${hex(event.vaddr)} without a mapping`;
    case 'user-map':
      return `page ${String(event.index)} of user ${event.space} changes`;
    case 'user-look':
      return `page ${String(event.index)} of user ${event.space} is ${event.isPresent ? '' : 'not '}present`;
    case 'cpu-look':
      return `reads the number of its CPU: ${String(event.by.cpu)}`;
    case 'local-set':
      return `local slot ${String(event.slot)} = ${hex(event.pfn)}`;
    case 'local-clear':
      return `local slot ${String(event.slot)} = -`;
    case 'pkmap-set':
      return `pool slot ${String(event.slot)} = ${hex(event.pfn)}`;
    case 'pkmap-clear':
      return `pool slot ${String(event.slot)} = -`;
    case 'flush-page':
      return `flushes ${hex(event.vaddr)} from the TLB of cpu${String(event.cpu)}`;
    case 'flush-range':
      return 'flushes every TLB';
    case 'flush-cache-kmaps':
      return 'flushes the cache of all kmaps';
    case 'flush-dcache-page':
      return `flushes the data cache of ${hex(event.pfn)}`;
    case 'dcache':
      return `cache lines of ${hex(event.pfn)} colour ${String(event.colour)} are written back or dropped`;
    case 'load':
    case 'store':
      return `${event.event} ${name?.text ?? `${hex(event.pfn)}+${String(event.offset)}`}${event.lengthBytes > 8 ? ` ${String(event.lengthBytes)} bytes` : ''}`;
    case 'io-read':
    case 'io-write':
      return `${event.event.replace('-', ' ')} ${event.region}+${hex(event.offset)}`;
    case 'switch':
      return `cpu${String(event.cpu)} switches from ${event.from} to ${event.to}`;
    case 'irq-enter':
      return `${event.kind} begins`;
    case 'irq-exit':
      return `${event.kind} ends`;
    case 'sleep':
      return `waits for ${event.on}`;
    case 'may-sleep':
      return `calls ${event.what}, which may sleep`;
    case 'wake':
      return `wakes ${event.on}`;
    case 'bounce-map':
    case 'bounce-unmap':
    case 'bounce-sync':
      return `${event.event.replace('-', ' ')} slot ${String(event.slot)}`;
    case 'dma':
      return dmaText(event);
    case 'key':
      return event.granted ? 'is granted the key' : 'gives the key back';
    case 'refused':
      return event.what.startsWith('queue ') ? `${event.what.slice(6)} is taken` : `${event.what} has none`;
    case 'alloc':
    case 'free':
      return `${event.event} ${pageText(event.pfn, name)}`;
    case 'physical':
      return `gets the bytes of ${hex(event.pfn)}`;
    case 'bytes':
      return `gets the mapped bytes of ${hex(event.pfn)}`;
    case 'acquire':
      return isIrqs(event.lock) ? `disables ${event.lock}` : `takes ${event.lock}`;
    case 'release':
      return isIrqs(event.lock) ? `enables ${event.lock}` : `gives ${event.lock}`;
    case 'atomic':
      return event.isWrite
        ? `${event.name}: ${String(event.before)} becomes ${String(event.value)}`
        : `reads ${event.name}: ${String(event.value)}`;
    case 'choose':
      return `chooses ${String(event.value)} of 0 to ${String(event.count - 1)}`;
    case 'note':
      return event.text;
    case 'counts':
      return `counts: ${Object.entries(event.now)
        .map(([name, count]) => `${name} ${String(count)}`)
        .join(', ')}`;
    case 'shared-write':
      return `${event.place} = ${event.value}`;
    case 'changed':
      return `changes ${hex(event.pfn)}+${String(event.offset)} ${String(event.lengthBytes)} ${event.lengthBytes === 1 ? 'byte' : 'bytes'}, not by a store`;
    case 'interrupted':
      return `interrupted in ${event.where}`;
    case 'violation':
      return `✗ ${event.rule}`;
  }
}

/** What reads and writes is the device; the rest the CPU does. */
function dmaText({ verb, device, direction, address, lengthBytes }: DmaEvent): string {
  const bytes = `${String(lengthBytes)} bytes at ${hex(address)}`;
  if (verb === 'read' || verb === 'write') return `${device} ${verb}s ${bytes} (mapped ${direction})`;
  return `dma ${verb.replaceAll('-', ' ')} ${direction} ${bytes} (${device})`;
}

// A section with interrupts off is in the trace as a lock is.
function isIrqs(lock: string): boolean {
  return /^irqs of cpu\d+$/.test(lock);
}

function pageText(pfn: number, name: PlaceName | undefined): string {
  return name === undefined ? hex(pfn) : `${hex(pfn)} (${name.text})`;
}

function slotText(slot: number | undefined): string {
  return slot === undefined ? '' : ` slot ${String(slot)}`;
}
