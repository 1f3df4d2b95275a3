/** The ten jobs with the typed `sgMap` of this library. */
import type { DirectMapping } from 'scatterlist';
import { EIO, ENOMEM, cannot, defineCallSites, edit, typedSgMap } from 'scatterlist/lab';
import type { CallSites, Mistakes, TypedSgMap } from 'scatterlist/lab';

const byToken = cannot('the token is all that unmap takes');

const sites: CallSites<TypedSgMap> = {
  copyResponse({ api, list, response }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < response.length;) {
        using mapped = api.sgMap(sg, offset, api.local).value;
        const part = response.subarray(done, done + mapped.length);
        mapped.copyFrom(part);
        offset += part.length;
        done += part.length;
      }
    }
    return done < response.length ? -EIO : 0;
  },

  patchHead({ api, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      using mapped = api.sgMap(sg, 0, api.local).value;
      mapped.copyFrom(align.subarray(4 * i, 4 * i + head));
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
        using mapped = api.sgMap(sg, offset, api.local).value;
        const part = Math.min(left, mapped.length);
        mapped.copyFrom(fifo.read(part));
        left -= part;
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *cursor({ api, list, source }) {
    const entries = [...list];
    let [at, offset] = [0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0) {
        const sg = entries[at];
        if (sg === undefined) return -EIO;
        using mapped = api.sgMap(sg, offset, api.local).value;
        const part = Math.min(record.length, mapped.length);
        mapped.copyFrom(record.subarray(0, part));
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const views: DirectMapping[] = [];
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const mapped = api.sgMap(sg, offset, api.local).value;
        views.push(mapped);
        offset += mapped.length;
      }
    const errno = yield* socket.send(views);
    for (const mapped of views.reverse()) api.sgUnmap(mapped);
    return errno;
  },

  *contiguousView({ api, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        using mapped = api.sgMap(sg, offset, api.local).value;
        mapped.copyTo(buffer.subarray(at, at + mapped.length));
        offset += mapped.length;
        at += mapped.length;
      }
    const errno = yield* emulate(buffer);
    at = 0;
    if (errno === 0)
      for (const sg of list)
        for (let offset = 0; offset < sg.length;) {
          using mapped = api.sgMap(sg, offset, api.local).value;
          mapped.copyFrom(buffer.subarray(at, at + mapped.length));
          offset += mapped.length;
          at += mapped.length;
        }
    kfree(buffer);
    return errno;
  },

  *sharedView({ api, list, irq, finished }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    const mapped = (yield* api.sgMapWait(sg, 0, api.pool)).value;
    irq.request(() => {
      mapped.store8(0, mapped.load8(0) + 1);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    api.sgUnmap(mapped);
    return errno;
  },

  deviceMiddle({ api, list, payload }) {
    let done = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && done < payload.length;) {
        using mapped = api.sgMap(sg, offset, api.io).value;
        const part = payload.subarray(done, done + mapped.length);
        mapped.copyFrom(part);
        offset += part.length;
        done += part.length;
      }
    }
    return done < payload.length ? -EIO : 0;
  },

  twoLists({ api, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      using input = api.sgMap(source, offset, api.local).value;
      using output = api.sgMap(target, position, api.local).value;
      const part = Math.min(left, input.length, output.length);
      output.copyFrom(input.bytes.subarray(0, part));
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
      for (let offset = 0; offset < sg.length && done < response.length;) {
        using mapped = api.sgMap(sg, offset, api.local).value;
        const part = response.subarray(done, done + mapped.length);
        mapped.copyFrom(part);
        offset += part.length;
        done += part.length;
      }
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: byToken,
  unmapTwice: {
    copyResponse: edit('mapped.copyFrom(part);', 'mapped.copyFrom(part);\n        api.sgUnmap(mapped);'),
  },
  neverUnmapped: {
    copyResponse: edit('using mapped', 'const mapped'),
    sharedView: edit('api.sgUnmap(mapped);', ''),
  },
  otherFlags: byToken,
  usedAfterUnmap: {
    patchHead: edit('mapped.copyFrom(align', 'api.sgUnmap(mapped);\n      mapped.copyFrom(align').and(
      'using mapped',
      'const mapped',
    ),
    sharedView: edit(
      'const errno = yield* finished();',
      'api.sgUnmap(mapped);\n    const errno = yield* finished();',
    ).and('irq.free();\n    api.sgUnmap(mapped);', 'irq.free();'),
  },
  tooLong: {
    copyResponse: edit('done + mapped.length)', 'done + sg.length - offset)'),
    pioBlocks: edit('Math.min(left, mapped.length)', 'Math.min(left, sg.length - offset)'),
  },
  failureIgnored: {
    copyResponse: cannot('a local map of system RAM does not fail'),
    manyMaps: cannot('a local map of system RAM does not fail'),
  },
  leakOnError: {
    manyMaps: edit(
      'for (const mapped of views.reverse())',
      'if (errno === 0) for (const mapped of views.reverse())',
    ),
    twoLists: cannot('no step after the first map can fail'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'mapped.copyFrom(fifo.read(part));',
      'yield* fifo.ready();\n        mapped.copyFrom(fifo.read(part));',
    ),
  },
  olderFirst: {
    twoLists: edit('using input', 'const input')
      .and('using output', 'const output')
      .and('left -= part;', 'api.sgUnmap(input);\n      api.sgUnmap(output);\n      left -= part;'),
  },
  handlerUnmaps: {
    sharedView: edit('return 0;', 'api.sgUnmap(mapped);\n      return 0;').and(
      'irq.free();\n    api.sgUnmap(mapped);',
      'irq.free();',
    ),
  },
  plainStore: { deviceMiddle: edit('api.io', 'api.local') },
  mapThatSleeps: {
    mustNotSleep: edit(
      'using mapped = api.sgMap(sg, offset, api.local).value;',
      'using mapped = (yield* api.sgMapWait(sg, offset, api.pool)).value;',
    ),
  },
};

export default defineCallSites(typedSgMap, sites, mistakes);
