import { expect } from 'chai';
import { exhaustive, explore } from 'scatterlist/explore';
import type { Outcome, Program } from 'scatterlist/explore';
import {
  BouncePool,
  DmaDevice,
  dmaMapPage,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaUnmapPage,
} from 'scatterlist/machine';
import type { Page, Sleeping } from 'scatterlist/machine';
import { dmaAddr } from 'scatterlist';

const LENGTH = 4;

interface Shared {
  readonly device: DmaDevice;
  readonly page: Page;
  /** What the handler found in the driver's memory, or in the buffer. */
  seen: string;
  address: number;
}

function setup(bounces: boolean): NonNullable<Program<Shared>['setup']> {
  return (machine) => {
    const pool = new BouncePool(machine);
    const device = new DmaDevice(machine, bounces ? { bounce: { pool, always: true } } : {});
    return { device, page: machine.allocPage({ zone: 'lowmem' }), seen: '', address: 0 };
  };
}

/** What a handler saw that came while a driver worked on 1,1,1,1 in memory of zeros. */
function seenDuring(
  work: (env: Shared & { readonly task: Parameters<typeof dmaMapPage>[0] }) => void,
  prepare: (shared: Shared) => void,
  look: (shared: Shared) => Uint8Array | string,
): ReadonlySet<string> {
  const all = new Set<string>();
  const outcome = explore<Shared>(
    {
      machine: { cpus: 1, pageSize: 256, bounceSlots: 2 },
      setup: (machine) => {
        const shared = setup(true)(machine);
        prepare(shared);
        return shared;
      },
      tasks: {
        *driver(env): Sleeping<void> {
          work(env);
        },
      },
      interrupts: {
        tick: {
          kind: 'hardirq',
          run: (env) => {
            env.seen = String(look(env));
          },
        },
      },
      mayKeepMappings: true,
      check: ({ seen }) => {
        all.add(seen);
      },
    },
    exhaustive({ visited: false }),
  );
  expect(outcome.kind, JSON.stringify(outcome)).to.equal('exhausted');
  return all;
}

const map = (env: Shared & { readonly task: Parameters<typeof dmaMapPage>[0] }): void => {
  const made = dmaMapPage(env.task, env.device, env.page, 0, LENGTH, 'bidirectional');
  if (made.ok) env.address = made.value;
};

describe('an interrupt inside a DMA call', () => {
  it('finds half of the bytes copied back', () => {
    const seen = seenDuring(
      (env) => {
        map(env);
        env.device.write(env.address, Uint8Array.of(1, 1, 1, 1));
        dmaUnmapPage(env.task, env.device, dmaAddr(env.address), LENGTH, 'bidirectional');
      },
      () => undefined,
      ({ device, page }) => device.machine.hardware.memory.bytesOf(page).subarray(0, LENGTH),
    );
    expect(seen).to.include('1,1,0,0').and.to.include('0,0,0,0').and.to.include('1,1,1,1');
  });

  it('finds the mapping with the owner of before, until the sync has ended', () => {
    const seen = seenDuring(
      (env) => {
        map(env);
        dmaSyncSingleForCpu(env.task, env.device, dmaAddr(env.address), LENGTH, 'bidirectional');
        dmaSyncSingleForDevice(env.task, env.device, dmaAddr(env.address), LENGTH, 'bidirectional');
      },
      () => undefined,
      ({ device, address }) => device.look(address)?.owner ?? 'none',
    );
    expect(seen).to.include('device').and.to.include('cpu').and.to.include('none');
  });
});

/** A card that takes packets as long as it owns its buffer. */
function ring(looks: boolean): Outcome {
  return explore<Shared>({
    machine: { cpus: 1, pageSize: 256, bounceSlots: 2 },
    setup: setup(false),
    tasks: {
      *driver(env): Sleeping<void> {
        map(env);
        yield;
        dmaSyncSingleForCpu(env.task, env.device, dmaAddr(env.address), LENGTH, 'bidirectional');
        yield;
        dmaSyncSingleForDevice(env.task, env.device, dmaAddr(env.address), LENGTH, 'bidirectional');
        yield;
        dmaUnmapPage(env.task, env.device, dmaAddr(env.address), LENGTH, 'bidirectional');
      },
    },
    devices: {
      *card(env): Sleeping<void> {
        for (let packets = 0; packets < 2; packets += 1) {
          if (!looks || env.device.look(env.address)?.owner === 'device')
            env.device.write(env.address, Uint8Array.of(packets));
          yield;
        }
      },
    },
  });
}

describe('a device that looks at its own mapping', () => {
  it('writes only where it may', () => {
    expect(ring(true).kind).to.equal('exhausted');
    const blind = ring(false);
    expect(blind.kind === 'violation' && blind.violation.rule).to.be.oneOf([
      'dma-fault',
      'dma-device-access',
    ]);
  });
});
