/** The ten jobs with guest memory in the manner of OpenVMM. */
import { sgPhys } from 'scatterlist';
import { EIO, ENOMEM, PAGE_SIZE, cannot, defineCallSites, edit, guestMemory, inPage } from 'scatterlist/lab';
import type { CallSites, GuestMemory, Mistakes } from 'scatterlist/lab';

const noMap = cannot('the caller maps nothing: the accesses find or make the mapping themselves');

const sites: CallSites<GuestMemory> = {
  copyResponse({ api, list, response }) {
    let done = 0;
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (!api.writeAt(sgPhys(sg), part).ok) return -EIO;
      done += part.length;
    }
    return done < response.length ? -EIO : 0;
  },

  patchHead({ api, list, align }) {
    for (const [i, sg] of [...list].entries()) {
      const head = align.subarray(4 * i, 4 * i + (-sg.offset & 3));
      if (!api.writeAt(sgPhys(sg), head).ok) return -EIO;
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
        if (!api.writeAt(sgPhys(sg) + offset, fifo.read(part)).ok) return -EIO;
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
        const part = record.subarray(0, sg.length - offset);
        if (!api.writeAt(sgPhys(sg) + offset, part).ok) return -EIO;
        record = record.subarray(part.length);
        offset += part.length;
        if (offset === sg.length) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *manyMaps({ api, list, socket }) {
    const views: { base: number; length: number }[] = [];
    for (const sg of list)
      for (let offset = 0; offset < sg.length;) {
        const gpa = sgPhys(sg) + offset;
        const length = Math.min(sg.length - offset, inPage(gpa));
        const locked = api.lockGpns([Math.floor(gpa / PAGE_SIZE)]);
        if (!locked.ok) return -EIO;
        for (const page of locked.value.pages) views.push({ base: page + (gpa % PAGE_SIZE), length });
        offset += length;
      }
    return yield* socket.send(views);
  },

  *contiguousView({ api, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let errno = 0;
    let at = 0;
    for (const sg of list) {
      if (!api.readAt(sgPhys(sg), buffer.subarray(at, at + sg.length)).ok) errno = -EIO;
      at += sg.length;
    }
    if (errno === 0) errno = yield* emulate(buffer);
    at = 0;
    for (const sg of errno === 0 ? list : []) {
      if (!api.writeAt(sgPhys(sg), buffer.subarray(at, at + sg.length)).ok) errno = -EIO;
      at += sg.length;
    }
    kfree(buffer);
    return errno;
  },

  *sharedView({ list, irq, finished, open }) {
    const [sg] = list;
    if (sg === undefined) return -EIO;
    irq.request((context) => {
      const { api } = open(context);
      const count = new Uint8Array(1);
      if (!api.readAt(sgPhys(sg), count).ok) return -EIO;
      count[0] = (count[0] ?? 0) + 1;
      return api.writeAt(sgPhys(sg), count).ok ? 0 : -EIO;
    });
    const errno = yield* finished();
    irq.free();
    return errno;
  },

  deviceMiddle({ api, list, payload }) {
    let done = 0;
    for (const sg of list) {
      const part = payload.subarray(done, done + sg.length);
      if (!api.writeAt(sgPhys(sg), part).ok) return -EIO;
      done += part.length;
    }
    return done < payload.length ? -EIO : 0;
  },

  twoLists({ api, from, to, lengthBytes }) {
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const bytes = new Uint8Array(Math.min(left, source.length - offset, target.length - position));
      if (!api.readAt(sgPhys(source) + offset, bytes).ok) return -EIO;
      if (!api.writeAt(sgPhys(target) + position, bytes).ok) return -EIO;
      left -= bytes.length;
      offset += bytes.length;
      position += bytes.length;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    return 0;
  },

  mustNotSleep({ api, list, response }) {
    let done = 0;
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (!api.writeAt(sgPhys(sg), part).ok) return -EIO;
      done += part.length;
    }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: noMap,
  unmapTwice: noMap,
  neverUnmapped: noMap,
  otherFlags: noMap,
  usedAfterUnmap: noMap,
  tooLong: {
    copyResponse: edit('response.subarray(done, done + sg.length)', 'response.subarray(done)'),
    pioBlocks: edit('Math.min(left, sg.length - offset)', 'left'),
  },
  failureIgnored: {
    copyResponse: edit(
      'if (!api.writeAt(sgPhys(sg), part).ok) return -EIO;',
      'api.writeAt(sgPhys(sg), part);',
    ),
    manyMaps: edit('if (!locked.ok) return -EIO;', ''),
  },
  leakOnError: {
    manyMaps: cannot('pages are unlocked where the value that holds them ends'),
    twoLists: noMap,
  },
  sleepsWhileMapped: noMap,
  olderFirst: noMap,
  handlerUnmaps: noMap,
  plainStore: cannot('device memory has no address that a caller could get'),
  mapThatSleeps: cannot('a page fault where sleeping is not allowed is answered by the fallback'),
};

export default defineCallSites(guestMemory, sites, mistakes);
