/** The ten jobs with `iosys_map`, filled by `dma_buf_vmap`. */
import { EIO, NULL, cannot, defineCallSites, edit, iosysMap } from 'scatterlist/lab';
import type { CallSites, IosysMapApi, Mistakes } from 'scatterlist/lab';

const noSite = cannot('dma_buf_vmap may sleep, so no softirq calls it');

const sites: CallSites<IosysMapApi> = {
  *copyResponse({ api, list, response }) {
    let done = 0;
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      const map = api.iosysMapInitVaddr(NULL);
      const errno = yield* api.dmaBufVmap(sg, map);
      if (errno < 0) return errno;
      api.iosysMapMemcpyTo(map, 0, part);
      yield* api.dmaBufVunmap(sg, map);
      done += part.length;
    }
    return done < response.length ? -EIO : 0;
  },

  *patchHead({ api, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      const map = api.iosysMapInitVaddr(NULL);
      const errno = yield* api.dmaBufVmap(sg, map);
      if (errno < 0) return errno;
      api.iosysMapMemcpyTo(map, 0, align.subarray(4 * i, 4 * i + head));
      yield* api.dmaBufVunmap(sg, map);
    }
    return 0;
  },

  *pioBlocks({ api, list, blocks, blockBytes, fifo }) {
    const entries = [...list];
    let [at, offset] = [0, 0];
    for (let block = 0; block < blocks; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const sg = entries[at];
        if (sg === undefined) return -EIO;
        const part = Math.min(left, sg.length - offset);
        const map = api.iosysMapInitVaddr(NULL);
        const errno = yield* api.dmaBufVmap(sg, map);
        if (errno < 0) return errno;
        api.iosysMapMemcpyTo(map, offset, fifo.read(part));
        yield* api.dmaBufVunmap(sg, map);
        left -= part;
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  // One map of each entry, which is kept between the records.
  *cursor({ api, list, source }) {
    let record = yield* source.next();
    for (const sg of list) {
      const map = api.iosysMapInitVaddr(NULL);
      const errno = yield* api.dmaBufVmap(sg, map);
      if (errno < 0) return errno;
      const cursor = api.iosysMapInitOffset(map, 0);
      for (let left = sg.length; left > 0 && record !== undefined;) {
        const part = record.subarray(0, left);
        api.iosysMapMemcpyTo(cursor, 0, part);
        api.iosysMapIncr(cursor, part.length);
        left -= part.length;
        record = part.length < record.length ? record.subarray(part.length) : yield* source.next();
      }
      yield* api.dmaBufVunmap(sg, map);
    }
    return record === undefined ? 0 : -EIO;
  },

  *manyMaps({ api, list, socket }) {
    const vector: { base: number; length: number }[] = [];
    const maps = [...list].map((sg) => ({ sg, map: api.iosysMapInitVaddr(NULL) }));
    let errno = 0;
    for (const { sg, map } of maps) {
      errno = yield* api.dmaBufVmap(sg, map);
      if (errno < 0) break;
      vector.push({ base: map.vaddr, length: sg.length });
    }
    if (errno === 0) errno = yield* socket.send(vector);
    for (const { sg, map } of maps.slice(0, vector.length)) yield* api.dmaBufVunmap(sg, map);
    return errno;
  },

  *contiguousView({ api, list, lengthBytes, emulate }) {
    const map = api.iosysMapInitVaddr(NULL);
    let errno = yield* api.dmaBufVmap(list, map);
    if (errno < 0) return errno;
    errno = yield* emulate({ base: map.vaddr, length: lengthBytes });
    yield* api.dmaBufVunmap(list, map);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const map = api.iosysMapInitVaddr(NULL);
    let errno = yield* api.dmaBufVmap(sg, map);
    if (errno < 0) return errno;
    irq.request((context) => {
      const { api } = open(context);
      api.iosysMapWr(map, 0, 1, api.iosysMapRd(map, 0, 1) + 1);
      return 0;
    });
    errno = yield* finished();
    irq.free();
    yield* api.dmaBufVunmap(sg, map);
    return errno;
  },

  *deviceMiddle({ api, list, payload }) {
    let done = 0;
    for (const sg of list) {
      const part = payload.subarray(done, done + sg.length);
      const map = api.iosysMapInitVaddr(NULL);
      const errno = yield* api.dmaBufVmap(sg, map);
      if (errno < 0) return errno;
      api.iosysMapMemcpyTo(map, 0, part);
      yield* api.dmaBufVunmap(sg, map);
      done += part.length;
    }
    return done < payload.length ? -EIO : 0;
  },

  *twoLists({ api, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const bytes = new Uint8Array(Math.min(left, source.length - offset, target.length - position));
      const [src, dst] = [api.iosysMapInitVaddr(NULL), api.iosysMapInitVaddr(NULL)];
      let errno = yield* api.dmaBufVmap(source, src);
      if (errno < 0) return errno;
      errno = yield* api.dmaBufVmap(target, dst);
      if (errno < 0) {
        yield* api.dmaBufVunmap(source, src);
        return errno;
      }
      api.iosysMapMemcpyFrom(bytes, src, offset);
      api.iosysMapMemcpyTo(dst, position, bytes);
      yield* api.dmaBufVunmap(target, dst);
      yield* api.dmaBufVunmap(source, src);
      left -= bytes.length;
      offset += bytes.length;
      position += bytes.length;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    return 0;
  },

  mustNotSleep: noSite,
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit(
      'yield* api.dmaBufVunmap(sg, map);',
      'api.iosysMapIncr(map, part.length);\n      yield* api.dmaBufVunmap(sg, map);',
    ),
    cursor: edit('api.dmaBufVunmap(sg, map)', 'api.dmaBufVunmap(sg, cursor)'),
  },
  unmapTwice: {
    copyResponse: edit(
      'done += part.length;',
      'yield* api.dmaBufVunmap(sg, map);\n      done += part.length;',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('yield* api.dmaBufVunmap(sg, map);', ''),
    sharedView: edit('yield* api.dmaBufVunmap(sg, map);', ''),
  },
  otherFlags: cannot('dma_buf_vunmap knows how the buffer was mapped'),
  usedAfterUnmap: {
    patchHead: edit('yield* api.dmaBufVunmap(sg, map);', '').and(
      'api.iosysMapMemcpyTo',
      'yield* api.dmaBufVunmap(sg, map);\n      api.iosysMapMemcpyTo',
    ),
    sharedView: edit('yield* api.dmaBufVunmap(sg, map);', '').and(
      'errno = yield* finished();',
      'yield* api.dmaBufVunmap(sg, map);\n    errno = yield* finished();',
    ),
  },
  tooLong: {
    copyResponse: edit(
      'api.iosysMapMemcpyTo(map, 0, part)',
      'api.iosysMapMemcpyTo(map, 0, response.subarray(done))',
    ),
    pioBlocks: edit('Math.min(left, sg.length - offset)', 'left'),
  },
  failureIgnored: {
    copyResponse: edit(
      'const errno = yield* api.dmaBufVmap(sg, map);\n      if (errno < 0) return errno;',
      'yield* api.dmaBufVmap(sg, map);',
    ),
    manyMaps: edit('if (errno < 0) break;', ''),
  },
  leakOnError: {
    manyMaps: edit('if (errno < 0) break;', 'if (errno < 0) return errno;'),
    twoLists: edit('yield* api.dmaBufVunmap(source, src);\n        return', 'return'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'api.iosysMapMemcpyTo(map, offset, fifo.read(part));',
      'yield* fifo.ready();\n        api.iosysMapMemcpyTo(map, offset, fifo.read(part));',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'yield* api.dmaBufVunmap(target, dst);\n      yield* api.dmaBufVunmap(source, src);',
      'yield* api.dmaBufVunmap(source, src);\n      yield* api.dmaBufVunmap(target, dst);',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('return 0;', 'api.dmaBufVunmap(sg, map).next();\n      return 0;').and(
      'yield* api.dmaBufVunmap(sg, map);',
      '',
    ),
  },
  plainStore: {
    deviceMiddle: edit('{ api, list', '{ api, mem, list').and(
      'api.iosysMapMemcpyTo(map, 0, part)',
      'mem.copyFrom(part, map.vaddr)',
    ),
  },
  mapThatSleeps: noSite,
};

export default defineCallSites(iosysMap, sites, mistakes);
