/** The ten jobs with closures, as Rust for Linux would do them. */
import { done, ok } from 'scatterlist';
import type { Sleeping } from 'scatterlist';
import {
  EIO,
  ENOMEM,
  PAGE_SIZE,
  cannot,
  defineCallSites,
  edit,
  inPage,
  pageAt,
  rustClosure,
} from 'scatterlist/lab';
import type { CallSites, KernelResult, Kvec, Mistakes, RustClosure } from 'scatterlist/lab';

const noUnmap = cannot('there is no unmap; the map ends with the closure');

const sites: CallSites<RustClosure> = {
  copyResponse({ api, list, response }) {
    let at = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && at < response.length;) {
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(response.length - at, sg.length - offset, inPage(sg.offset + offset));
        const piece = response.subarray(at, at + part);
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyFromSlice(piece);
          return done;
        });
        if (!copied.ok) return copied.error;
        offset += part;
        at += part;
      }
    }
    return at < response.length ? -EIO : 0;
  },

  patchHead({ api, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = -sg.offset & 3;
      if (head === 0) continue;
      const patched = api.withPageMapped(pageAt(sg, 0), sg.offset % PAGE_SIZE, head, (bytes) => {
        bytes.copyFromSlice(align.subarray(4 * i, 4 * i + head));
        return done;
      });
      if (!patched.ok) return patched.error;
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
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(left, sg.length - offset, inPage(sg.offset + offset));
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyFromSlice(fifo.read(part));
          return done;
        });
        if (!copied.ok) return copied.error;
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
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(record.length, sg.length - offset, inPage(sg.offset + offset));
        const piece = record.subarray(0, part);
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyFromSlice(piece);
          return done;
        });
        if (!copied.ok) return copied.error;
        record = record.subarray(part);
        offset += part;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  // All pages are mapped together in closures within closures, one for each entry.
  *manyMaps({ api, list, socket }) {
    const entries = [...list];
    function* sendFrom(parts: readonly Kvec[]): Sleeping<KernelResult<number>> {
      const sg = entries[parts.length];
      if (sg === undefined) return ok(yield* socket.send(parts));
      const start = sg.offset % PAGE_SIZE;
      return yield* api.withPageMappedSleeping(pageAt(sg, 0), start, sg.length, (bytes) =>
        sendFrom([...parts, bytes.asPtr()]),
      );
    }
    const sent = yield* sendFrom([]);
    return sent.ok ? sent.value : sent.error;
  },

  *contiguousView({ api, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let errno = 0;
    let at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length && errno === 0;) {
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const piece = buffer.subarray(at, at + part);
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyToSlice(piece);
          return done;
        });
        if (!copied.ok) errno = copied.error;
        offset += part;
        at += part;
      }
    if (errno === 0) errno = yield* emulate(buffer);
    at = 0;
    for (const sg of list)
      for (let offset = 0; offset < sg.length && errno === 0;) {
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(sg.length - offset, inPage(sg.offset + offset));
        const piece = buffer.subarray(at, at + part);
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyFromSlice(piece);
          return done;
        });
        if (!copied.ok) errno = copied.error;
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
      const { api } = open(context);
      const counted = api.withPageMapped(pageAt(sg, 0), sg.offset % PAGE_SIZE, 1, (bytes) => {
        bytes.set(0, bytes.get(0) + 1);
        return done;
      });
      return counted.ok ? 0 : counted.error;
    });
    const errno = yield* finished();
    irq.free();
    return errno;
  },

  deviceMiddle({ api, list, payload }) {
    let at = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && at < payload.length;) {
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(payload.length - at, sg.length - offset, inPage(sg.offset + offset));
        const piece = payload.subarray(at, at + part);
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyFromSlice(piece);
          return done;
        });
        if (!copied.ok) return copied.error;
        offset += part;
        at += part;
      }
    }
    return at < payload.length ? -EIO : 0;
  },

  twoLists({ api, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const [start, begin] = [(source.offset + offset) % PAGE_SIZE, (target.offset + position) % PAGE_SIZE];
      const input = Math.min(source.length - offset, inPage(source.offset + offset));
      const part = Math.min(left, input, target.length - position, inPage(target.offset + position));
      const [page, other] = [pageAt(source, offset), pageAt(target, position)];
      const copied = api.withPageMapped(page, start, part, (src) =>
        api.withPageMapped(other, begin, part, (dst) => {
          const bytes = new Uint8Array(part);
          src.copyToSlice(bytes);
          dst.copyFromSlice(bytes);
          return done;
        }),
      );
      if (!copied.ok) return copied.error;
      left -= part;
      offset += part;
      position += part;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    return 0;
  },

  mustNotSleep({ api, list, response }) {
    let at = 0;
    for (const sg of list) {
      for (let offset = 0; offset < sg.length && at < response.length;) {
        const start = (sg.offset + offset) % PAGE_SIZE;
        const part = Math.min(response.length - at, sg.length - offset, inPage(sg.offset + offset));
        const piece = response.subarray(at, at + part);
        const copied = api.withPageMapped(pageAt(sg, offset), start, part, (bytes) => {
          bytes.copyFromSlice(piece);
          return done;
        });
        if (!copied.ok) return copied.error;
        offset += part;
        at += part;
      }
    }
    return at < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: noUnmap,
  unmapTwice: noUnmap,
  neverUnmapped: noUnmap,
  otherFlags: noUnmap,
  usedAfterUnmap: {
    // The closure returns the bytes, and they are used behind it.
    patchHead: edit(
      'bytes.copyFromSlice(align.subarray(4 * i, 4 * i + head)); return done;',
      'return ok(bytes);',
    ).and(
      'if (!patched.ok) return patched.error;',
      'if (!patched.ok) return patched.error;\n      patched.value.copyFromSlice(align.subarray(4 * i, 4 * i + head));',
    ),
    // The task maps for its handler, which runs when the closure has returned.
    sharedView: edit('{ list, irq,', '{ api, list, irq,')
      .and(
        'irq.request((context) => { const { api } = open(context); const counted = api.withPageMapped(pageAt(sg, 0), sg.offset % PAGE_SIZE, 1, (bytes) => { bytes.set(0, bytes.get(0) + 1); return done; }); return counted.ok ? 0 : counted.error; });',
        'const counted = api.withPageMapped(pageAt(sg, 0), sg.offset % PAGE_SIZE, 1, (bytes) => {\n      irq.request(() => {\n        bytes.set(0, bytes.get(0) + 1);\n        return 0;\n      });\n      return done;\n    });\n    if (!counted.ok) return counted.error;',
      )
      .and('finished, open }', 'finished }'),
  },
  tooLong: {
    copyResponse: edit(', inPage(sg.offset + offset)', ''),
    pioBlocks: edit(', inPage(sg.offset + offset)', ''),
  },
  failureIgnored: {
    copyResponse: edit('const copied = ', '').and('if (!copied.ok) return copied.error;', ''),
    manyMaps: edit('return sent.ok ? sent.value : sent.error;', 'return sent.value;'),
  },
  leakOnError: noUnmap,
  sleepsWhileMapped: {
    pioBlocks: edit('api.withPageMapped(', 'yield* api.withPageMappedSleeping(').and(
      '(bytes) => { bytes',
      'function* (bytes) {\n          yield* fifo.ready();\n          bytes',
    ),
  },
  olderFirst: cannot('the inner closure ends before the outer one'),
  handlerUnmaps: noUnmap,
  // The call site makes it already, with one call in place of many.
  plainStore: {
    deviceMiddle: edit('bytes.copyFromSlice(piece);', 'piece.forEach((byte, i) => bytes.set(i, byte));'),
  },
  mapThatSleeps: cannot('there is one map, and it does not sleep'),
};

export default defineCallSites(rustClosure, sites, mistakes);
