import { BouncePool, DmaDevice, dmaMapPage, dmaUnmapPage } from 'scatterlist/machine';
import type { DmaDirection, DmaDeviceOptions, Machine, Page, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { LazyDmaDevice } from './components/lazy-dma-device.ts';
import { expectExhausted, expectFound } from './support.ts';

// A bounce buffer for a transfer from the device was not initialised, because the device overwrites it.
// One that writes less leaves bytes of an earlier transfer in it, and the unmap copies them back over the
// caller's zeros.
//
// CVE-2022-48853, mainline 901c7280ca0d (2.6.12 - 5.17).
// Oracle: bytes of an earlier transfer come out of the buffer; without bouncing the zeros stay.

const LENGTH = 16;

interface Shared {
  readonly device: DmaDevice;
  readonly secret: Page;
  readonly zeroed: Page;
}

type Kind = new (machine: Machine, options: DmaDeviceOptions) => DmaDevice;

function transfer(task: Task, device: DmaDevice, page: Page, direction: DmaDirection, written: number): void {
  const mapped = dmaMapPage(task, device, page, 0, LENGTH, direction);
  if (!mapped.ok) throw new Error(mapped.error.code);
  device.write(mapped.value, new Uint8Array(written).fill(1));
  dmaUnmapPage(task, device, mapped.value, LENGTH, direction);
}

function program(Device: Kind, bounced = true): Program<Shared> {
  return {
    machine: { cpus: 1, bounceSlots: 1 },
    setup: (machine) => {
      const bounce = { pool: new BouncePool(machine), always: true };
      const secret = machine.allocPage({ zone: 'highmem' });
      machine.physical(secret).fill(0x5e);
      const device = new Device(machine, bounced ? { bounce } : {});
      return { device, secret, zeroed: machine.allocPage({ zone: 'highmem' }) };
    },
    tasks: {
      *task({ task, device, secret, zeroed }) {
        transfer(task, device, secret, 'toDevice', 0);
        yield;
        transfer(task, device, zeroed, 'fromDevice', 4);
      },
    },
    check: ({ memory, zeroed }) => {
      const rest = Array.from({ length: LENGTH - 4 }, (_, i) => memory.load8(zeroed, 4 + i));
      return rest.every((byte) => byte === 0) || `the caller finds ${rest.join(' ')}`;
    },
  };
}

describe('swiotlb-from-device-leak', () => {
  it('copies back what an earlier transfer left', () => {
    expectFound(program(LazyDmaDevice), 'torn-bounce');
  });

  it('shows it to the caller', () => {
    expectFound({ ...program(LazyDmaDevice), allow: ['torn-bounce'] }, 'final-check');
  });

  it('does not without bouncing', () => {
    expectExhausted(program(LazyDmaDevice, false));
  });

  it('does not when the buffer starts as the caller left it', () => {
    expectExhausted(program(DmaDevice));
  });
});
