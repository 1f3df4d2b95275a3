// The designs of FreeBSD, illumos and Windows run the same programs at random as an array of bytes.
import { expect } from 'chai';
import fc from 'fast-check';
import { createMachine, runAlone, sgPhys } from 'scatterlist';
import type { SgEntry } from 'scatterlist';
import { NULL, PAGE_SIZE, busDma, illumosBind, inPage, now, sfBuf, windowsMdl } from 'scatterlist/lab';
import type { BusDma, Facade, IllumosBind, Mdl, SfBuf, SfBufBuffer, WindowsMdl } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import type { Task } from 'scatterlist/machine';
import { TestList, pattern } from '../../../lib/lab/test-list.ts';

/** Bytes of one entry that are written or read, and how: each design has two or three ways. */
interface Step {
  readonly isWrite: boolean;
  readonly entry: number;
  readonly offset: number;
  readonly length: number;
  readonly way: number;
  /** Whether the map stays until the end, if the way allows that. */
  readonly keeps: boolean;
}

/** What moves bytes with a design. */
interface Mover {
  readonly move: (sg: SgEntry, step: Step, bytes: Uint8Array) => void;
  /** Releases what was kept. */
  readonly end: () => void;
}

type Kind = 'lowmem' | 'highmem';

const segment = fc.record({
  kind: fc.constantFrom<Kind>('lowmem', 'highmem'),
  offset: fc.integer({ min: 0, max: 9000 }),
  length: fc.integer({ min: 1, max: PAGE_SIZE }),
});
const step = fc.record({
  isWrite: fc.boolean(),
  entry: fc.nat(3),
  offset: fc.nat(PAGE_SIZE),
  length: fc.integer({ min: 1, max: PAGE_SIZE }),
  way: fc.nat(2),
  keeps: fc.boolean(),
});
const program = fc.record({
  segments: fc.array(segment, { minLength: 1, maxLength: 4 }),
  steps: fc.array(step, { maxLength: 12 }),
});

/** Runs a program with a design and with an array, and compares what is read and what is left. */
function compare<Api>(facade: Facade<Api>, moverOf: (api: Api, task: Task) => Mover): void {
  fc.assert(
    fc.property(program, ({ segments, steps }) => {
      const machine = createMachine({
        lowmemPages: 64,
        highmemPages: 64,
        pkmapSlots: 4,
        bounceSlots: 8,
        vmallocPages: 64,
      });
      const task = machine.task('user');
      const list = new TestList<Kind>(machine, segments, 3);
      const image = list.bytes();
      const entries = [...list.table];
      const design = facade.on(machine);
      const { move, end } = moverOf(design.open(task), task);
      for (const [n, asked] of steps.entries()) {
        const entry = asked.entry % entries.length;
        const sg = entries[entry];
        if (sg === undefined) throw new Error('no entry');
        const offset = asked.offset % sg.length;
        const length = Math.min(asked.length, sg.length - offset);
        const start = entries.slice(0, entry).reduce((sum, one) => sum + one.length, 0) + offset;
        const bytes = asked.isWrite ? pattern(length, n) : new Uint8Array(length);
        move(sg, { ...asked, entry, offset, length }, bytes);
        if (asked.isWrite) image.set(bytes, start);
        else expect(bytes).to.deep.equal(image.slice(start, start + length));
      }
      end();
      expect(list.wrong([{ at: 0, bytes: image }])).to.equal(undefined);
      expect(design.close()).to.equal(undefined);
      machine.checkLeaks();
    }),
    { numRuns: 60 },
  );
}

/** With a buffer for each page; with kept buffers, so that pages are shared and the pool runs out. */
function withSfBuf(api: SfBuf, task: Task): Mover {
  const memory = new AddressSpace(task);
  const kept: SfBufBuffer[] = [];
  const end = () => {
    for (const sf of kept.splice(0)) api.sfBufFree(sf);
  };
  const take = (phys: number, flags: number): SfBufBuffer => {
    const sf = now(api.sfBufAlloc(api.physToVmPage(phys), flags | api.SFB_NOWAIT));
    if (sf !== api.NULL) return sf;
    end();
    return runAlone(task, api.sfBufAlloc(api.physToVmPage(phys), flags));
  };
  return {
    end,
    move(sg, { isWrite, offset, length, way, keeps }, bytes) {
      api.schedPin();
      for (let done = 0; done < length;) {
        const phys = sgPhys(sg) + offset + done;
        const part = bytes.subarray(done, Math.min(done + inPage(phys), length));
        const sf = take(phys, way === 0 ? api.SFB_CPUPRIVATE : 0);
        const address = api.sfBufKva(sf) + (phys % PAGE_SIZE);
        if (isWrite) memory.copyFrom(part, address);
        else memory.copyTo(part, address);
        if (way === 2) api.sfBufRef(sf);
        if (way === 2) api.sfBufFree(sf);
        if (keeps) kept.push(sf);
        else api.sfBufFree(sf);
        done += part.length;
      }
      api.schedUnpin();
    },
  };
}

