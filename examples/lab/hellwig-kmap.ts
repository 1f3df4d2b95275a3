/** The ten jobs with the separate `sg_kmap` and `sg_kmap_atomic`. */
import { EIO, ENOMEM, cannot, defineCallSites, edit, hellwigKmap, inPage } from 'scatterlist/lab';
import type { CallSites, HellwigKmap, Mistakes } from 'scatterlist/lab';

const neverFails = cannot('neither function fails');

const sites: CallSites<HellwigKmap> = {
  copyResponse({ api, mem, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const part = Math.min(response.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = api.sgKmapAtomic(sg, offset);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.sgKunmapAtomic(addr);
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
      const addr = api.sgKmapAtomic(sg, 0);
      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);
      api.sgKunmapAtomic(addr);
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
        const addr = api.sgKmapAtomic(sg, offset);
        mem.copyFrom(fifo.read(part), addr);
        api.sgKunmapAtomic(addr);
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
        const addr = api.sgKmapAtomic(sg, offset);
        mem.copyFrom(record.subarray(0, part), addr);
        api.sgKunmapAtomic(addr);
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const vector: { base: number; length: number }[] = [];
    for (const sg of list) vector.push({ base: yield* api.sgKmap(sg, 0), length: sg.length });
    const errno = yield* socket.send(vector);
    for (const sg of list) api.sgKunmap(sg, 0);
    return errno;
  },

  *contiguousView({ api, mem, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const addr = api.sgKmapAtomic(sg, offset);
        mem.copyTo(buffer.subarray(at, at + part), addr);
        api.sgKunmapAtomic(addr);
        offset += part;
        at += part;
      }
    const errno = yield* emulate(buffer);
    at = 0;
    if (errno === 0)
      for (const sg of list)
        for (let offset = 0; offset < sg.length;) {
          const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
          const addr = api.sgKmapAtomic(sg, offset);
          mem.copyFrom(buffer.subarray(at, at + part), addr);
          api.sgKunmapAtomic(addr);
          offset += part;
          at += part;
        }
    kfree(buffer);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const addr = yield* api.sgKmap(sg, 0);
    irq.request((context) => {
      const { mem } = open(context);
      mem.store8(addr, mem.load8(addr) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.sgKunmap(sg, 0);
    return errno;
  },

  deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        const part = Math.min(payload.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = api.sgKmapAtomic(sg, offset);
        mem.copyFrom(payload.subarray(done, done + part), addr);
        api.sgKunmapAtomic(addr);
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
      const src = api.sgKmapAtomic(source, offset);
      const dst = api.sgKmapAtomic(target, position);
      mem.copyTo(bytes, src);
      mem.copyFrom(bytes, dst);
      api.sgKunmapAtomic(dst);
      api.sgKunmapAtomic(src);
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
        const addr = api.sgKmapAtomic(sg, offset);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.sgKunmapAtomic(addr);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit('api.sgKunmapAtomic(addr)', 'api.sgKunmapAtomic(addr + part)'),
    cursor: edit('api.sgKunmapAtomic(addr)', 'api.sgKunmapAtomic(addr + part)'),
  },
  unmapTwice: {
    copyResponse: edit(
      'api.sgKunmapAtomic(addr);',
      'api.sgKunmapAtomic(addr);\n        api.sgKunmapAtomic(addr);',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('api.sgKunmapAtomic(addr);', ''),
    sharedView: edit('api.sgKunmap(sg, 0);', ''),
  },
  otherFlags: { patchHead: edit('api.sgKunmapAtomic(addr)', 'api.sgKunmap(sg, 0)') },
  usedAfterUnmap: {
    patchHead: edit(
      'mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr); api.sgKunmapAtomic(addr);',
      'api.sgKunmapAtomic(addr);\n      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);',
    ),
    sharedView: edit(
      'const errno = yield* finished();',
      'api.sgKunmap(sg, 0);\n    const errno = yield* finished();',
    ).and('irq.free();\n    api.sgKunmap(sg, 0);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit(', inPage(sg.offset + offset)', ''),
    pioBlocks: edit(', inPage(sg.offset + offset)', ''),
  },
  failureIgnored: neverFails,
  leakOnError: {
    manyMaps: edit(
      'const errno = yield* socket.send(vector);',
      'const errno = yield* socket.send(vector);\n    if (errno < 0) return errno;',
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
      'api.sgKunmapAtomic(dst);\n      api.sgKunmapAtomic(src);',
      'api.sgKunmapAtomic(src);\n      api.sgKunmapAtomic(dst);',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('const { mem } = open(context);', 'const { api, mem } = open(context);')
      .and('return 0;', 'api.sgKunmap(sg, 0);\n      return 0;')
      .and('irq.free();\n    api.sgKunmap(sg, 0);', 'irq.free();'),
  },
  // The call site makes it already, with one call in place of many.
  plainStore: {
    deviceMiddle: edit(
      'mem.copyFrom(payload.subarray(done, done + part), addr);',
      'for (let i = 0; i < part; i += 1) mem.store8(addr + i, payload[done + i] ?? 0);',
    ),
  },
  mapThatSleeps: {
    mustNotSleep: edit('api.sgKmapAtomic(sg, offset)', 'yield* api.sgKmap(sg, offset)').and(
      'api.sgKunmapAtomic(addr)',
      'api.sgKunmap(sg, offset)',
    ),
  },
};

export default defineCallSites(hellwigKmap, sites, mistakes);
