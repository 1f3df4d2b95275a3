/**
 * The workloads of the matrix: each runs a port of examples/drivers; there is one row for each kind of memory.
 *
 * A workload runs a port on a machine through a backend and returns the number of correct bytes. It checks them in
 * physical memory or in the device, not through the backend.
 */
import { describeError, ok, runAlone, sgAllocTable, sgInitTable, sgNext, sgSetPage } from 'scatterlist';
import type { ContextKind, Machine, MemoryKind, Page, Result, ScatterlistError, SgTable } from 'scatterlist';
import { ioAccess, pageAddress } from 'scatterlist/backends';
import { preemptDisable, preemptEnable } from 'scatterlist/machine';
import { SdCard } from '../../../examples/drivers/mmc/sd-card.ts';
import { smpResponses } from '../../../examples/drivers/scsi/smp-target.ts';
import {
  Decoder,
  moduleDecompress,
  moduleDecompressCleanup,
} from '../../../examples/drivers/module/module-decompress.ts';
import { ERR_INFO_BYTES } from '../../../examples/drivers/scsi/mvs-slot.ts';
import { mvsSlotComplete } from '../../../examples/drivers/scsi/mvsas-smp.ts';
import { admaTablePost, admaTablePre, transferPio } from '../../../examples/drivers/mmc/sdhci.ts';
import type { MmcData } from '../../../examples/drivers/mmc/sdhci.ts';
import type { Bind } from './backends.ts';
import { sha256 } from './input.ts';
import type { Compressed, Input } from './input.ts';

/** The context in which a port maps; it decides which backends can serve the port. */
interface Needs {
  readonly context: ContextKind;
  /** Whether the port holds a spinlock, with preemption off, while it maps. */
  readonly underLock: boolean;
  /** The function that may sleep which it calls while a mapping is live, if any. */
  readonly sleepsWhileMapped: string | undefined;
}

/** The result of a workload. */
export interface Moved {
  readonly verifiedBytes: number;
  /** Device accesses by the port itself, which are the same with every backend. */
  readonly ownAccesses: number;
}

/** One row. */
export interface Workload {
  readonly port: string;
  /** The Linux file that the port follows. */
  readonly follows: string;
  readonly memory: MemoryKind;
  readonly needs: Needs;
  run(machine: Machine, bind: Bind): Result<Moved, ScatterlistError>;
}

/** Thrown for wrong bytes, which are always a bug of the port, the backend or the machine. */
class WrongBytesError extends Error {
  override readonly name = 'WrongBytesError';
}

const PIO_BYTES = 64 * 1024;
const BLOCK_BYTES = 512;
const BLOCKS_PER_INTERRUPT = 8;
/** A request has at most `SDHCI_MAX_SEGS` entries. */
const MAX_SEGS = 128;
const JUNK = 0xa5;

/** Every row for an input. */
export function workloads(input: Input): readonly Workload[] {
  return [
    ...rows(['highmem', 'lowmem'], (memory) => decompression(input.gzip, memory)),
    ...rows(['highmem'], (memory) => decompression(input.xz, memory)),
    ...(input.zstd === undefined ? [] : zstdRows(input.zstd)),
    ...rows(['highmem', 'lowmem', 'protected'], (memory) => smpResponse(input.content, memory)),
    ...rows(['highmem', 'lowmem'], (memory) => adma(input.content, memory)),
    ...rows(['highmem', 'lowmem', 'protected', 'iomem'], (memory) => pio(input.content, memory)),
  ];
}

function zstdRows(zstd: Compressed): readonly Workload[] {
  return rows(['highmem', 'lowmem'], (memory) => decompression(zstd, memory));
}

function rows(kinds: readonly MemoryKind[], make: (memory: MemoryKind) => Workload): readonly Workload[] {
  return kinds.map(make);
}

