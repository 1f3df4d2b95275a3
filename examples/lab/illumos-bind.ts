/** The ten jobs with the DMA bind of illumos: the device moves the bytes, or the CPU after `bp_mapin`. */
import { EAGAIN, EIO, cannot, defineCallSites, edit, illumosBind, inPage, now } from 'scatterlist/lab';
import type { CallSites, DdiBuf, IllumosBind, Mistakes } from 'scatterlist/lab';

const byHandle = cannot('the handle, or the buf, is all that the end of a bind or of a map takes');

const sites: CallSites<IllumosBind> = {
  *copyResponse({ api, list, response }) {
    const [status, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    if (status !== api.DDI_SUCCESS) return -EIO;
    let done = 0;
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (part.length === 0) break;
      const bp = api.pageioBuf(api.pagesOf(sg), sg.offset, part.length);
      const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
      const bound = yield* api.ddiDmaBufBindHandle(handle, bp, flags, api.DDI_DMA_SLEEP);
      if (bound !== api.DDI_DMA_MAPPED && bound !== api.DDI_DMA_PARTIAL_MAP) break;
      let at = 0;
      for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
        if (win > 0) api.ddiDmaGetwin(handle, win);
        for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle)) {
          api.deviceWrite(dmacLaddress, part.subarray(at, at + dmacSize));
          at += dmacSize;
        }
      }
      api.ddiDmaUnbindHandle(handle);
      done += part.length;
    }
    api.ddiDmaFreeHandle(handle);
    return done < response.length ? -EIO : 0;
  },

  *patchHead({ api, list, align }) {
    const [status, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    if (status !== api.DDI_SUCCESS) return -EIO;
    let errno = 0;
    for (const [i, sg] of [...list].entries()) {
      const head = align.subarray(4 * i, 4 * i + (-sg.offset & 3));
      if (head.length === 0) continue;
      const bp = api.pageioBuf(api.pagesOf(sg), sg.offset, head.length);
      const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
      const bound = yield* api.ddiDmaBufBindHandle(handle, bp, flags, api.DDI_DMA_SLEEP);
      if (bound !== api.DDI_DMA_MAPPED && bound !== api.DDI_DMA_PARTIAL_MAP) {
        errno = -EIO;
        break;
      }
      let at = 0;
      for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
        if (win > 0) api.ddiDmaGetwin(handle, win);
        for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle)) {
          api.deviceWrite(dmacLaddress, head.subarray(at, at + dmacSize));
          at += dmacSize;
        }
      }
      api.ddiDmaUnbindHandle(handle);
    }
    api.ddiDmaFreeHandle(handle);
    return errno;
  },

  *pioBlocks({ api, list, blocks, blockBytes, fifo }) {
    const [status, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    if (status !== api.DDI_SUCCESS) return -EIO;
    const entries = [...list];
    let [entry, offset, errno] = [0, 0, 0];
    for (let block = 0; block < blocks && errno === 0; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const sg = entries[entry];
        if (sg === undefined) {
          errno = -EIO;
          break;
        }
        const part = Math.min(left, sg.length - offset);
        const pages = api.pagesOf(sg, offset);
        const bp = api.pageioBuf(pages, sg.offset + offset, part);
        const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
        const bound = yield* api.ddiDmaBufBindHandle(handle, bp, flags, api.DDI_DMA_SLEEP);
        if (bound !== api.DDI_DMA_MAPPED && bound !== api.DDI_DMA_PARTIAL_MAP) {
          errno = -EIO;
          break;
        }
        for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
          if (win > 0) api.ddiDmaGetwin(handle, win);
          for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle))
            api.deviceWrite(dmacLaddress, fifo.read(dmacSize));
        }
        api.ddiDmaUnbindHandle(handle);
        left -= part;
        offset += part;
        if (offset === sg.length) [entry, offset] = [entry + 1, 0];
      }
    }
    api.ddiDmaFreeHandle(handle);
    return errno;
  },

  *cursor({ api, list, source }) {
    const [status, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    if (status !== api.DDI_SUCCESS) return -EIO;
    const entries = [...list];
    let [entry, offset, errno] = [0, 0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0) {
        const sg = entries[entry];
        if (sg === undefined) {
          errno = -EIO;
          break;
        }
        const part = record.subarray(0, sg.length - offset);
        const pages = api.pagesOf(sg, offset);
        const bp = api.pageioBuf(pages, sg.offset + offset, part.length);
        const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
        const bound = yield* api.ddiDmaBufBindHandle(handle, bp, flags, api.DDI_DMA_SLEEP);
        if (bound !== api.DDI_DMA_MAPPED && bound !== api.DDI_DMA_PARTIAL_MAP) {
          errno = -EIO;
          break;
        }
        let at = 0;
        for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
          if (win > 0) api.ddiDmaGetwin(handle, win);
          for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle)) {
            api.deviceWrite(dmacLaddress, part.subarray(at, at + dmacSize));
            at += dmacSize;
          }
        }
        api.ddiDmaUnbindHandle(handle);
        record = record.subarray(part.length);
        offset += part.length;
        if (offset === sg.length) [entry, offset] = [entry + 1, 0];
      }
      if (errno !== 0) break;
    }
    api.ddiDmaFreeHandle(handle);
    return errno;
  },

  *manyMaps({ api, list, socket }) {
    const mapped: DdiBuf[] = [];
    for (const sg of list) {
      const bp = api.pageioBuf(api.pagesOf(sg), sg.offset, sg.length);
      yield* api.bpMapin(bp);
      mapped.push(bp);
    }
    const errno = yield* socket.send(mapped.map(({ address, count }) => ({ base: address, length: count })));
    for (const bp of mapped) api.bpMapout(bp);
    return errno;
  },

  // The entries meet at the borders of pages, so that one buf can have all of their pages.
  *contiguousView({ api, list, lengthBytes, emulate }) {
    const pages = [...list].flatMap((sg) => api.pagesOf(sg));
    const [first] = list;
    if (first === undefined) return -EIO;
    const bp = api.pageioBuf(pages, first.offset, lengthBytes);
    yield* api.bpMapin(bp);
    const errno = yield* emulate({ base: bp.address, length: lengthBytes });
    api.bpMapout(bp);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const bp = api.pageioBuf(api.pagesOf(sg), sg.offset, sg.length);
    yield* api.bpMapin(bp);
    irq.request((context) => {
      const { mem } = open(context);
      mem.store8(bp.address, mem.load8(bp.address) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.bpMapout(bp);
    return errno;
  },

  *deviceMiddle({ api, list, payload }) {
    const [status, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    if (status !== api.DDI_SUCCESS) return -EIO;
    let done = 0;
    for (const sg of list) {
      const part = payload.subarray(done, done + sg.length);
      if (part.length === 0) break;
      const bp = api.pageioBuf(api.pagesOf(sg), sg.offset, part.length);
      const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
      const bound = yield* api.ddiDmaBufBindHandle(handle, bp, flags, api.DDI_DMA_SLEEP);
      if (bound !== api.DDI_DMA_MAPPED && bound !== api.DDI_DMA_PARTIAL_MAP) break;
      let at = 0;
      for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
        if (win > 0) api.ddiDmaGetwin(handle, win);
        for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle)) {
          api.deviceWrite(dmacLaddress, part.subarray(at, at + dmacSize));
          at += dmacSize;
        }
      }
      api.ddiDmaUnbindHandle(handle);
      done += part.length;
    }
    api.ddiDmaFreeHandle(handle);
    return done < payload.length ? -EIO : 0;
  },

  // It waits for the first bind only, because a task that holds copy buffers must not wait for more.
  *twoLists({ api, from, to, lengthBytes }) {
    const [statusFrom, input] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    const [statusTo, output] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_SLEEP);
    if (statusFrom !== api.DDI_SUCCESS || statusTo !== api.DDI_SUCCESS) return -EIO;
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position, errno] = [0, 0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) {
        errno = -EIO;
        break;
      }
      const room = Math.min(inPage(source.offset + offset), inPage(target.offset + position));
      const part = Math.min(left, room, source.length - offset, target.length - position);
      const src = api.pageioBuf(api.pagesOf(source, offset), source.offset + offset, part);
      const dst = api.pageioBuf(api.pagesOf(target, position), target.offset + position, part);
      const first = yield* api.ddiDmaBufBindHandle(input, src, api.DDI_DMA_WRITE, api.DDI_DMA_SLEEP);
      if (first !== api.DDI_DMA_MAPPED) {
        errno = -EIO;
        break;
      }
      const second = yield* api.ddiDmaBufBindHandle(output, dst, api.DDI_DMA_READ, api.DDI_DMA_DONTWAIT);
      if (second !== api.DDI_DMA_MAPPED) {
        api.ddiDmaUnbindHandle(input);
        errno = -EAGAIN;
        break;
      }
      const [read] = api.ddiDmaCookieIter(input);
      const [written] = api.ddiDmaCookieIter(output);
      if (read !== undefined && written !== undefined)
        api.deviceWrite(written.dmacLaddress, api.deviceRead(read.dmacLaddress, part));
      api.ddiDmaUnbindHandle(output);
      api.ddiDmaUnbindHandle(input);
      left -= part;
      offset += part;
      position += part;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    api.ddiDmaFreeHandle(output);
    api.ddiDmaFreeHandle(input);
    return errno;
  },

  mustNotSleep({ api, list, response }) {
    const [status, handle] = api.ddiDmaAllocHandle(api.attr, api.DDI_DMA_DONTWAIT);
    if (status !== api.DDI_SUCCESS) return -EAGAIN;
    let [done, errno] = [0, 0];
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (part.length === 0) break;
      const bp = api.pageioBuf(api.pagesOf(sg), sg.offset, part.length);
      const flags = api.DDI_DMA_READ | api.DDI_DMA_PARTIAL;
      const bound = now(api.ddiDmaBufBindHandle(handle, bp, flags, api.DDI_DMA_DONTWAIT));
      if (bound !== api.DDI_DMA_MAPPED && bound !== api.DDI_DMA_PARTIAL_MAP) {
        errno = -EAGAIN;
        break;
      }
      let at = 0;
      for (let win = 0; win < api.ddiDmaNumwin(handle); win += 1) {
        if (win > 0) api.ddiDmaGetwin(handle, win);
        for (const { dmacLaddress, dmacSize } of api.ddiDmaCookieIter(handle)) {
          api.deviceWrite(dmacLaddress, part.subarray(at, at + dmacSize));
          at += dmacSize;
        }
      }
      api.ddiDmaUnbindHandle(handle);
      done += part.length;
    }
    api.ddiDmaFreeHandle(handle);
    if (errno !== 0) return errno;
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: byHandle,
  unmapTwice: {
    copyResponse: edit(
      'api.ddiDmaUnbindHandle(handle);',
      'api.ddiDmaUnbindHandle(handle);\n      api.ddiDmaUnbindHandle(handle);',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('api.ddiDmaUnbindHandle(handle);', ''),
    sharedView: edit('api.bpMapout(bp);', ''),
  },
  otherFlags: { patchHead: edit('api.DDI_DMA_READ', 'api.DDI_DMA_WRITE') },
  usedAfterUnmap: {
    patchHead: edit('let at = 0;', 'let at = 0;\n      let late = (): void => undefined;')
      .and(
        'api.deviceWrite(dmacLaddress, head.subarray(at, at + dmacSize));',
        'const bytes = head.subarray(at, at + dmacSize);\n          late = () => {\n            api.deviceWrite(dmacLaddress, bytes);\n          };',
      )
      .and('api.ddiDmaUnbindHandle(handle);', 'api.ddiDmaUnbindHandle(handle);\n      late();'),
    sharedView: edit(
      'irq.request((context) => {',
      'const { address } = bp;\n    api.bpMapout(bp);\n    irq.request((context) => {',
    )
      .and('mem.store8(bp.address, mem.load8(bp.address) + 1)', 'mem.store8(address, mem.load8(address) + 1)')
      .and('irq.free();\n    api.bpMapout(bp);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit('part.subarray(at, at + dmacSize)', 'part.subarray(at)'),
    pioBlocks: edit('if (win > 0) api.ddiDmaGetwin(handle, win);', ''),
  },
  failureIgnored: {
    copyResponse: cannot('with DDI_DMA_SLEEP it waits, and with DDI_DMA_PARTIAL nothing is too big'),
    manyMaps: cannot('bp_mapin waits for addresses and does not fail'),
  },
  leakOnError: {
    manyMaps: edit('for (const bp of mapped) api', 'if (errno === 0) for (const bp of mapped) api'),
    twoLists: edit('api.ddiDmaUnbindHandle(input);\n        errno = -EAGAIN;', 'errno = -EAGAIN;'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'api.ddiDmaUnbindHandle(handle);',
      'yield* fifo.ready();\n        api.ddiDmaUnbindHandle(handle);',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.ddiDmaUnbindHandle(output);\n      api.ddiDmaUnbindHandle(input);',
      'api.ddiDmaUnbindHandle(input);\n      api.ddiDmaUnbindHandle(output);',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('const { mem } = open(context);', 'const { api: other, mem } = open(context);')
      .and('return 0;', 'other.bpMapout(bp);\n      return 0;')
      .and('irq.free();\n    api.bpMapout(bp);', 'irq.free();'),
  },
  plainStore: cannot('the driver writes nothing; the copy buffer itself is filled by plain loads and stores'),
  mapThatSleeps: {
    mustNotSleep: edit('flags, api.DDI_DMA_DONTWAIT', 'flags, api.DDI_DMA_SLEEP'),
  },
};

export default defineCallSites(illumosBind, sites, mistakes);
