/**
 * Guest frames of a nested guest, after `kvm_vcpu_map` and `kvm_vcpu_unmap` in virt/kvm/kvm_main.c (Linux 7.2).
 *
 * A hypervisor that runs in a guest has control pages in its memory. Before the host enters the guest of that guest, it
 * maps them, several at once, and keeps them mapped until it leaves. A frame that has a page is mapped by kmap, a frame
 * of a device by memremap; the map remembers which. The release marks the frame dirty, if it was written.
 *
 * The frames are released in the order in which they were mapped, the oldest first, as `nested_put_vmcs12_pages` does.
 * There is no memremap in this library; `ioremapCache` maps the same.
 */
import { err, ok } from 'scatterlist';
import type { MapBackend, Mapping, OutOfRange, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { ioremapCache, iounmap, vmap, vunmap } from 'scatterlist/machine';
import type { Context } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortVariant } from 'scatterlist/ports';

/** The memory of a guest, by guest frame number. */
export interface GuestMemory {
  readonly frames: readonly Page[];
  /** `dirty_bitmap`. */
  readonly dirty: boolean[];
}

/** `struct kvm_host_map`. */
export interface HostMap {
  readonly gfn: number;
  readonly mapping: Mapping;
  /** Which function made the mapping, and so which releases it. */
  readonly by: 'backend' | 'memremap' | 'vmap';
}

type Mapped = Result<HostMap, ScatterlistError>;

function noFrame({ frames }: GuestMemory, gfn: number): Result<never, OutOfRange> {
  return err({ code: 'OutOfRange', haveBytes: frames.length * 4096, wantBytes: (gfn + 1) * 4096 });
}

/** Maps a frame of a device. */
function memremap(context: Context, gfn: number, frame: Page): Mapped {
  const mapped = ioremapCache(context, frame.phys, context.machine.pageSize);
  return mapped.ok ? ok({ gfn, mapping: mapped.value, by: 'memremap' }) : mapped;
}

/** `kvm_vcpu_map`. */
export function* vcpuMap(backend: MapBackend, memory: GuestMemory, gfn: number): Sleeping<Mapped> {
  const { context } = backend;
  const frame = memory.frames[gfn];
  if (frame === undefined) return noFrame(memory, gfn);
  if (frame.kind === 'iomem') return memremap(context, gfn, frame);
  const mapped = yield* backend.mapWait(frame, 0, context.machine.pageSize);
  return mapped.ok ? ok({ gfn, mapping: mapped.value, by: 'backend' }) : mapped;
}

/** The same with `vmap` of the one page. */
export function* vcpuMapByVmap({ context }: MapBackend, memory: GuestMemory, gfn: number): Sleeping<Mapped> {
  const frame = memory.frames[gfn];
  if (frame === undefined) return noFrame(memory, gfn);
  if (frame.kind === 'iomem') return memremap(context, gfn, frame);
  const mapped = vmap(context, [frame]);
  return mapped.ok ? ok({ gfn, mapping: mapped.value, by: 'vmap' }) : mapped;
}

/** `kvm_vcpu_unmap`. */
export function vcpuUnmap(backend: MapBackend, memory: GuestMemory, map: HostMap, dirty: boolean): void {
  if (map.by === 'backend') backend.unmap(map.mapping);
  else if (map.by === 'vmap') vunmap(backend.context, map.mapping);
  else iounmap(backend.context, map.mapping);
  if (dirty) memory.dirty[map.gfn] = true;
}

/** The frames of the nested guest: what it asks for, what it gets, and a page of a device that tells how many bytes. */
const REQUEST = 0;
const RESPONSE = 1;
const DEVICE = 2;
const GFNS = [REQUEST, RESPONSE, DEVICE];
const EXIT_BYTES = 1024;

interface Vcpu {
  readonly memory: GuestMemory;
  readonly content: Uint8Array;
  readonly entered: Completion;
  readonly exited: Completion;
  exits: number;
  verifiedBytes: number;
}

const exitCount = ({ content }: Vcpu): number => Math.ceil(content.length / EXIT_BYTES);

/** The nested guest runs: it checks the last response, and makes the next request. */
const devices: NonNullable<PortVariant<Vcpu>['devices']> = {
  *guest(env) {
    const { machine, memory, content, entered, exited, self } = env;
    const [request, response, device] = memory.frames.map((frame) => machine.physical(frame));
    if (request === undefined || response === undefined || device === undefined) return;
    for (; env.exits < exitCount(env); env.exits += 1) {
      yield* entered.wait(self);
      const wanted = content.subarray(env.exits * EXIT_BYTES, (env.exits + 1) * EXIT_BYTES);
      request.set(wanted);
      new DataView(device.buffer, device.byteOffset).setUint32(0, wanted.length, true);
      exited.complete(self);
      yield* entered.wait(self);
      env.verifiedBytes += sameBytes(wanted, response, 'the response').verifiedBytes;
      exited.complete(self);
    }
  },
};

