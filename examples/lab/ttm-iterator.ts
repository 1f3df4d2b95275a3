/** The ten jobs with the two-phase iterator of TTM. */
import {
  EINVAL,
  EIO,
  ENOMEM,
  NULL,
  PAGE_SIZE,
  cannot,
  defineCallSites,
  edit,
  inPage,
  ttmIterator,
} from 'scatterlist/lab';
import type { CallSites, Mistakes, TtmIterator } from 'scatterlist/lab';

const cannotFail = cannot('an iterator over system memory cannot fail, and mapping with it cannot, either');

const sites: CallSites<TtmIterator> = {
  copyResponse({ api, list, response }) {
    let done = 0;
    for (const sg of list) {
      const iter = api.ttmKmapIterTtInit(sg);
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const at = sg.offset + offset;
        const part = Math.min(response.length - done, sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, response.subarray(done, done + part));
        iter.ops.unmapLocal?.(iter, map);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },

  patchHead({ api, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      const iter = api.ttmKmapIterTtInit(sg);
      const map = api.iosysMapInitVaddr(NULL);
      iter.ops.mapLocal(iter, map, Math.floor(sg.offset / PAGE_SIZE));
      api.iosysMapMemcpyTo(map, sg.offset % PAGE_SIZE, align.subarray(4 * i, 4 * i + head));
      iter.ops.unmapLocal?.(iter, map);
    }
    return 0;
  },

  *pioBlocks({ api, list, blocks, blockBytes, fifo }) {
    const entries = [...list];
    let [entry, offset] = [0, 0];
    for (let block = 0; block < blocks; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const sg = entries[entry];
        if (sg === undefined) return -EIO;
        const iter = api.ttmKmapIterTtInit(sg);
        const at = sg.offset + offset;
        const part = Math.min(left, sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, fifo.read(part));
        iter.ops.unmapLocal?.(iter, map);
        left -= part;
        offset += part;
        if (offset === sg.length) [entry, offset] = [entry + 1, 0];
      }
    }
    return 0;
  },

  *cursor({ api, list, source }) {
    const entries = [...list];
    let [entry, offset] = [0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0) {
        const sg = entries[entry];
        if (sg === undefined) return -EIO;
        const iter = api.ttmKmapIterTtInit(sg);
        const at = sg.offset + offset;
        const part = Math.min(record.length, sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, record.subarray(0, part));
        iter.ops.unmapLocal?.(iter, map);
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [entry, offset] = [entry + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const maps = [...list].map((sg) => ({
      iter: api.ttmKmapIterTtInit(sg),
      map: api.iosysMapInitVaddr(NULL),
      sg,
    }));
    for (const { iter, map, sg } of maps) iter.ops.mapLocal(iter, map, Math.floor(sg.offset / PAGE_SIZE));
    const errno = yield* socket.send(
      maps.map(({ map, sg }) => ({ base: map.vaddr + (sg.offset % PAGE_SIZE), length: sg.length })),
    );
    for (const { iter, map } of maps.reverse()) iter.ops.unmapLocal?.(iter, map);
    return errno;
  },

  *contiguousView({ api, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let done = 0;
    for (const sg of list) {
      const iter = api.ttmKmapIterTtInit(sg);
      for (let offset = 0; offset < sg.length;) {
        const at = sg.offset + offset;
        const part = Math.min(sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyFrom(buffer.subarray(done, done + part), map, at % PAGE_SIZE);
        iter.ops.unmapLocal?.(iter, map);
        offset += part;
        done += part;
      }
    }
    const errno = yield* emulate(buffer);
    done = 0;
    for (const sg of list) {
      const iter = api.ttmKmapIterTtInit(sg);
      for (let offset = 0; offset < sg.length && errno === 0;) {
        const at = sg.offset + offset;
        const part = Math.min(sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, buffer.subarray(done, done + part));
        iter.ops.unmapLocal?.(iter, map);
        offset += part;
        done += part;
      }
    }
    kfree(buffer);
    return errno;
  },

  // A local map is of no use to another context, so the handler maps for itself.
  *sharedView({ list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    irq.request((context) => {
      const { api } = open(context);
      const iter = api.ttmKmapIterTtInit(sg);
      const map = api.iosysMapInitVaddr(NULL);
      iter.ops.mapLocal(iter, map, Math.floor(sg.offset / PAGE_SIZE));
      const count = api.iosysMapRd(map, sg.offset % PAGE_SIZE, 1);
      api.iosysMapWr(map, sg.offset % PAGE_SIZE, 1, count + 1);
      iter.ops.unmapLocal?.(iter, map);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    return errno;
  },

  *deviceMiddle({ api, list, payload }) {
    let done = 0;
    for (const sg of list) {
      let iter = yield* api.ttmKmapIterLinearIoInit(sg);
      if (iter.errno === -EINVAL) iter = api.ttmKmapIterTtInit(sg);
      if (iter.errno < 0) return iter.errno;
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        const at = sg.offset + offset;
        const part = Math.min(payload.length - done, sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, payload.subarray(done, done + part));
        iter.ops.unmapLocal?.(iter, map);
        offset += part;
        done += part;
      }
      if (!iter.ops.mapsTt) api.ttmKmapIterLinearIoFini(iter);
    }
    return done < payload.length ? -EIO : 0;
  },

  twoLists({ api, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const [srcAt, dstAt] = [source.offset + offset, target.offset + position];
      const input = Math.min(source.length - offset, inPage(srcAt));
      const part = Math.min(left, input, target.length - position, inPage(dstAt));
      const [dstIter, srcIter] = [api.ttmKmapIterTtInit(target), api.ttmKmapIterTtInit(source)];
      const [dst, src] = [api.iosysMapInitVaddr(NULL), api.iosysMapInitVaddr(NULL)];
      dstIter.ops.mapLocal(dstIter, dst, Math.floor(dstAt / PAGE_SIZE));
      srcIter.ops.mapLocal(srcIter, src, Math.floor(srcAt / PAGE_SIZE));
      api.iosysMapIncr(dst, dstAt % PAGE_SIZE);
      api.iosysMapIncr(src, srcAt % PAGE_SIZE);
      api.drmMemcpyFromWc(dst, src, part);
      srcIter.ops.unmapLocal?.(srcIter, src);
      dstIter.ops.unmapLocal?.(dstIter, dst);
      left -= part;
      offset += part;
      position += part;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    return 0;
  },

  mustNotSleep({ api, list, response }) {
    let done = 0;
    for (const sg of list) {
      const iter = api.ttmKmapIterTtInit(sg);
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const at = sg.offset + offset;
        const part = Math.min(response.length - done, sg.length - offset, inPage(at));
        const map = api.iosysMapInitVaddr(NULL);
        iter.ops.mapLocal(iter, map, Math.floor(at / PAGE_SIZE));
        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, response.subarray(done, done + part));
        iter.ops.unmapLocal?.(iter, map);
        offset += part;
        done += part;
      }
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit(
      'iter.ops.unmapLocal?.(iter, map);',
      'api.iosysMapIncr(map, (at % PAGE_SIZE) + part);\n        iter.ops.unmapLocal?.(iter, map);',
    ),
    cursor: edit(
      'iter.ops.unmapLocal?.(iter, map);',
      'api.iosysMapIncr(map, (at % PAGE_SIZE) + part);\n        iter.ops.unmapLocal?.(iter, map);',
    ),
  },
  unmapTwice: {
    copyResponse: edit('offset += part;', 'iter.ops.unmapLocal?.(iter, map);\n        offset += part;'),
  },
  neverUnmapped: {
    copyResponse: edit('iter.ops.unmapLocal?.(iter, map);', ''),
    sharedView: edit('iter.ops.unmapLocal?.(iter, map);', ''),
  },
  otherFlags: {
    patchHead: edit('iter.ops.unmapLocal?.(iter, map);', 'api.ttmKmapIterLinearIoFini(iter);'),
  },
  usedAfterUnmap: {
    patchHead: edit('iter.ops.unmapLocal?.(iter, map);', '').and(
      'api.iosysMapMemcpyTo',
      'iter.ops.unmapLocal?.(iter, map);\n      api.iosysMapMemcpyTo',
    ),
    sharedView: edit('iter.ops.unmapLocal?.(iter, map);', '').and(
      'api.iosysMapWr',
      'iter.ops.unmapLocal?.(iter, map);\n      api.iosysMapWr',
    ),
  },
  tooLong: {
    copyResponse: edit(', inPage(at)', ''),
    pioBlocks: edit(', inPage(at)', ''),
  },
  failureIgnored: { copyResponse: cannotFail, manyMaps: cannotFail },
  leakOnError: {
    manyMaps: edit(
      'for (const { iter, map } of maps.reverse())',
      'if (errno === 0) for (const { iter, map } of maps.reverse())',
    ),
    twoLists: cannotFail,
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'api.iosysMapMemcpyTo(map, at % PAGE_SIZE, fifo.read(part));',
      'yield* fifo.ready();\n        api.iosysMapMemcpyTo(map, at % PAGE_SIZE, fifo.read(part));',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'srcIter.ops.unmapLocal?.(srcIter, src);\n      dstIter.ops.unmapLocal?.(dstIter, dst);',
      'dstIter.ops.unmapLocal?.(dstIter, dst);\n      srcIter.ops.unmapLocal?.(srcIter, src);',
    ),
  },
  handlerUnmaps: cannot('the task keeps no map that the handler could release'),
  plainStore: {
    deviceMiddle: edit('{ api, list', '{ api, mem, list').and(
      'api.iosysMapMemcpyTo(map, at % PAGE_SIZE, payload.subarray(done, done + part))',
      'mem.copyFrom(payload.subarray(done, done + part), map.vaddr + (at % PAGE_SIZE))',
    ),
  },
  mapThatSleeps: cannot('only an iterator over device memory may sleep, and the list has none'),
};

export default defineCallSites(ttmIterator, sites, mistakes);