/** With one load for all bytes, or one for each half. */
function withBusDma(api: BusDma, task: Task): Mover {
  const [, map] = api.busDmamapCreate(api.tag);
  const load = (dsAddr: number, bytes: Uint8Array, isWrite: boolean, flags: number) => {
    let isDone = false;
    api.busDmamapLoad(
      api.tag,
      map,
      [{ dsAddr, dsLen: bytes.length }],
      (segs, error) => {
        expect(error).to.equal(0);
        let at = 0;
        api.busDmamapSync(api.tag, map, isWrite ? api.BUS_DMASYNC_PREREAD : api.BUS_DMASYNC_PREWRITE);
        for (const seg of segs) {
          const part = bytes.subarray(at, at + seg.dsLen);
          if (isWrite) api.deviceWrite(seg.dsAddr, part);
          else part.set(api.deviceRead(seg.dsAddr, seg.dsLen));
          at += seg.dsLen;
        }
        isDone = true;
      },
      flags,
    );
    runAlone(
      task,
      api.cvWait(() => isDone),
    );
    api.busDmamapSync(api.tag, map, isWrite ? api.BUS_DMASYNC_POSTREAD : api.BUS_DMASYNC_POSTWRITE);
    api.busDmamapUnload(api.tag, map);
  };
  return {
    end: () => api.busDmamapDestroy(api.tag, map),
    move(sg, { isWrite, offset, length, way }, bytes) {
      const from = sgPhys(sg) + offset;
      const half = way === 0 ? length : Math.ceil(length / 2);
      const flags = way === 1 ? api.BUS_DMA_NOWAIT : api.BUS_DMA_WAITOK;
      load(from, bytes.subarray(0, half), isWrite, flags);
      if (half < length) load(from + half, bytes.subarray(half), isWrite, flags);
    },
  };
}

/** With a bind, window by window, or with a map for the CPU. */
function withIllumosBind(api: IllumosBind, task: Task): Mover {
  const [, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
  const memory = new AddressSpace(task);
  return {
    end: () => {
      api.ddiDmaFreeHandle(handle);
    },
    move(sg, { isWrite, offset, length, way }, bytes) {
      const bp = api.pageioBuf(api.pagesOf(sg, offset), sg.offset + offset, length);
      if (way === 0) {
        runAlone(task, api.bpMapin(bp));
        if (isWrite) memory.copyFrom(bytes, bp.address);
        else memory.copyTo(bytes, bp.address);
        api.bpMapout(bp);
        return;
      }
      const direction = isWrite ? api.DDI_DMA_READ : api.DDI_DMA_WRITE;
      const callback = way === 1 ? api.DDI_DMA_SLEEP : api.DDI_DMA_DONTWAIT;
      const flags = direction | api.DDI_DMA_PARTIAL;
      runAlone(task, api.ddiDmaBufBindHandle(handle, bp, flags, callback));
      let at = 0;
      for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
        if (win > 0) expect(api.ddiDmaGetwin(handle, win)[1]).to.equal(at);
        for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle)) {
          const part = bytes.subarray(at, at + dmacSize);
          if (isWrite) api.deviceWrite(dmacLaddress, part);
          else part.set(api.deviceRead(dmacLaddress, dmacSize));
          at += dmacSize;
        }
      }
      expect(at).to.equal(length);
      api.ddiDmaUnbindHandle(handle);
    },
  };
}

/** With a map of the whole entry, kept or not, or at reserved addresses. */
function withWindowsMdl(api: WindowsMdl, task: Task): Mover {
  const memory = new AddressSpace(task);
  const reserved = api.mmAllocateMappingAddress(4 * PAGE_SIZE, 1);
  const kept = new Map<number, Mdl>();
  return {
    end() {
      for (const mdl of kept.values()) api.mmUnmapLockedPages(mdl.mappedSystemVa, mdl);
      api.mmFreeMappingAddress(reserved, 1);
    },
    move(sg, { isWrite, entry, offset, way, keeps }, bytes) {
      const access = (va: number) => {
        expect(va).to.not.equal(NULL);
        if (isWrite) memory.copyFrom(bytes, va + offset);
        else memory.copyTo(bytes, va + offset);
      };
      const mdl = kept.get(entry) ?? api.mdlOf([sg]);
      if (way === 0 && !kept.has(entry)) {
        access(api.mmMapLockedPagesWithReservedMapping(reserved, 1, mdl, api.MmCached));
        api.mmUnmapReservedMapping(reserved, 1, mdl);
        return;
      }
      const va = api.mmGetSystemAddressForMdlSafe(
        mdl,
        way === 1 ? api.NormalPagePriority : api.HighPagePriority,
      );
      access(va);
      kept.delete(entry);
      if (keeps) kept.set(entry, mdl);
      else api.mmUnmapLockedPages(va, mdl);
    },
  };
}

describe('designs at random beside an array of bytes', () => {
  it('sf_buf reads and writes the same bytes', () => {
    compare(sfBuf, withSfBuf);
  });

  it('bus_dma reads and writes the same bytes', () => {
    compare(busDma, withBusDma);
  });

  it('the bind of illumos reads and writes the same bytes', () => {
    compare(illumosBind, withIllumosBind);
  });

  it('MDLs read and write the same bytes', () => {
    compare(windowsMdl, withWindowsMdl);
  });
});
