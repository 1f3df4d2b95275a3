import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import sinon from 'sinon';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { Machine, MachineOptions, MapBackend, MemoryKind, Task } from 'scatterlist';
import {
  faultInjection,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  recorder,
  vmap,
} from 'scatterlist/backends';
import { decode, formatOf } from '../../../examples/drivers/module/decoders.ts';
import {
  Decoder,
  GZIP,
  XZ,
  moduleDecompress,
  moduleDecompressCleanup,
} from '../../../examples/drivers/module/module-decompress.ts';
import type { StreamOutput } from '../../../examples/drivers/module/module-decompress.ts';

const SOURCE = readFileSync(new URL(import.meta.url));
const CARD = readFileSync(new URL('../../../examples/data/card.ext4.xz', import.meta.url));
const BACKENDS = { kmap, kmapAtomic, kmapLocal, vmap, pageAddress, iomemBounce, ioAccess, pgmap };

interface Run {
  readonly machine: Machine;
  readonly task: Task;
}

function start(options: MachineOptions = {}): Run {
  const machine = createMachine(options);
  return { machine, task: machine.task('modprobe') };
}

function load(backend: MapBackend, decoder: Decoder, zone: MemoryKind = 'highmem') {
  return runAlone(backend.context, moduleDecompress(backend, decoder, zone));
}

function nothingLost({ machine, task }: Run, free: number): void {
  expect(machine.liveMappings).to.equal(0);
  expect(machine.hardware.memory.freePages('highmem')).to.equal(free);
  machine.checkLeaks();
  task.exit();
}

