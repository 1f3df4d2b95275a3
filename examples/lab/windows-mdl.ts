/** The ten jobs with MDLs of Windows. */
import {
  EINVAL,
  EIO,
  ENOMEM,
  NULL,
  PAGE_SIZE,
  cannot,
  defineCallSites,
  edit,
  windowsMdl,
} from 'scatterlist/lab';
import type { CallSites, Mdl, Mistakes, WindowsMdl } from 'scatterlist/lab';

const TAG = 0x74736c53;

const sites: CallSites<WindowsMdl> = {
  copyResponse({ api, mem, list, response }) {
    let done = 0;
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (part.length === 0) break;
      const mdl = api.mdlOf([sg]);
      const va = api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority);
      if (va === NULL) return -ENOMEM;
      mem.copyFrom(part, va);
      api.mmUnmapLockedPages(va, mdl);
      done += part.length;
    }
    return done < response.length ? -EIO : 0;
  },

  patchHead({ api, mem, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = align.subarray(4 * i, 4 * i + (-sg.offset & 3));
      if (head.length === 0) continue;
      const mdl = api.mdlOf([sg]);
      const va = api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority);
      if (va === NULL) return -ENOMEM;
      mem.copyFrom(head, va);
      api.mmUnmapLockedPages(va, mdl);
    }
    return 0;
  },

  // All is mapped before a byte is taken from the port, because bytes that have been read are gone.
  *pioBlocks({ api, mem, list, blocks, blockBytes, fifo }) {
    const mapped: Mdl[] = [];
    let [at, offset, errno] = [0, 0, 0];
    for (const sg of list) {
      const mdl = api.mdlOf([sg]);
      if (api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority) === NULL) {
        errno = -ENOMEM;
        break;
      }
      mapped.push(mdl);
    }
    for (let block = 0; block < blocks && errno === 0; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const mdl = mapped[at];
        if (mdl === undefined) {
          errno = -EIO;
          break;
        }
        const part = Math.min(left, mdl.byteCount - offset);
        mem.copyFrom(fifo.read(part), mdl.mappedSystemVa + offset);
        left -= part;
        offset += part;
        if (offset === mdl.byteCount) [at, offset] = [at + 1, 0];
      }
    }
    for (const mdl of mapped) api.mmUnmapLockedPages(mdl.mappedSystemVa, mdl);
    return errno;
  },

  // The addresses are reserved once, so that no record fails for want of them.
  *cursor({ api, mem, list, source }) {
    const entries = [...list];
    const most = Math.max(...entries.map(({ length }) => length)) + PAGE_SIZE;
    const reserved = api.mmAllocateMappingAddress(most, TAG);
    if (reserved === NULL) return -ENOMEM;
    let [at, offset, errno] = [0, 0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0 && errno === 0) {
        const sg = entries[at];
        if (sg === undefined) {
          errno = -EIO;
          break;
        }
        const part = Math.min(record.length, sg.length - offset);
        const mdl = api.mdlOf([sg]);
        const va = api.mmMapLockedPagesWithReservedMapping(reserved, TAG, mdl, api.MmCached);
        if (va === NULL) {
          errno = -EINVAL;
          break;
        }
        mem.copyFrom(record.subarray(0, part), va + offset);
        api.mmUnmapReservedMapping(reserved, TAG, mdl);
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
      if (errno !== 0) break;
    }
    api.mmFreeMappingAddress(reserved, TAG);
    return errno;
  },

  *manyMaps({ api, list, socket }) {
    const mapped: Mdl[] = [];
    let errno = 0;
    for (const sg of list) {
      const mdl = api.mdlOf([sg]);
      const va = api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority);
      if (va === NULL) {
        errno = -ENOMEM;
        break;
      }
      mapped.push(mdl);
    }
    if (errno === 0)
      errno = yield* socket.send(mapped.map((mdl) => ({ base: mdl.mappedSystemVa, length: mdl.byteCount })));
    for (const mdl of mapped) api.mmUnmapLockedPages(mdl.mappedSystemVa, mdl);
    return errno;
  },

  // The entries meet at the borders of pages, so that one MDL describes all of them.
  *contiguousView({ api, list, lengthBytes, emulate }) {
    const mdl = api.mdlOf([...list]);
    const va = api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority);
    if (va === NULL) return -ENOMEM;
    const errno = yield* emulate({ base: va, length: lengthBytes });
    api.mmUnmapLockedPages(va, mdl);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const mdl = api.mdlOf([...list]);
    const va = api.mmGetSystemAddressForMdlSafe(mdl, api.NormalPagePriority);
    if (va === NULL) return -ENOMEM;
    irq.request((context) => {
      const { mem } = open(context);
      mem.store8(va, mem.load8(va) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.mmUnmapLockedPages(va, mdl);
    return errno;
  },

  deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    for (const sg of list) {
      const part = payload.subarray(done, done + sg.length);
      if (part.length === 0) break;
      const isDevice = sg.page?.kind === 'iomem';
      const mdl = api.mdlOf([sg]);
      const cacheType = isDevice ? api.MmNonCached : api.MmCached;
      const va = api.mmMapLockedPagesSpecifyCache(mdl, cacheType, false, api.NormalPagePriority);
      if (va === NULL) return -ENOMEM;
      if (isDevice) api.writeRegisterBufferUchar(va, part);
      else mem.copyFrom(part, va);
      api.mmUnmapLockedPages(va, mdl);
      done += part.length;
    }
    return done < payload.length ? -EIO : 0;
  },

  twoLists({ api, mem, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const part = Math.min(left, source.length - offset, target.length - position);
      const bytes = new Uint8Array(part);
      const [input, output] = [api.mdlOf([source]), api.mdlOf([target])];
      const src = api.mmGetSystemAddressForMdlSafe(input, api.NormalPagePriority);
      if (src === NULL) return -ENOMEM;
      const dst = api.mmGetSystemAddressForMdlSafe(output, api.NormalPagePriority);
      if (dst === NULL) {
        api.mmUnmapLockedPages(src, input);
        return -ENOMEM;
      }
      mem.copyTo(bytes, src + offset);
      mem.copyFrom(bytes, dst + position);
      api.mmUnmapLockedPages(dst, output);
      api.mmUnmapLockedPages(src, input);
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
      const part = response.subarray(done, done + sg.length);
      if (part.length === 0) break;
      const mdl = api.mdlOf([sg]);
      const va = api.mmGetSystemAddressForMdlSafe(mdl, api.HighPagePriority);
      if (va === NULL) return -ENOMEM;
      mem.copyFrom(part, va);
      api.mmUnmapLockedPages(va, mdl);
      done += part.length;
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit(
      'api.mmUnmapLockedPages(va, mdl);',
      'api.mmUnmapLockedPages(va - mdl.byteOffset, mdl);',
    ),
    cursor: edit('api.mmUnmapReservedMapping(reserved,', 'api.mmUnmapReservedMapping(va + offset,'),
  },
  unmapTwice: {
    copyResponse: edit(
      'api.mmUnmapLockedPages(va, mdl);',
      'api.mmUnmapLockedPages(va, mdl);\n      api.mmUnmapLockedPages(va, mdl);',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('api.mmUnmapLockedPages(va, mdl);', ''),
    sharedView: edit('api.mmUnmapLockedPages(va, mdl);', ''),
  },
  otherFlags: {
    patchHead: edit('api.mmUnmapLockedPages(va, mdl);', 'api.mmUnmapReservedMapping(va, TAG, mdl);'),
  },
  usedAfterUnmap: {
    patchHead: edit('mem.copyFrom(head, va);', 'api.mmUnmapLockedPages(va, mdl);').and(
      'api.mmUnmapLockedPages(va, mdl);\n      api.mmUnmapLockedPages(va, mdl);',
      'api.mmUnmapLockedPages(va, mdl);\n      mem.copyFrom(head, va);',
    ),
    sharedView: edit(
      'const errno = yield* finished();',
      'api.mmUnmapLockedPages(va, mdl);\n    const errno = yield* finished();',
    ).and('irq.free();\n    api.mmUnmapLockedPages(va, mdl);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit('response.subarray(done, done + sg.length)', 'response.subarray(done)'),
    pioBlocks: edit('Math.min(left, mdl.byteCount - offset)', 'left'),
  },
  failureIgnored: {
    copyResponse: edit('if (va === NULL) return -ENOMEM;', ''),
    manyMaps: edit('if (va === NULL) {\n        errno = -ENOMEM;\n        break;\n      }', '').and(
      'const va = api',
      'api',
    ),
  },
  leakOnError: {
    manyMaps: edit('errno = -ENOMEM;\n        break;', 'return -ENOMEM;'),
    twoLists: edit('api.mmUnmapLockedPages(src, input);\n        return', 'return'),
  },
  sleepsWhileMapped: {
    pioBlocks: cannot('an MDL may stay mapped while the task sleeps, and the call site does that'),
  },
  olderFirst: {
    twoLists: edit(
      'api.mmUnmapLockedPages(dst, output);\n      api.mmUnmapLockedPages(src, input);\n      left',
      'api.mmUnmapLockedPages(src, input);\n      api.mmUnmapLockedPages(dst, output);\n      left',
    ),
  },
  handlerUnmaps: {
    sharedView: edit('const { mem } = open(context);', 'const { api: other, mem } = open(context);')
      .and('return 0;', 'other.mmUnmapLockedPages(va, mdl);\n      return 0;')
      .and('irq.free();\n    api.mmUnmapLockedPages(va, mdl);', 'irq.free();'),
  },
  plainStore: {
    deviceMiddle: edit(
      'if (isDevice) api.writeRegisterBufferUchar(va, part);\n      else mem.copyFrom(part, va);',
      'mem.copyFrom(part, va);',
    ),
  },
  mapThatSleeps: {
    mustNotSleep: edit(
      'api.mmGetSystemAddressForMdlSafe(mdl, api.HighPagePriority);',
      'api.mmMapLockedPagesWithReservedMapping(api.mmAllocateMappingAddress(2 * PAGE_SIZE, TAG), TAG, mdl, api.MmCached);',
    ).and('api.mmUnmapLockedPages(va, mdl);', 'api.mmUnmapReservedMapping(va - mdl.byteOffset, TAG, mdl);'),
  },
};

export default defineCallSites(windowsMdl, sites, mistakes);