function decompression(compressed: Compressed, memory: MemoryKind): Workload {
  const { format } = compressed;
  return {
    port: `module-decompress-${format.name}`,
    follows: 'kernel/module/decompress.c',
    memory,
    needs: { context: 'task', underLock: false, sleepsWhileMapped: format.sleepsIn },
    run(machine, bind) {
      const task = machine.task('modprobe');
      const decoder = new Decoder(format, compressed.output);
      const loaded = runAlone(task, moduleDecompress(bind(task), decoder, memory));
      if (!loaded.ok) return loaded;
      const { mapping, lengthBytes } = loaded.value;
      const content = new Uint8Array(lengthBytes);
      mapping.copyTo(content);
      if (lengthBytes !== compressed.lengthBytes || sha256(content) !== compressed.sha256) {
        throw new WrongBytesError(`${String(lengthBytes)} bytes with another digest than the content`);
      }
      moduleDecompressCleanup(task, loaded.value);
      task.exit();
      return ok({ verifiedBytes: lengthBytes, ownAccesses: 0 });
    },
  };
}

function smpResponse(content: Uint8Array, memory: MemoryKind): Workload {
  return {
    port: 'mvsas-smp',
    follows: 'drivers/scsi/mvsas/mv_sas.c',
    memory,
    needs: { context: 'softirq', underLock: false, sleepsWhileMapped: undefined },
    run(machine, bind) {
      const pages = takePages(machine, memory, 2, 'contiguous');
      const [page] = pages;
      if (page === undefined) throw new RangeError('no page');
      const sg = sgInitTable(1).entry(0);
      let verifiedBytes = 0;
      let frames = 0;
      for (const slot of smpResponses(content)) {
        const frame = slot.response.subarray(ERR_INFO_BYTES);
        // From frame to frame the response moves through the page and, three times in four, over its end.
        const offset = machine.pageSize - 256 * (1 + (frames % 4));
        sgSetPage(sg, page, frame.length, offset);
        for (const each of pages) machine.physical(each).fill(JUNK);
        const copied = machine.interrupt('softirq', (irq) => mvsSlotComplete(bind(irq), slot, sg), {
          name: 'mvs_tasklet',
        });
        if (!copied.ok) return copied;
        const ram = Buffer.concat(pages.map((each) => machine.physical(each)));
        compare(frame, ram.subarray(offset, offset + frame.length), `frame ${String(frames)}`);
        verifiedBytes += frame.length;
        frames += 1;
      }
      return ok({ verifiedBytes, ownAccesses: 0 });
    },
  };
}

function adma(content: Uint8Array, memory: MemoryKind): Workload {
  return {
    port: 'sdhci-adma',
    follows: 'drivers/mmc/host/sdhci.c',
    memory,
    needs: { context: 'task', underLock: true, sleepsWhileMapped: undefined },
    run(machine, bind) {
      const task = machine.task('mmcqd');
      const backend = bind(task);
      const buffer = machine.allocPage({ zone: 'lowmem' });
      const lowmem = pageAddress(task);
      const mapped = lowmem.map(buffer, 0, machine.pageSize);
      if (!mapped.ok) return mapped;
      const align = { mapping: mapped.value, dmaAddress: buffer.phys };
      const moved = eachRequest(machine, memory, content, (data, card) => {
        preemptDisable(task);
        const table = admaTablePre(backend, data, align);
        preemptEnable(task);
        if (!table.ok) return table;
        card.transfer(machine, data.direction, table.value);
        preemptDisable(task);
        const done = admaTablePost(backend, data, align);
        preemptEnable(task);
        return done;
      });
      if (!moved.ok) return moved;
      lowmem.unmap(mapped.value);
      task.exit();
      return moved;
    },
  };
}

function pio(content: Uint8Array, memory: MemoryKind): Workload {
  return {
    port: 'sdhci-pio',
    follows: 'drivers/mmc/host/sdhci.c',
    memory,
    needs: { context: 'hardirq', underLock: false, sleepsWhileMapped: undefined },
    run(machine, bind) {
      return eachRequest(machine, memory, content.subarray(0, PIO_BYTES), (data, card) => {
        const [registers] = machine.ioRegion(1, { name: 'sdhci', handlers: card, widths: [4] });
        if (registers === undefined) throw new RangeError('no registers');
        const progress = { blocksDone: 0 };
        while (progress.blocksDone < data.blocks) {
          card.raise(BLOCKS_PER_INTERRUPT * BLOCK_BYTES);
          const step = machine.interrupt(
            'hardirq',
            (irq) => {
              const io = ioAccess(irq);
              const mapped = io.map(registers, 0, machine.pageSize);
              if (!mapped.ok) return mapped;
              const moved = transferPio(bind(irq), data, progress, mapped.value);
              io.unmap(mapped.value);
              return moved;
            },
            { name: 'sdhci_irq' },
          );
          if (!step.ok) return step;
        }
        return ok(undefined);
      });
    },
  };
}

