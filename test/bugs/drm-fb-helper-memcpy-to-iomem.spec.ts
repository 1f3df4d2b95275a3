import { ioremap, iounmap, pageAddress, vmap, vunmap } from 'scatterlist/machine';
import type { Page, Task } from 'scatterlist/machine';
import type { Program } from 'scatterlist/explore';
import { expectExhausted, expectFound } from './support.ts';

// The generic framebuffer emulation keeps a shadow in memory and copied what changed with memcpy() to
// wherever the buffer object was mapped, also where that is device memory.
//
// Linux, bochs on sparc64, fixed July 2020 (drm-kmod 28bedad6d2).
// Oracle: device memory is touched with plain loads and stores.

interface Shared {
  readonly shadow: Page;
  readonly framebuffer: Page;
}

type Blit = (task: Task, framebuffer: Page, damage: Uint8Array) => void;

/** Takes whatever the map call gives for an address in memory. */
const memcpy: Blit = (task, framebuffer, damage) => {
  const mapped = vmap(task, [framebuffer]);
  if (!mapped.ok) return;
  mapped.value.copyFrom(damage);
  vunmap(task, mapped.value);
};

/** Asks what kind of memory it is (`iosys_map`). */
const byKind: Blit = (task, framebuffer, damage) => {
  if (framebuffer.kind !== 'iomem') {
    memcpy(task, framebuffer, damage);
    return;
  }
  const mapped = ioremap(task, framebuffer.phys, task.machine.pageSize);
  if (!mapped.ok) return;
  mapped.value.copyFrom(damage); // memcpy_toio
  iounmap(task, mapped.value);
};

function program(blit: Blit, kind: 'iomem' | 'lowmem'): Program<Shared> {
  return {
    machine: { cpus: 1 },
    setup: (machine) => ({
      shadow: machine.allocPage({ zone: 'lowmem' }),
      framebuffer:
        kind === 'iomem' ? machine.ioRegion(1, { name: 'vram' })[0]! : machine.allocPage({ zone: kind }),
    }),
    tasks: {
      *damageWork({ task, shadow, framebuffer }) {
        const m = pageAddress(task, shadow)!;
        m.fill(3, 0, 8);
        yield;
        const damage = new Uint8Array(8);
        m.copyTo(damage);
        m[Symbol.dispose]();
        blit(task, framebuffer, damage);
      },
    },
    check: ({ memory, framebuffer }) => memory.load8(framebuffer, 7) === 3,
  };
}

describe('drm-fb-helper-memcpy-to-iomem', () => {
  it('copies to device memory as if it were memory', () => {
    expectFound(program(memcpy, 'iomem'), 'iomem-plain-access');
  });

  it('works where the buffer is in memory', () => {
    expectExhausted(program(memcpy, 'lowmem'));
  });

  for (const kind of ['iomem', 'lowmem'] as const) {
    it(`is sound when the copy asks for the kind: ${kind}`, () => {
      expectExhausted(program(byKind, kind));
    });
  }
});
