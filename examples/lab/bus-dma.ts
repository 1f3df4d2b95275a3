/** The ten jobs with `bus_dma` of FreeBSD: the device of the driver moves the bytes. */
import { sgPhys } from 'scatterlist';
import { EINPROGRESS, EIO, busDma, cannot, defineCallSites, edit } from 'scatterlist/lab';
import type { BusDma, BusDmaCallback, CallSites, Mistakes } from 'scatterlist/lab';

const forDevice = cannot('a segment has an address for the device; the CPU cannot use it');
const byMap = cannot('the map is all that bus_dmamap_unload takes');

const sites: CallSites<BusDma> = {
  *copyResponse({ api, list, response }) {
    const [failed, map] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    let [done, errno] = [0, 0];
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (part.length === 0) break;
      let error = EINPROGRESS;
      const start: BusDmaCallback = (segs, status) => {
        let at = 0;
        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_PREREAD);
        for (const { dsAddr, dsLen } of segs) {
          api.deviceWrite(dsAddr, part.subarray(at, at + dsLen));
          at += dsLen;
        }
        error = status;
        api.cvBroadcast();
      };
      const plist = [{ dsAddr: sgPhys(sg), dsLen: part.length }];
      api.busDmamapLoad(api.tag, map, plist, start, api.BUS_DMA_WAITOK);
      yield* api.cvWait(() => error !== EINPROGRESS);
      errno = -error;
      if (errno !== 0) break;
      api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);
      api.busDmamapUnload(api.tag, map);
      done += part.length;
    }
    api.busDmamapDestroy(api.tag, map);
    if (errno !== 0) return errno;
    return done < response.length ? -EIO : 0;
  },

  *patchHead({ api, list, align }) {
    const [failed, map] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    let errno = 0;
    for (const [i, sg] of [...list].entries()) {
      const head = align.subarray(4 * i, 4 * i + (-sg.offset & 3));
      if (head.length === 0) continue;
      let error = EINPROGRESS;
      const start: BusDmaCallback = (segs, status) => {
        let at = 0;
        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_PREREAD);
        for (const { dsAddr, dsLen } of segs) {
          api.deviceWrite(dsAddr, head.subarray(at, at + dsLen));
          at += dsLen;
        }
        error = status;
        api.cvBroadcast();
      };
      const plist = [{ dsAddr: sgPhys(sg), dsLen: head.length }];
      api.busDmamapLoad(api.tag, map, plist, start, api.BUS_DMA_WAITOK);
      yield* api.cvWait(() => error !== EINPROGRESS);
      errno = -error;
      if (errno !== 0) break;
      api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);
      api.busDmamapUnload(api.tag, map);
    }
    api.busDmamapDestroy(api.tag, map);
    return errno;
  },

  *pioBlocks({ api, list, blocks, blockBytes, fifo }) {
    const [failed, map] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    const entries = [...list];
    let [entry, offset, errno] = [0, 0, 0];
    for (let block = 0; block < blocks && errno === 0; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const sg = entries[entry];
        if (sg === undefined) {
          errno = -EIO;
          break;
        }
        const part = Math.min(left, sg.length - offset);
        let error = EINPROGRESS;
        const start: BusDmaCallback = (segs, status) => {
          api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_PREREAD);
          for (const { dsAddr, dsLen } of segs) api.deviceWrite(dsAddr, fifo.read(dsLen));
          error = status;
          api.cvBroadcast();
        };
        const plist = [{ dsAddr: sgPhys(sg) + offset, dsLen: part }];
        api.busDmamapLoad(api.tag, map, plist, start, api.BUS_DMA_WAITOK);
        yield* api.cvWait(() => error !== EINPROGRESS);
        errno = -error;
        if (errno !== 0) break;
        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);
        api.busDmamapUnload(api.tag, map);
        left -= part;
        offset += part;
        if (offset === sg.length) [entry, offset] = [entry + 1, 0];
      }
    }
    api.busDmamapDestroy(api.tag, map);
    return errno;
  },

  *cursor({ api, list, source }) {
    const [failed, map] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    const entries = [...list];
    let [entry, offset, errno] = [0, 0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0) {
        const sg = entries[entry];
        if (sg === undefined) {
          errno = -EIO;
          break;
        }
        const part = record.subarray(0, sg.length - offset);
        let error = EINPROGRESS;
        const start: BusDmaCallback = (segs, status) => {
          let at = 0;
          api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_PREREAD);
          for (const { dsAddr, dsLen } of segs) {
            api.deviceWrite(dsAddr, part.subarray(at, at + dsLen));
            at += dsLen;
          }
          error = status;
          api.cvBroadcast();
        };
        const plist = [{ dsAddr: sgPhys(sg) + offset, dsLen: part.length }];
        api.busDmamapLoad(api.tag, map, plist, start, api.BUS_DMA_WAITOK);
        yield* api.cvWait(() => error !== EINPROGRESS);
        errno = -error;
        if (errno !== 0) break;
        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);
        api.busDmamapUnload(api.tag, map);
        record = record.subarray(part.length);
        offset += part.length;
        if (offset === sg.length) [entry, offset] = [entry + 1, 0];
      }
      if (errno !== 0) break;
    }
    api.busDmamapDestroy(api.tag, map);
    return errno;
  },

  manyMaps: forDevice,

  contiguousView: forDevice,

  sharedView: forDevice,

  *deviceMiddle({ api, list, payload }) {
    const [failed, map] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    let [done, errno] = [0, 0];
    for (const sg of list) {
      const part = payload.subarray(done, done + sg.length);
      if (part.length === 0) break;
      let error = EINPROGRESS;
      const start: BusDmaCallback = (segs, status) => {
        let at = 0;
        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_PREREAD);
        for (const { dsAddr, dsLen } of segs) {
          api.deviceWrite(dsAddr, part.subarray(at, at + dsLen));
          at += dsLen;
        }
        error = status;
        api.cvBroadcast();
      };
      const plist = [{ dsAddr: sgPhys(sg), dsLen: part.length }];
      api.busDmamapLoad(api.tag, map, plist, start, api.BUS_DMA_WAITOK);
      yield* api.cvWait(() => error !== EINPROGRESS);
      errno = -error;
      if (errno !== 0) break;
      api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);
      api.busDmamapUnload(api.tag, map);
      done += part.length;
    }
    api.busDmamapDestroy(api.tag, map);
    if (errno !== 0) return errno;
    return done < payload.length ? -EIO : 0;
  },

  // It waits for the first load only, because a task that holds bounce pages must not wait for more.
  *twoLists({ api, from, to, lengthBytes }) {
    const [failed, src] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    const [failedToo, dst] = api.busDmamapCreate(api.tag);
    if (failedToo !== 0) {
      api.busDmamapDestroy(api.tag, src);
      return -failedToo;
    }
    const [sources, targets] = [[...from], [...to]];
    let [i, offset, j, position, errno] = [0, 0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) {
        errno = -EIO;
        break;
      }
      const part = Math.min(left, source.length - offset, target.length - position);
      const bytes = new Uint8Array(part);
      let error = EINPROGRESS;
      const read: BusDmaCallback = (segs, status) => {
        let at = 0;
        api.busDmamapSync(api.tag, src, api.BUS_DMASYNC_PREWRITE);
        for (const { dsAddr, dsLen } of segs) {
          bytes.set(api.deviceRead(dsAddr, dsLen), at);
          at += dsLen;
        }
        error = status;
        api.cvBroadcast();
      };
      const write: BusDmaCallback = (segs, status) => {
        let at = 0;
        api.busDmamapSync(api.tag, dst, api.BUS_DMASYNC_PREREAD);
        for (const { dsAddr, dsLen } of segs) {
          api.deviceWrite(dsAddr, bytes.subarray(at, at + dsLen));
          at += dsLen;
        }
        error = status;
      };
      const input = [{ dsAddr: sgPhys(source) + offset, dsLen: part }];
      api.busDmamapLoad(api.tag, src, input, read, api.BUS_DMA_WAITOK);
      yield* api.cvWait(() => error !== EINPROGRESS);
      errno = -error;
      if (errno !== 0) break;
      const output = [{ dsAddr: sgPhys(target) + position, dsLen: part }];
      api.busDmamapLoad(api.tag, dst, output, write, api.BUS_DMA_NOWAIT);
      errno = -error;
      if (errno !== 0) {
        api.busDmamapUnload(api.tag, src);
        break;
      }
      api.busDmamapSync(api.tag, dst, api.BUS_DMASYNC_POSTREAD);
      api.busDmamapUnload(api.tag, dst);
      api.busDmamapSync(api.tag, src, api.BUS_DMASYNC_POSTWRITE);
      api.busDmamapUnload(api.tag, src);
      left -= part;
      offset += part;
      position += part;
      if (offset === source.length) [i, offset] = [i + 1, 0];
      if (position === target.length) [j, position] = [j + 1, 0];
    }
    api.busDmamapDestroy(api.tag, dst);
    api.busDmamapDestroy(api.tag, src);
    return errno;
  },

  mustNotSleep({ api, list, response }) {
    const [failed, map] = api.busDmamapCreate(api.tag);
    if (failed !== 0) return -failed;
    let [done, errno] = [0, 0];
    for (const sg of list) {
      const part = response.subarray(done, done + sg.length);
      if (part.length === 0) break;
      let error = EINPROGRESS;
      const start: BusDmaCallback = (segs, status) => {
        let at = 0;
        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_PREREAD);
        for (const { dsAddr, dsLen } of segs) {
          api.deviceWrite(dsAddr, part.subarray(at, at + dsLen));
          at += dsLen;
        }
        error = status;
        api.cvBroadcast();
      };
      const plist = [{ dsAddr: sgPhys(sg), dsLen: part.length }];
      api.busDmamapLoad(api.tag, map, plist, start, api.BUS_DMA_NOWAIT);
      errno = -error;
      if (errno !== 0) break;
      api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);
      api.busDmamapUnload(api.tag, map);
      done += part.length;
    }
    api.busDmamapDestroy(api.tag, map);
    if (errno !== 0) return errno;
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: byMap,
  unmapTwice: {
    copyResponse: edit(
      'api.busDmamapUnload(api.tag, map);',
      'api.busDmamapUnload(api.tag, map);\n      api.busDmamapUnload(api.tag, map);',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('api.busDmamapUnload(api.tag, map);', ''),
    sharedView: forDevice,
  },
  otherFlags: { patchHead: edit('BUS_DMASYNC_POSTREAD', 'BUS_DMASYNC_POSTWRITE') },
  usedAfterUnmap: {
    patchHead: edit(
      'let error = EINPROGRESS;',
      'let error = EINPROGRESS;\n      let late = (): void => undefined;',
    )
      .and(
        'api.deviceWrite(dsAddr, head.subarray(at, at + dsLen));',
        'const bytes = head.subarray(at, at + dsLen);\n        late = () => {\n          api.deviceWrite(dsAddr, bytes);\n        };',
      )
      .and('api.busDmamapUnload(api.tag, map);', 'api.busDmamapUnload(api.tag, map);\n      late();'),
    sharedView: forDevice,
  },
  tooLong: {
    copyResponse: edit('part.subarray(at, at + dsLen)', 'part.subarray(at)'),
    pioBlocks: edit('{ dsAddr, dsLen } of segs)', '{ dsAddr } of segs.slice(0, 1))').and(
      'fifo.read(dsLen)',
      'fifo.read(part)',
    ),
  },
  failureIgnored: {
    copyResponse: edit('yield* api.cvWait(() => error !== EINPROGRESS);', '').and(
      'errno = -error;\n      if (errno !== 0) break;',
      'errno = error === EINPROGRESS ? 0 : -error;',
    ),
    manyMaps: forDevice,
  },
  leakOnError: {
    manyMaps: forDevice,
    twoLists: edit('api.busDmamapUnload(api.tag, src);\n        break;', 'break;'),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);',
      'yield* fifo.ready();\n        api.busDmamapSync(api.tag, map, api.BUS_DMASYNC_POSTREAD);',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.busDmamapUnload(api.tag, dst);\n      api.busDmamapSync(api.tag, src, api.BUS_DMASYNC_POSTWRITE);\n      api.busDmamapUnload(api.tag, src);',
      'api.busDmamapSync(api.tag, src, api.BUS_DMASYNC_POSTWRITE);\n      api.busDmamapUnload(api.tag, src);\n      api.busDmamapUnload(api.tag, dst);',
    ),
  },
  handlerUnmaps: forDevice,
  plainStore: cannot('the driver writes nothing; bus_dma itself copies with plain stores'),
  mapThatSleeps: { mustNotSleep: edit('BUS_DMA_NOWAIT', 'BUS_DMA_WAITOK') },
};

export default defineCallSites(busDma, sites, mistakes);
