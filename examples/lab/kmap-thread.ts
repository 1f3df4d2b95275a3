/** The ten jobs with `kmap_thread`, with `kmap` for an address that is shared, and with `kmap_atomic` in a softirq. */
import type { Page } from 'scatterlist';
import {
  EIO,
  ENOMEM,
  PAGE_SIZE,
  cannot,
  defineCallSites,
  edit,
  inPage,
  kmapThread,
  pageAt,
} from 'scatterlist/lab';
import type { CallSites, KmapThread, Mistakes } from 'scatterlist/lab';

const neverFails = cannot('no map fails; kmap and kmap_thread wait instead');

const sites: CallSites<KmapThread> = {
  *copyResponse({ api, mem, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const part = Math.min(response.length - done, sg.length - offset, inPage(sg.offset + offset));
        const page = pageAt(sg, offset);
        const addr = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.kunmapThread(page);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },

  *patchHead({ api, mem, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      const page = pageAt(sg, 0);
      const addr = (yield* api.kmapThread(page)) + (sg.offset % PAGE_SIZE);
      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);
      api.kunmapThread(page);
    }
    return 0;
  },

  *pioBlocks({ api, mem, list, blocks, blockBytes, fifo }) {
    const entries = [...list];
    let [at, offset] = [0, 0];
    for (let block = 0; block < blocks; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const sg = entries[at];
        if (sg === undefined) return -EIO;
        const part = Math.min(left, sg.length - offset, inPage(sg.offset + offset));
        const page = pageAt(sg, offset);
        const addr = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(fifo.read(part), addr);
        api.kunmapThread(page);
        left -= part;
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *cursor({ api, mem, list, source }) {
    const entries = [...list];
    let [at, offset] = [0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0) {
        const sg = entries[at];
        if (sg === undefined) return -EIO;
        const part = Math.min(record.length, sg.length - offset, inPage(sg.offset + offset));
        const page = pageAt(sg, offset);
        const addr = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(record.subarray(0, part), addr);
        api.kunmapThread(page);
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const vector: { base: number; length: number }[] = [];
    const pages: Page[] = [];
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const page = pageAt(sg, offset);
        const length = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const base = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
        vector.push({ base, length });
        pages.push(page);
        offset += length;
      }
    const errno = yield* socket.send(vector);
    for (const page of pages) api.kunmapThread(page);
    return errno;
  },

  *contiguousView({ api, mem, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const page = pageAt(sg, offset);
        const addr = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyTo(buffer.subarray(at, at + part), addr);
        api.kunmapThread(page);
        offset += part;
        at += part;
      }
    const errno = yield* emulate(buffer);
    at = 0;
    if (errno === 0)
      for (const sg of list)
        for (let offset = 0; offset < sg.length;) {
          const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
          const page = pageAt(sg, offset);
          const addr = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
          mem.copyFrom(buffer.subarray(at, at + part), addr);
          api.kunmapThread(page);
          offset += part;
          at += part;
        }
    kfree(buffer);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const page = pageAt(sg, 0);
    const addr = (yield* api.kmap(page)) + (sg.offset % PAGE_SIZE);
    irq.request((context) => {
      const { mem } = open(context);
      mem.store8(addr, mem.load8(addr) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.kunmap(page);
    return errno;
  },

  *deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        const part = Math.min(payload.length - done, sg.length - offset, inPage(sg.offset + offset));
        const page = pageAt(sg, offset);
        const addr = (yield* api.kmapThread(page)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(payload.subarray(done, done + part), addr);
        api.kunmapThread(page);
        offset += part;
        done += part;
      }
    }
    return done < payload.length ? -EIO : 0;
  },

  *twoLists({ api, mem, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const input = Math.min(source.length - offset, inPage(source.offset + offset));
      const part = Math.min(left, input, target.length - position, inPage(target.offset + position));
      const bytes = new Uint8Array(part);
      const [sourcePage, targetPage] = [pageAt(source, offset), pageAt(target, position)];
      const src = (yield* api.kmapThread(sourcePage)) + ((source.offset + offset) % PAGE_SIZE);
      const dst = (yield* api.kmapThread(targetPage)) + ((target.offset + position) % PAGE_SIZE);
      mem.copyTo(bytes, src);
      mem.copyFrom(bytes, dst);
      api.kunmapThread(targetPage);
      api.kunmapThread(sourcePage);
      left -= part;
      offset += part;
      position += part;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    return 0;
  },

  mustNotSleep({ api, mem, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const part = Math.min(response.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = api.kmapAtomic(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.kunmapAtomic(addr);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit('api.kunmapThread(page)', 'api.kunmapThread(pageAt(sg, offset + part))'),
    cursor: edit('api.kunmapThread(page)', 'api.kunmapThread(pageAt(sg, offset + part))'),
  },
  unmapTwice: {
    copyResponse: edit('api.kunmapThread(page);', 'api.kunmapThread(page);\n        api.kunmapThread(page);'),
  },
  neverUnmapped: {
    copyResponse: edit('api.kunmapThread(page);', ''),
    sharedView: edit('api.kunmap(page);', ''),
  },
  otherFlags: { patchHead: edit('api.kunmapThread(page)', 'api.kunmap(page)') },
  usedAfterUnmap: {
    patchHead: edit(
      'mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr); api.kunmapThread(page);',
      'api.kunmapThread(page);\n      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);',
    ),
    sharedView: edit(
      'const errno = yield* finished();',
      'api.kunmap(page);\n    const errno = yield* finished();',
    ).and('irq.free();\n    api.kunmap(page);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit(', inPage(sg.offset + offset)', ''),
    pioBlocks: edit(', inPage(sg.offset + offset)', ''),
  },
  failureIgnored: neverFails,
  leakOnError: {
    manyMaps: edit(
      'for (const page of pages) api.kunmapThread(page);',
      'if (errno === 0) for (const page of pages) api.kunmapThread(page);',
    ),
    twoLists: neverFails,
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'mem.copyFrom(fifo.read(part), addr);',
      'yield* fifo.ready();\n        mem.copyFrom(fifo.read(part), addr);',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.kunmapThread(targetPage);\n      api.kunmapThread(sourcePage);',
      'api.kunmapThread(sourcePage);\n      api.kunmapThread(targetPage);',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('const { mem } = open(context);', 'const { api, mem } = open(context);')
      .and('return 0;', 'api.kunmap(page);\n      return 0;')
      .and('irq.free();\n    api.kunmap(page);', 'irq.free();'),
  },
  // The call site makes it already, with one call in place of many.
  plainStore: {
    deviceMiddle: edit(
      'mem.copyFrom(payload.subarray(done, done + part), addr);',
      'for (let i = 0; i < part; i += 1) mem.store8(addr + i, payload[done + i] ?? 0);',
    ),
  },
  mapThatSleeps: {
    mustNotSleep: edit(
      'api.kmapAtomic(pageAt(sg, offset))',
      '(yield* api.kmapThread(pageAt(sg, offset)))',
    ).and('api.kunmapAtomic(addr)', 'api.kunmapThread(pageAt(sg, offset))'),
  },
};

export default defineCallSites(kmapThread, sites, mistakes);
