/** The ten jobs with `kmap_local_page` that grants the key of the page to the thread. */
import {
  EIO,
  ENOMEM,
  PAGE_SIZE,
  cannot,
  defineCallSites,
  edit,
  inPage,
  pageAt,
  pksLocal,
} from 'scatterlist/lab';
import type { CallSites, Mistakes, PksLocal } from 'scatterlist/lab';

const sites: CallSites<PksLocal> = {
  copyResponse({ api, mem, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const part = Math.min(response.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.kunmapLocal(addr);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },

  patchHead({ api, mem, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      const addr = api.kmapLocalPage(pageAt(sg, 0)) + (sg.offset % PAGE_SIZE);
      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);
      api.kunmapLocal(addr);
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
        const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(fifo.read(part), addr);
        api.kunmapLocal(addr);
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
        const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(record.subarray(0, part), addr);
        api.kunmapLocal(addr);
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const vector: { base: number; length: number }[] = [];
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const length = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const base = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        vector.push({ base, length });
        offset += length;
      }
    const errno = yield* socket.send(vector);
    for (const { base } of vector.reverse()) api.kunmapLocal(base);
    return errno;
  },

  *contiguousView({ api, mem, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyTo(buffer.subarray(at, at + part), addr);
        api.kunmapLocal(addr);
        offset += part;
        at += part;
      }
    const errno = yield* emulate(buffer);
    at = 0;
    if (errno === 0)
      for (const sg of list)
        for (let offset = 0; offset < sg.length;) {
          const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
          const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
          mem.copyFrom(buffer.subarray(at, at + part), addr);
          api.kunmapLocal(addr);
          offset += part;
          at += part;
        }
    kfree(buffer);
    return errno;
  },

  *sharedView({ list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    irq.request((context) => {
      const { api, mem } = open(context);
      const addr = api.kmapLocalPage(pageAt(sg, 0)) + (sg.offset % PAGE_SIZE);
      mem.store8(addr, mem.load8(addr) + 1);
      api.kunmapLocal(addr);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    return errno;
  },

  deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        const part = Math.min(payload.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(payload.subarray(done, done + part), addr);
        api.kunmapLocal(addr);
        offset += part;
        done += part;
      }
    }
    return done < payload.length ? -EIO : 0;
  },

  twoLists({ api, mem, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const input = Math.min(source.length - offset, inPage(source.offset + offset));
      const part = Math.min(left, input, target.length - position, inPage(target.offset + position));
      const bytes = new Uint8Array(part);
      const src = api.kmapLocalPage(pageAt(source, offset)) + ((source.offset + offset) % PAGE_SIZE);
      const dst = api.kmapLocalPage(pageAt(target, position)) + ((target.offset + position) % PAGE_SIZE);
      mem.copyTo(bytes, src);
      mem.copyFrom(bytes, dst);
      api.kunmapLocal(dst);
      api.kunmapLocal(src);
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
        const addr = api.kmapLocalPage(pageAt(sg, offset)) + ((sg.offset + offset) % PAGE_SIZE);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.kunmapLocal(addr);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit('api.kunmapLocal(addr)', 'api.kunmapLocal(addr + part)'),
    cursor: edit('api.kunmapLocal(addr)', 'api.kunmapLocal(addr + part)'),
  },
  unmapTwice: {
    copyResponse: edit('api.kunmapLocal(addr);', 'api.kunmapLocal(addr);\n        api.kunmapLocal(addr);'),
  },
  neverUnmapped: {
    copyResponse: edit('api.kunmapLocal(addr);', ''),
    sharedView: edit('api.kunmapLocal(addr);', ''),
  },
  otherFlags: { patchHead: edit('api.kunmapLocal(addr)', 'api.pgmapSetNoaccess(pageAt(sg, 0))') },
  usedAfterUnmap: {
    patchHead: edit(
      'mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr); api.kunmapLocal(addr);',
      'api.kunmapLocal(addr);\n      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);',
    ),
    sharedView: edit(
      'mem.store8(addr, mem.load8(addr) + 1); api.kunmapLocal(addr);',
      'api.kunmapLocal(addr);\n      mem.store8(addr, mem.load8(addr) + 1);',
    ),
  },
  tooLong: {
    copyResponse: edit(', inPage(sg.offset + offset)', ''),
    pioBlocks: edit(', inPage(sg.offset + offset)', ''),
  },
  failureIgnored: {
    copyResponse: cannot('a local map does not fail'),
    manyMaps: cannot('a local map does not fail'),
  },
  leakOnError: {
    manyMaps: edit(
      'for (const { base } of vector.reverse())',
      'if (errno === 0) for (const { base } of vector.reverse())',
    ),
    twoLists: cannot('no step after the first map can fail'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'mem.copyFrom(fifo.read(part), addr);',
      'yield* fifo.ready();\n        mem.copyFrom(fifo.read(part), addr);',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.kunmapLocal(dst);\n      api.kunmapLocal(src);',
      'api.kunmapLocal(src);\n      api.kunmapLocal(dst);',
    ),
  },
  // The task maps for its handler, and the handler unmaps.
  handlerUnmaps: {
    sharedView: edit('{ list, irq,', '{ api, list, irq,').and(
      'irq.request((context) => { const { api, mem } = open(context); const addr = api.kmapLocalPage(pageAt(sg, 0)) + (sg.offset % PAGE_SIZE);',
      'const addr = api.kmapLocalPage(pageAt(sg, 0)) + (sg.offset % PAGE_SIZE);\n    irq.request((context) => {\n      const { api, mem } = open(context);',
    ),
  },
  // The call site makes it already, with one call in place of many.
  plainStore: {
    deviceMiddle: edit(
      'mem.copyFrom(payload.subarray(done, done + part), addr);',
      'for (let i = 0; i < part; i += 1) mem.store8(addr + i, payload[done + i] ?? 0);',
    ),
  },
  mapThatSleeps: {
    mustNotSleep: edit('api.kmapLocalPage(pageAt(sg, offset))', '(yield* api.kmap(pageAt(sg, offset)))').and(
      'api.kunmapLocal(addr)',
      'api.kunmap(pageAt(sg, offset))',
    ),
  },
};

export default defineCallSites(pksLocal, sites, mistakes);
