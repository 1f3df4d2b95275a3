/** The ten jobs with copy helpers only. */
import { EIO, ENOMEM, cannot, copyOnly, defineCallSites, edit } from 'scatterlist/lab';
import type { CallSites, Mistakes, CopyOnly } from 'scatterlist/lab';

const noMap = cannot('there is no map');

const sites: CallSites<CopyOnly> = {
  copyResponse({ api, list, response }) {
    return api.sgPcopyFromBuffer(list, response) < response.length ? -EIO : 0;
  },

  patchHead({ api, list, align }) {
    let at = 0;
    for (const [i, sg] of [...list].entries()) {
      api.sgPcopyFromBuffer(list, align.subarray(4 * i, 4 * i + (-sg.offset & 3)), at);
      at += sg.length;
    }
    return 0;
  },

  *pioBlocks({ api, list, blocks, blockBytes, fifo }) {
    for (let block = 0; block < blocks; block += 1) {
      yield* fifo.ready();
      if (api.sgPcopyFromBuffer(list, fifo.read(blockBytes), block * blockBytes) < blockBytes) return -EIO;
    }
    return 0;
  },

  *cursor({ api, list, source }) {
    let at = 0;
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      if (api.sgPcopyFromBuffer(list, record, at) < record.length) return -EIO;
      at += record.length;
    }
    return 0;
  },

  *manyMaps({ api, list, socket, kmalloc, kfree }) {
    const buffer = kmalloc([...list].reduce((sum, sg) => sum + sg.length, 0));
    if (buffer === undefined) return -ENOMEM;
    api.sgPcopyToBuffer(list, buffer);
    const errno = yield* socket.send([buffer]);
    kfree(buffer);
    return errno;
  },

  *contiguousView({ api, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    api.sgPcopyToBuffer(list, buffer);
    const errno = yield* emulate(buffer);
    if (errno === 0) api.sgPcopyFromBuffer(list, buffer);
    kfree(buffer);
    return errno;
  },

  *sharedView({ list, irq, finished, open }) {
    irq.request((context) => {
      const { api } = open(context);
      const count = new Uint8Array(1);
      api.sgPcopyToBuffer(list, count);
      count[0] = (count[0] ?? 0) + 1;
      api.sgPcopyFromBuffer(list, count);
      return 0;
    });
    const errno = yield* finished();
    irq.free();
    return errno;
  },

  deviceMiddle({ api, list, payload }) {
    return api.sgPcopyFromBuffer(list, payload) < payload.length ? -EIO : 0;
  },

  twoLists({ api, from, to, lengthBytes }) {
    return api.sglCopySgl(to, from, lengthBytes) < lengthBytes ? -EIO : 0;
  },

  mustNotSleep({ api, list, response }) {
    return api.sgPcopyFromBuffer(list, response) < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: noMap,
  unmapTwice: noMap,
  neverUnmapped: noMap,
  otherFlags: noMap,
  usedAfterUnmap: noMap,
  tooLong: {
    copyResponse: cannot('the helper goes on from page to page'),
    pioBlocks: cannot('the helper goes on from page to page'),
  },
  failureIgnored: {
    copyResponse: cannot('the helper does not fail for a list that is long enough'),
    manyMaps: edit('if (buffer === undefined) return -ENOMEM;', ''),
  },
  leakOnError: {
    manyMaps: edit('kfree(buffer);', 'if (errno === 0) kfree(buffer);'),
    twoLists: noMap,
  },
  sleepsWhileMapped: noMap,
  olderFirst: noMap,
  handlerUnmaps: noMap,
  plainStore: cannot('the helper chooses how it copies'),
  mapThatSleeps: cannot('the helpers do not sleep'),
};

export default defineCallSites(copyOnly, sites, mistakes);
