import {
  BouncePool,
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleRangeForCpu,
  dmaUnmapPage,
  kmapLocalPage,
  kunmapLocal,
} from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The hardware puts each packet behind a fixed headroom, but the driver syncs as many bytes as the packet
// has from the start of the buffer: the headroom for nothing, and the end of the packet not at all.
//
// CVE-2026-53217, mainline 180235600934 (5.5 - 7.0); relatives CVE-2024-58099, CVE-2026-72064.
// Oracle: the CPU reads bytes that are still the device's; without that check, stale ones.

const BUFFER = 256;
const HEADROOM = 32;

/** How the device's writes come to the CPU. */
type Way = 'bounced' | 'direct' | 'not coherent';
type Fault = 'window from the start' | 'no sync at all' | 'none';

interface Shared {
  readonly device: DmaDevice;
  readonly page: Page;
}

function program(fault: Fault, packet: number, way: Way): Program<Shared> {
  return {
    machine: { cpus: 1, bounceSlots: 2, dcacheColours: way === 'not coherent' ? 1 : 0 },
    setup: (machine) => {
      const bounce = { pool: new BouncePool(machine), always: true };
      const device = new DmaDevice(machine, way === 'bounced' ? { bounce } : {});
      return { device, page: machine.allocPage({ zone: 'highmem' }) };
    },
    tasks: {
      *poll({ task, machine, device, page }) {
        const mapped = dmaMapPage(task, device, page, 0, BUFFER, 'fromDevice');
        if (!mapped.ok) return mapped.error.code;
        machine.hardware.dataCache?.view(page, 0, 0, BUFFER); // the CPU prefetches
        device.write(mapped.value + HEADROOM, new Uint8Array(packet).fill(7)); // the hardware receives
        yield;
        const from = fault === 'none' ? HEADROOM : 0;
        if (fault !== 'no sync at all')
          dmaSyncSingleRangeForCpu(task, device, mapped.value, from, packet, 'fromDevice');
        const m = kmapLocalPage(task, page);
        const received = new Uint8Array(packet);
        m.copyTo(received, HEADROOM);
        kunmapLocal(task, m);
        dmaUnmapPage(task, device, mapped.value, BUFFER, 'fromDevice');
        return received.every((byte) => byte === 7) ? 'good' : `received ${received.join(' ')}`;
      },
    },
    check: ({ results }) => results['poll'] === 'good' || String(results['poll']),
  };
}

describe('mvpp2-sync-wrong-window', () => {
  for (const fault of ['window from the start', 'no sync at all'] as const) {
    for (const way of ['bounced', 'direct', 'not coherent'] as const) {
      it(`reads what is still the device's: ${fault}, ${way}`, () => {
        expectFound(program(fault, 40, way), 'dma-cpu-access');
      });
    }

    it(`gets stale bytes at the end of the packet: ${fault}`, () => {
      expectFound({ ...program(fault, 40, 'bounced'), allow: ['dma-cpu-access'] }, 'final-check');
      expectFound({ ...program(fault, 40, 'not coherent'), allow: ['dma-cpu-access'] }, 'stale-cache');
    });
  }

  it('is silent where memory is coherent and nobody asks whose it is', () => {
    expectExhausted({ ...program('window from the start', 40, 'direct'), allow: ['dma-cpu-access'] });
  });

  for (const packet of [1, 40, BUFFER - HEADROOM]) {
    it(`is sound when the window starts behind the headroom, packet of ${String(packet)}`, () => {
      expectExhausted(program('none', packet, 'bounced'));
      expectExhausted(program('none', packet, 'not coherent'));
    });
  }
});
