/** The ten jobs with `sg_map` of 2017. */
import {
  EIO,
  ENOMEM,
  cannot,
  defineCallSites,
  edit,
  inPage,
  isErr,
  now,
  ptrErr,
  sgMap2017,
} from 'scatterlist/lab';
import type { CallSites, Mistakes, SgMap2017 } from 'scatterlist/lab';

const sites: CallSites<SgMap2017> = {
  *copyResponse({ api, mem, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const part = Math.min(response.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = yield* api.sgMap(sg, offset, api.SG_KMAP_ATOMIC);
        if (isErr(addr)) return ptrErr(addr);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
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
      const addr = yield* api.sgMap(sg, 0, api.SG_KMAP_ATOMIC);
      if (isErr(addr)) return ptrErr(addr);
      mem.copyFrom(align.subarray(4 * i, 4 * i + head), addr);
      api.sgUnmap(sg, addr, 0, api.SG_KMAP_ATOMIC);
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
        const addr = yield* api.sgMap(sg, offset, api.SG_KMAP_ATOMIC);
        if (isErr(addr)) return ptrErr(addr);
        mem.copyFrom(fifo.read(part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
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
        const addr = yield* api.sgMap(sg, offset, api.SG_KMAP_ATOMIC);
        if (isErr(addr)) return ptrErr(addr);
        mem.copyFrom(record.subarray(0, part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const entries = [...list];
    const vector: { base: number; length: number }[] = [];
    let errno = 0;
    for (const sg of entries) {
      const base = yield* api.sgMap(sg, 0, api.SG_KMAP);
      if (isErr(base)) {
        errno = ptrErr(base);
        break;
      }
      vector.push({ base, length: sg.length });
    }
    if (errno === 0) errno = yield* socket.send(vector);
    for (const [i, { base }] of vector.entries()) {
      const sg = entries[i];
      if (sg !== undefined) api.sgUnmap(sg, base, 0, api.SG_KMAP);
    }
    return errno;
  },

  *contiguousView({ api, mem, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let errno = 0;
    let at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length && errno === 0;) {
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const addr = yield* api.sgMap(sg, offset, api.SG_KMAP_ATOMIC);
        if (isErr(addr)) {
          errno = ptrErr(addr);
          break;
        }
        mem.copyTo(buffer.subarray(at, at + part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
        offset += part;
        at += part;
      }
    if (errno === 0) errno = yield* emulate(buffer);
    at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length && errno === 0;) {
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const addr = yield* api.sgMap(sg, offset, api.SG_KMAP_ATOMIC);
        if (isErr(addr)) {
          errno = ptrErr(addr);
          break;
        }
        mem.copyFrom(buffer.subarray(at, at + part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
        offset += part;
        at += part;
      }
    kfree(buffer);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const addr = yield* api.sgMap(sg, 0, api.SG_KMAP);
    if (isErr(addr)) return ptrErr(addr);
    irq.request((context) => {
      const { mem } = open(context);
      mem.store8(addr, mem.load8(addr) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.sgUnmap(sg, addr, 0, api.SG_KMAP);
    return errno;
  },

  *deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        const part = Math.min(payload.length - done, sg.length - offset, inPage(sg.offset + offset));
        const addr = yield* api.sgMap(sg, offset, api.SG_KMAP_ATOMIC);
        if (isErr(addr)) return ptrErr(addr);
        mem.copyFrom(payload.subarray(done, done + part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
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
      const src = yield* api.sgMap(source, offset, api.SG_KMAP_ATOMIC);
      if (isErr(src)) return ptrErr(src);
      const dst = yield* api.sgMap(target, position, api.SG_KMAP_ATOMIC);
      if (isErr(dst)) {
        api.sgUnmap(source, src, offset, api.SG_KMAP_ATOMIC);
        return ptrErr(dst);
      }
      mem.copyTo(bytes, src);
      mem.copyFrom(bytes, dst);
      api.sgUnmap(target, dst, position, api.SG_KMAP_ATOMIC);
      api.sgUnmap(source, src, offset, api.SG_KMAP_ATOMIC);
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
        const addr = now(api.sgMap(sg, offset, api.SG_KMAP_ATOMIC));
        if (isErr(addr)) return ptrErr(addr);
        mem.copyFrom(response.subarray(done, done + part), addr);
        api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit('api.sgUnmap(sg, addr, offset,', 'api.sgUnmap(sg, addr, 0,'),
    cursor: edit('api.sgUnmap(sg, addr, offset,', 'api.sgUnmap(sg, addr, offset + part,'),
  },
  unmapTwice: {
    copyResponse: edit(
      'offset += part;',
      'api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);\n        offset += part;',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC);', ''),
    sharedView: edit('api.sgUnmap(sg, addr, 0, api.SG_KMAP);', ''),
  },
  otherFlags: {
    patchHead: edit('api.sgUnmap(sg, addr, 0, api.SG_KMAP_ATOMIC)', 'api.sgUnmap(sg, addr, 0, api.SG_KMAP)'),
  },
  usedAfterUnmap: {
    patchHead: edit('addr); api.sgUnmap(sg, addr, 0, api.SG_KMAP_ATOMIC);', 'addr);').and(
      'mem.copyFrom',
      'api.sgUnmap(sg, addr, 0, api.SG_KMAP_ATOMIC);\n      mem.copyFrom',
    ),
    sharedView: edit(
      'const errno = yield* finished();',
      'api.sgUnmap(sg, addr, 0, api.SG_KMAP);\n    const errno = yield* finished();',
    ).and('irq.free();\n    api.sgUnmap(sg, addr, 0, api.SG_KMAP);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit(', inPage(sg.offset + offset)', ''),
    pioBlocks: edit(', inPage(sg.offset + offset)', ''),
  },
  failureIgnored: {
    copyResponse: edit('if (isErr(addr)) return ptrErr(addr);', ''),
    manyMaps: edit('if (isErr(base)) {\n        errno = ptrErr(base);\n        break;\n      }', ''),
  },
  leakOnError: {
    manyMaps: edit('errno = ptrErr(base);\n        break;', 'return ptrErr(base);'),
    twoLists: edit('api.sgUnmap(source, src, offset, api.SG_KMAP_ATOMIC);\n        return', 'return'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'mem.copyFrom(fifo.read(part), addr);',
      'yield* fifo.ready();\n        mem.copyFrom(fifo.read(part), addr);',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.sgUnmap(target, dst, position, api.SG_KMAP_ATOMIC);\n      api.sgUnmap(source, src, offset, api.SG_KMAP_ATOMIC);',
      'api.sgUnmap(source, src, offset, api.SG_KMAP_ATOMIC);\n      api.sgUnmap(target, dst, position, api.SG_KMAP_ATOMIC);',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('const { mem } = open(context);', 'const { api, mem } = open(context);')
      .and('return 0;', 'api.sgUnmap(sg, addr, 0, api.SG_KMAP);\n      return 0;')
      .and('irq.free();\n    api.sgUnmap(sg, addr, 0, api.SG_KMAP);', 'irq.free();'),
  },
  plainStore: cannot('sg_map refuses device memory'),
  mapThatSleeps: {
    mustNotSleep: edit(
      'now(api.sgMap(sg, offset, api.SG_KMAP_ATOMIC))',
      'now(api.sgMap(sg, offset, api.SG_KMAP))',
    ).and('api.sgUnmap(sg, addr, offset, api.SG_KMAP_ATOMIC)', 'api.sgUnmap(sg, addr, offset, api.SG_KMAP)'),
  },
};

export default defineCallSites(sgMap2017, sites, mistakes);