type Transfer = (data: MmcData, card: SdCard) => Result<undefined, ScatterlistError>;

/** Reads the content from a card in requests of many odd entries, and writes it to an empty one. */
function eachRequest(
  machine: Machine,
  memory: MemoryKind,
  content: Uint8Array,
  transfer: Transfer,
): Result<Moved, ScatterlistError> {
  const pages = takePages(machine, memory, MAX_SEGS, 'scattered');
  let verifiedBytes = 0;
  let ownAccesses = 0;
  for (const direction of ['read', 'write'] as const) {
    for (let at = 0; at < content.length;) {
      const table = oddTable(pages, content.length - at);
      const { totalBytes } = table;
      const wanted = new Uint8Array(totalBytes);
      wanted.set(content.subarray(at, at + totalBytes));
      const card = new SdCard(direction === 'read' ? wanted : new Uint8Array(totalBytes).fill(JUNK));
      for (const page of pages) machine.physical(page).fill(JUNK);
      if (direction === 'write')
        physicalPieces(machine, table, wanted, (ram, part) => {
          ram.set(part);
        });
      const data: MmcData = { direction, table, blockBytes: BLOCK_BYTES, blocks: totalBytes / BLOCK_BYTES };
      const moved = transfer(data, card);
      if (!moved.ok) return moved;
      if (direction === 'write') compare(wanted, card.storage, 'the card');
      else
        physicalPieces(machine, table, wanted, (ram, part) => {
          compare(part, ram, 'an entry');
        });
      verifiedBytes += Math.min(totalBytes, content.length - at);
      ownAccesses += card.accesses;
      at += totalBytes;
    }
  }
  return ok({ verifiedBytes, ownAccesses });
}

/**
 * A list of whole blocks in entries of 3583 and 3585 bytes at odd offsets: heads of every alignment, and
 * words of the FIFO that end in one entry and go on in the next.
 */
function oddTable(pages: readonly Page[], wantedBytes: number): SgTable {
  const pairs = Math.min(Math.floor(pages.length / 2), Math.ceil(wantedBytes / (14 * BLOCK_BYTES)));
  const table = sgAllocTable(2 * pairs);
  if (!table.ok) throw new RangeError(describeError(table.error));
  let sg = table.value.sgl;
  for (const [i, page] of pages.slice(0, 2 * pairs).entries()) {
    if (sg === null) break;
    sgSetPage(sg, page, i % 2 === 0 ? 3583 : 3585, (i * 37) % 500);
    sg = sgNext(sg);
  }
  return table.value;
}

function physicalPieces(
  machine: Machine,
  table: SgTable,
  content: Uint8Array,
  visit: (ram: Uint8Array, part: Uint8Array) => void,
): void {
  let at = 0;
  for (const sg of table) {
    if (sg.page === null) continue;
    const ram = machine.physical(sg.page).subarray(sg.offset, sg.offset + sg.length);
    visit(ram, content.subarray(at, at + sg.length));
    at += sg.length;
  }
}

function takePages(
  machine: Machine,
  memory: MemoryKind,
  count: number,
  layout: 'contiguous' | 'scattered',
): readonly Page[] {
  return memory === 'iomem'
    ? machine.ioRegion(count, { name: 'framebuffer' })
    : machine.allocPages<MemoryKind>(count, { zone: memory, layout });
}

function compare(wanted: Uint8Array, got: Uint8Array, where: string): void {
  if (Buffer.compare(wanted, got) === 0) return;
  const at = wanted.findIndex((byte, i) => byte !== got[i]);
  throw new WrongBytesError(`${where} differs from the input at byte ${String(at)}`);
}
