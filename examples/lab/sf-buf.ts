/** The ten jobs with `sf_buf` of FreeBSD. */
import { sgPhys } from 'scatterlist';
import {
  EAGAIN,
  EINTR,
  EIO,
  ENOMEM,
  PAGE_SIZE,
  cannot,
  defineCallSites,
  edit,
  inPage,
  now,
  sfBuf,
} from 'scatterlist/lab';
import type { CallSites, Mistakes, SfBuf, SfBufBuffer } from 'scatterlist/lab';

const byHandle = cannot('the buffer is all that sf_buf_free takes');

const sites: CallSites<SfBuf> = {
  *copyResponse({ api, mem, list, response }) {
    let done = 0;
    api.schedPin();
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const phys = sgPhys(sg) + offset;
        const part = Math.min(response.length - done, sg.length - offset, inPage(phys));
        const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
        mem.copyFrom(response.subarray(done, done + part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        offset += part;
        done += part;
      }
    }
    api.schedUnpin();
    return done < response.length ? -EIO : 0;
  },

  *patchHead({ api, mem, list, align }) {
    api.schedPin();
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      const phys = sgPhys(sg);
      const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
      mem.copyFrom(align.subarray(4 * i, 4 * i + head), api.sfBufKva(sf) + (phys % PAGE_SIZE));
      api.sfBufFree(sf);
    }
    api.schedUnpin();
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
        const phys = sgPhys(sg) + offset;
        const part = Math.min(left, sg.length - offset, inPage(phys));
        api.schedPin();
        const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
        mem.copyFrom(fifo.read(part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        api.schedUnpin();
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
        const phys = sgPhys(sg) + offset;
        const part = Math.min(record.length, sg.length - offset, inPage(phys));
        api.schedPin();
        const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
        mem.copyFrom(record.subarray(0, part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        api.schedUnpin();
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  // As sendfile(2) does, it waits for the first buffer only, because a task that holds one must not wait for another.
  *manyMaps({ api, list, socket }) {
    const buffers: SfBufBuffer[] = [];
    const vector: { base: number; length: number }[] = [];
    let errno = 0;
    for (const sg of list) {
      const phys = sgPhys(sg);
      const flags = buffers.length === 0 ? api.SFB_CATCH : api.SFB_NOWAIT;
      const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), flags);
      if (sf === api.NULL) {
        errno = buffers.length === 0 ? -EINTR : -EAGAIN;
        break;
      }
      buffers.push(sf);
      vector.push({ base: api.sfBufKva(sf) + (phys % PAGE_SIZE), length: sg.length });
    }
    if (errno === 0) errno = yield* socket.send(vector);
    for (const sf of buffers) api.sfBufFree(sf);
    return errno;
  },

  *contiguousView({ api, mem, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let at = 0;
    api.schedPin();
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const phys = sgPhys(sg) + offset;
        const part = Math.min(sg.length - offset, inPage(phys));
        const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
        mem.copyTo(buffer.subarray(at, at + part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        offset += part;
        at += part;
      }
    api.schedUnpin();
    const errno = yield* emulate(buffer);
    at = 0;
    api.schedPin();
    for (const sg of list)
      for (let offset = 0; offset < sg.length && errno === 0;) {
        const phys = sgPhys(sg) + offset;
        const part = Math.min(sg.length - offset, inPage(phys));
        const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
        mem.copyFrom(buffer.subarray(at, at + part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        offset += part;
        at += part;
      }
    api.schedUnpin();
    kfree(buffer);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const phys = sgPhys(sg);
    const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CATCH);
    if (sf === api.NULL) return -EINTR;
    const addr = api.sfBufKva(sf) + (phys % PAGE_SIZE);
    irq.request((context) => {
      const { mem } = open(context);
      mem.store8(addr, mem.load8(addr) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.sfBufFree(sf);
    return errno;
  },

  *deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    api.schedPin();
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        const phys = sgPhys(sg) + offset;
        const part = Math.min(payload.length - done, sg.length - offset, inPage(phys));
        const sf = yield* api.sfBufAlloc(api.physToVmPage(phys), api.SFB_CPUPRIVATE);
        mem.copyFrom(payload.subarray(done, done + part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        offset += part;
        done += part;
      }
    }
    api.schedUnpin();
    return done < payload.length ? -EIO : 0;
  },

  *twoLists({ api, mem, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const [sp, dp] = [sgPhys(source) + offset, sgPhys(target) + position];
      const input = Math.min(source.length - offset, inPage(sp));
      const part = Math.min(left, input, target.length - position, inPage(dp));
      const bytes = new Uint8Array(part);
      api.schedPin();
      const src = yield* api.sfBufAlloc(api.physToVmPage(sp), api.SFB_CPUPRIVATE);
      const dst = yield* api.sfBufAlloc(api.physToVmPage(dp), api.SFB_NOWAIT | api.SFB_CPUPRIVATE);
      if (dst === api.NULL) {
        api.sfBufFree(src);
        api.schedUnpin();
        return -EAGAIN;
      }
      mem.copyTo(bytes, api.sfBufKva(src) + (sp % PAGE_SIZE));
      mem.copyFrom(bytes, api.sfBufKva(dst) + (dp % PAGE_SIZE));
      api.sfBufFree(dst);
      api.sfBufFree(src);
      api.schedUnpin();
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
    api.schedPin();
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        const phys = sgPhys(sg) + offset;
        const part = Math.min(response.length - done, sg.length - offset, inPage(phys));
        const sf = now(api.sfBufAlloc(api.physToVmPage(phys), api.SFB_NOWAIT | api.SFB_CPUPRIVATE));
        if (sf === api.NULL) {
          api.schedUnpin();
          return -ENOMEM;
        }
        mem.copyFrom(response.subarray(done, done + part), api.sfBufKva(sf) + (phys % PAGE_SIZE));
        api.sfBufFree(sf);
        offset += part;
        done += part;
      }
    }
    api.schedUnpin();
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: byHandle,
  unmapTwice: {
    copyResponse: edit('api.sfBufFree(sf);', 'api.sfBufFree(sf);\n        api.sfBufFree(sf);'),
  },
  neverUnmapped: {
    copyResponse: edit('api.sfBufFree(sf);', ''),
    sharedView: edit('api.sfBufFree(sf);', ''),
  },
  otherFlags: byHandle,
  usedAfterUnmap: {
    patchHead: edit(
      'mem.copyFrom(',
      'const addr = api.sfBufKva(sf);\n      api.sfBufFree(sf);\n      mem.copyFrom(',
    )
      .and('api.sfBufKva(sf) + (phys', 'addr + (phys')
      .and('api.sfBufFree(sf);\n    }', '}'),
    sharedView: edit(
      'const errno = yield* finished();',
      'api.sfBufFree(sf);\n    const errno = yield* finished();',
    ).and('irq.free();\n    api.sfBufFree(sf);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit(', inPage(phys)', ''),
    pioBlocks: edit(', inPage(phys)', ''),
  },
  failureIgnored: {
    copyResponse: cannot('without SFB_NOWAIT and SFB_CATCH it waits for a buffer and does not fail'),
    manyMaps: edit(
      'if (sf === api.NULL) {\n        errno = buffers.length === 0 ? -EINTR : -EAGAIN;\n        break;\n      }',
      '',
    ),
  },
  leakOnError: {
    manyMaps: edit('errno = buffers.length === 0 ? -EINTR : -EAGAIN;\n        break;', 'return -EAGAIN;'),
    twoLists: edit('api.sfBufFree(src);\n        api.schedUnpin();', 'api.schedUnpin();'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'mem.copyFrom(fifo.read(part),',
      'yield* fifo.ready();\n        mem.copyFrom(fifo.read(part),',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.sfBufFree(dst);\n      api.sfBufFree(src);\n      api.schedUnpin();',
      'api.sfBufFree(src);\n      api.sfBufFree(dst);\n      api.schedUnpin();',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('const { mem } = open(context);', 'const { api: other, mem } = open(context);')
      .and('return 0;', 'other.sfBufFree(sf);\n      return 0;')
      .and('irq.free();\n    api.sfBufFree(sf);', 'irq.free();'),
  },
  plainStore: cannot('an sf_buf has no other way to write, so its call site does this already'),
  mapThatSleeps: {
    mustNotSleep: edit('api.SFB_NOWAIT | api.SFB_CPUPRIVATE', 'api.SFB_CPUPRIVATE'),
  },
};

export default defineCallSites(sfBuf, sites, mistakes);