describe('the module decompression port', () => {
  let gzip: StreamOutput;
  let xz: StreamOutput;
  before(async () => {
    gzip = await decode(GZIP, gzipSync(SOURCE));
    xz = await decode(XZ, CARD);
  });

  for (const mode of ['checked', 'direct'] as const) {
    for (const [name, bind] of Object.entries(BACKENDS)) {
      for (const zone of ['highmem', 'lowmem'] as const) {
        const refused = zone === 'highmem' && ['pageAddress', 'pgmap'].includes(name);
        it(`${refused ? 'is refused' : 'works'} over ${name} on ${zone} pages of a ${mode} machine`, () => {
          const run = start({ mode });
          const free = run.machine.hardware.memory.freePages('highmem');
          const loaded = load(bind(run.task), new Decoder(GZIP, gzip), zone);
          if (refused) {
            expect(loaded).to.have.nested.property('error.code', 'Unmappable');
          } else {
            if (!loaded.ok) throw new Error(loaded.error.code);
            const content = new Uint8Array(loaded.value.lengthBytes);
            loaded.value.mapping.copyTo(content);
            expect(Buffer.from(content).equals(SOURCE)).to.be.true;
            expect(loaded.value.pages.every((page) => page.kind === zone)).to.be.true;
            moduleDecompressCleanup(run.task, loaded.value);
          }
          nothingLost(run, free);
        });
      }
    }
  }

  it('maps, fills and releases one page at a time, and releases what it mapped', () => {
    const { task } = start();
    const backend = kmapLocal(task);
    const map = sinon.spy(backend, 'mapWait');
    const unmap = sinon.spy(backend, 'unmap');
    const record = recorder(backend);
    const loaded = load(record, new Decoder(GZIP, gzip));
    const pages = loaded.ok ? loaded.value.pages : [];
    expect(pages).to.have.length(Math.ceil(SOURCE.length / 4096));
    expect(map.callCount).to.equal(pages.length);
    expect(unmap.callCount).to.equal(pages.length);
    expect(record.calls.map(({ call }) => call)).to.deep.equal(pages.flatMap(() => ['map', 'unmap']));
    expect(unmap.args.map(([mapping]) => mapping.page)).to.deep.equal(pages);
  });

  it('decodes a real xz image of 256 pages', () => {
    const { task } = start();
    const loaded = load(kmapLocal(task), new Decoder(XZ, xz));
    if (!loaded.ok) throw new Error(loaded.error.code);
    expect(loaded.value.lengthBytes).to.equal(1024 * 1024);
    // The magic number of ext4, in the superblock at 1024.
    expect(loaded.value.mapping.load16(1024 + 56)).to.equal(0xef53);
  });

  it('cannot use kmap_atomic for xz, whose decoder allocates while the page is mapped', () => {
    const { task } = start();
    let caught: unknown;
    try {
      void load(kmapAtomic(task), new Decoder(XZ, xz));
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof ViolationError)) throw new Error('no violation');
    expect(caught.violation.rule).to.equal('sleep-in-atomic');
    expect(caught.violation.foundAt?.file).to.match(/examples\/drivers\/module\/module-decompress\.ts$/);
    expect(caught.violation.mapping?.mechanism).to.equal('kmap_atomic');
    expect(load(kmapAtomic(start({ preemptRt: true }).task), new Decoder(XZ, xz)).ok).to.be.true;
  });

  it('asks for one page more where the output ends with a page', () => {
    const { task } = start();
    const output = { pieces: [new Uint8Array(5000).fill(1), new Uint8Array(3192).fill(2)], intact: true };
    const loaded = load(kmapLocal(task), new Decoder(GZIP, output));
    expect(loaded.ok && [loaded.value.lengthBytes, loaded.value.pages.length]).to.deep.equal([8192, 3]);
  });

  it('waits for the kmap pool, and for ever where nobody releases', () => {
    const { machine, task } = start({ pkmapSlots: 1 });
    const held = kmap(task).map(machine.allocPage({ zone: 'highmem' }), 0, 4096);
    expect(held.ok).to.be.true;
    expect(() => load(kmap(task), new Decoder(GZIP, gzip))).to.throw(ViolationError, 'rule: deadlock');
  });

  describe('frees everything', () => {
    const broken: readonly (readonly [string, () => Promise<Decoder>])[] = [
      [
        'a gzip with a wrong byte',
        async () => new Decoder(GZIP, await decode(GZIP, flipped(gzipSync(SOURCE)))),
      ],
      ['half a gzip', async () => new Decoder(GZIP, await decode(GZIP, half(gzipSync(SOURCE))))],
      ['an xz with a wrong byte', async () => new Decoder(XZ, await decode(XZ, flipped(CARD)))],
      ['half an xz', async () => new Decoder(XZ, await decode(XZ, half(CARD)))],
    ];
    for (const [name, make] of broken) {
      it(`after ${name}, which is InvalidArgument`, async () => {
        const run = start();
        const free = run.machine.hardware.memory.freePages('highmem');
        const loaded = load(kmapLocal(run.task), await make());
        expect(loaded).to.have.nested.property('error.code', 'InvalidArgument');
        nothingLost(run, free);
      });
    }

    const small: readonly (readonly [string, MachineOptions])[] = [
      ['NoMemory', { highmemPages: 1 }],
      ['NoVirtualSpace', { vmallocPages: 1 }],
    ];
    for (const [code, options] of small) {
      it(`after ${code}`, () => {
        const run = start(options);
        const free = run.machine.hardware.memory.freePages('highmem');
        const loaded = load(kmapLocal(run.task), new Decoder(GZIP, gzip));
        expect(loaded).to.have.nested.property('error.code', code);
        nothingLost(run, free);
      });
    }

    it('after the n-th map failed, for every n', () => {
      const pages = Math.ceil(SOURCE.length / 4096);
      for (let failAt = 0; failAt < pages; failAt += 1) {
        const run = start();
        const free = run.machine.hardware.memory.freePages('highmem');
        const loaded = load(faultInjection(kmapLocal(run.task), { failAt }), new Decoder(GZIP, gzip));
        expect(loaded).to.have.nested.property('error.attempt', failAt);
        nothingLost(run, free);
      }
    });
  });

  it('knows formats by their first bytes', () => {
    expect([gzipSync(SOURCE), CARD, SOURCE].map((bytes) => formatOf(bytes))).to.deep.equal([
      GZIP,
      XZ,
      undefined,
    ]);
  });
});

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 0xff : byte));
}

function half(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length >> 1);
}