/** Lets the guest run until it exits; the task of the vCPU sleeps. */
function* enter({ entered, exited }: Vcpu, task: Context): Sleeping<void> {
  entered.complete(task);
  yield* exited.wait(task);
}

/** Serves a request with mappings that are held: copies as many bytes as the device page says. */
function serve(request: Mapping, response: Mapping, device: Mapping): void {
  const bytes = new Uint8Array(device.load32(0));
  request.copyTo(bytes);
  response.copyFrom(bytes);
}

/** Runs the vCPU: all frames are mapped while the guest runs. */
function heldAcrossEntry(map: typeof vcpuMap, releases: 'oldest first' | 'newest first'): PortTask<Vcpu> {
  return function* vcpu(env) {
    const { backend, task, memory } = env;
    const unmapAll = (maps: readonly HostMap[]): void => {
      for (const held of releases === 'oldest first' ? maps : maps.toReversed())
        vcpuUnmap(backend, memory, held, held.gfn === RESPONSE);
    };
    for (let exit = 0; exit < exitCount(env); exit += 1) {
      const maps: HostMap[] = [];
      for (const gfn of GFNS) {
        const mapped = yield* map(backend, memory, gfn);
        if (!mapped.ok) {
          unmapAll(maps);
          return mapped;
        }
        maps.push(mapped.value);
      }
      yield* enter(env, task);
      const [request, response, device] = maps;
      if (request !== undefined && response !== undefined && device !== undefined)
        serve(request.mapping, response.mapping, device.mapping);
      yield* enter(env, task);
      unmapAll(maps);
    }
    return undefined;
  };
}

/** Runs the vCPU: frames are mapped for each copy only, and no mapping is held while the guest runs. */
const perAccess: PortTask<Vcpu> = function* vcpu(env) {
  const { backend, task, memory } = env;
  for (let exit = 0; exit < exitCount(env); exit += 1) {
    yield* enter(env, task);
    const device = yield* vcpuMap(backend, memory, DEVICE);
    if (!device.ok) return device;
    const bytes = new Uint8Array(device.value.mapping.load32(0));
    vcpuUnmap(backend, memory, device.value, false);
    const request = yield* vcpuMap(backend, memory, REQUEST);
    if (!request.ok) return request;
    request.value.mapping.copyTo(bytes);
    vcpuUnmap(backend, memory, request.value, false);
    const response = yield* vcpuMap(backend, memory, RESPONSE);
    if (!response.ok) return response;
    response.value.mapping.copyFrom(bytes);
    vcpuUnmap(backend, memory, response.value, true);
    yield* enter(env, task);
  }
  return undefined;
};

/** A nested guest asks for the input, a piece at each exit, and the host copies it from frame to frame. */
export default definePort<Vcpu>({
  name: 'kvm-vcpu-map',
  follows: 'virt/kvm/kvm_main.c',
  about: 'maps control pages of a guest, of memory and of a device, and holds them while the guest runs',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => ({
    memory: {
      frames: [...takePages(machine, memory, 2), ...machine.ioRegion(1)],
      dirty: [false, false, false],
    },
    content,
    entered: new Completion(machine, 'guest entry'),
    exited: new Completion(machine, 'guest exit'),
    exits: 0,
    verifiedBytes: 0,
  }),
  variants: {
    original: {
      about:
        'kmap of a page, memremap of a device frame, held while the guest runs, the oldest released first',
      linux: '5.10 to 7.2',
      tasks: { vcpu: heldAcrossEntry(vcpuMap, 'oldest first') },
      devices,
    },
    'newest first': {
      about: 'the same, the newest released first, as kmap_local needs it',
      linux: 'not proposed',
      tasks: { vcpu: heldAcrossEntry(vcpuMap, 'newest first') },
      devices,
    },
    vmap: {
      about: 'vmap of one page, memremap of a device frame, held while the guest runs',
      linux: 'not proposed',
      usesBackend: false,
      tasks: { vcpu: heldAcrossEntry(vcpuMapByVmap, 'oldest first') },
      devices,
    },
    'map per access': {
      about: 'a map around each copy, none while the guest runs',
      linux: 'not proposed',
      tasks: { vcpu: perAccess },
      devices,
    },
  },
  verify: ({ content, memory, verifiedBytes }) => {
    sameBytes(
      Uint8Array.of(0, 1, 0),
      Uint8Array.from(memory.dirty, (dirty) => Number(dirty)),
      'the dirty bitmap',
    );
    return allBytes(content.length, verifiedBytes);
  },
});
