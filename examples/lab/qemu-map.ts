/** The ten jobs with `address_space_map` of QEMU. */
import { EIO, ENOMEM, NULL, cannot, defineCallSites, edit, qemuMap } from 'scatterlist/lab';
import type { CallSites, Mistakes, QemuMap } from 'scatterlist/lab';

const noMap = cannot(
  'a bounce buffer is no view of the memory, so the handler reads and writes without a map',
);

const sites: CallSites<QemuMap> = {
  *copyResponse({ api, mem, list, response }) {
    let done = 0;
    for (const { base, len } of api.qemuSglist(list))
      for (let offset = 0; offset < len && done < response.length;) {
        const plen = { value: Math.min(response.length - done, len - offset) };
        const buffer = api.addressSpaceMap(base + offset, plen, true);
        if (buffer === NULL) {
          yield* api.coWaitForMapClient();
          continue;
        }
        mem.copyFrom(response.subarray(done, done + plen.value), buffer);
        api.addressSpaceUnmap(buffer, plen.value, true, plen.value);
        offset += plen.value;
        done += plen.value;
      }
    return done < response.length ? -EIO : 0;
  },

  *patchHead({ api, mem, list, align }) {
    for (const [i, { base }] of api.qemuSglist(list).entries()) {
      const head = align.subarray(4 * i, 4 * i + (-base & 3));
      for (let done = 0; done < head.length;) {
        const plen = { value: head.length - done };
        const buffer = api.addressSpaceMap(base + done, plen, true);
        if (buffer === NULL) {
          yield* api.coWaitForMapClient();
          continue;
        }
        mem.copyFrom(head.subarray(done, done + plen.value), buffer);
        api.addressSpaceUnmap(buffer, plen.value, true, plen.value);
        done += plen.value;
      }
    }
    return 0;
  },

  *pioBlocks({ api, mem, list, blocks, blockBytes, fifo }) {
    const entries = api.qemuSglist(list);
    let [at, offset] = [0, 0];
    for (let block = 0; block < blocks; block += 1) {
      yield* fifo.ready();
      for (let left = blockBytes; left > 0;) {
        const entry = entries[at];
        if (entry === undefined) return -EIO;
        const plen = { value: Math.min(left, entry.len - offset) };
        const buffer = api.addressSpaceMap(entry.base + offset, plen, true);
        if (buffer === NULL) {
          yield* api.coWaitForMapClient();
          continue;
        }
        mem.copyFrom(fifo.read(plen.value), buffer);
        api.addressSpaceUnmap(buffer, plen.value, true, plen.value);
        left -= plen.value;
        offset += plen.value;
        if (offset === entry.len) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  *cursor({ api, mem, list, source }) {
    const entries = api.qemuSglist(list);
    let [at, offset] = [0, 0];
    for (let record = yield* source.next(); record !== undefined; record = yield* source.next()) {
      while (record.length > 0) {
        const entry = entries[at];
        if (entry === undefined) return -EIO;
        const plen = { value: Math.min(record.length, entry.len - offset) };
        const buffer = api.addressSpaceMap(entry.base + offset, plen, true);
        if (buffer === NULL) {
          yield* api.coWaitForMapClient();
          continue;
        }
        mem.copyFrom(record.subarray(0, plen.value), buffer);
        api.addressSpaceUnmap(buffer, plen.value, true, plen.value);
        record = record.subarray(plen.value);
        offset += plen.value;
        if (offset === entry.len) [at, offset] = [at + 1, 0];
      }
    }
    return 0;
  },

  // It fails without room: a wait for more, with some maps held, could last for ever.
  *manyMaps({ api, list, socket }) {
    const vector: { base: number; length: number }[] = [];
    let errno = 0;
    for (const { base, len } of api.qemuSglist(list))
      for (let offset = 0; offset < len && errno === 0;) {
        const plen = { value: len - offset };
        const buffer = api.addressSpaceMap(base + offset, plen, false);
        if (buffer === NULL) {
          errno = -ENOMEM;
          break;
        }
        vector.push({ base: buffer, length: plen.value });
        offset += plen.value;
      }
    if (errno === 0) errno = yield* socket.send(vector);
    for (const { base, length } of vector) api.addressSpaceUnmap(base, length, false, length);
    return errno;
  },

  *contiguousView({ api, list, lengthBytes, emulate, kmalloc, kfree }) {
    const buffer = kmalloc(lengthBytes);
    if (buffer === undefined) return -ENOMEM;
    let errno = 0;
    let at = 0;
    for (const { base, len } of api.qemuSglist(list)) {
      if (api.addressSpaceRead(base, buffer.subarray(at, at + len)) !== api.MEMTX_OK) errno = -EIO;
      at += len;
    }
    if (errno === 0) errno = yield* emulate(buffer);
    at = 0;
    for (const { base, len } of errno === 0 ? api.qemuSglist(list) : []) {
      if (api.addressSpaceWrite(base, buffer.subarray(at, at + len)) !== api.MEMTX_OK) errno = -EIO;
      at += len;
    }
    kfree(buffer);
    return errno;
  },

  *sharedView({ api, list, irq, finished, open }) {
    const [entry] = api.qemuSglist(list);
    if (entry === undefined) return -EIO;
    irq.request((context) => {
      const { api } = open(context);
      const count = new Uint8Array(1);
      if (api.addressSpaceRead(entry.base, count) !== api.MEMTX_OK) return -EIO;
      count[0] = (count[0] ?? 0) + 1;
      return api.addressSpaceWrite(entry.base, count) === api.MEMTX_OK ? 0 : -EIO;
    });
    const errno = yield* finished();
    irq.free();
    return errno;
  },

  *deviceMiddle({ api, mem, list, payload }) {
    let done = 0;
    for (const { base, len } of api.qemuSglist(list))
      for (let offset = 0; offset < len && done < payload.length;) {
        const plen = { value: Math.min(payload.length - done, len - offset) };
        const buffer = api.addressSpaceMap(base + offset, plen, true);
        if (buffer === NULL) {
          yield* api.coWaitForMapClient();
          continue;
        }
        mem.copyFrom(payload.subarray(done, done + plen.value), buffer);
        api.addressSpaceUnmap(buffer, plen.value, true, plen.value);
        offset += plen.value;
        done += plen.value;
      }
    return done < payload.length ? -EIO : 0;
  },

  // While it waits it holds no map, so that two of them cannot wait for each other.
  *twoLists({ api, mem, from, to, lengthBytes }) {
    const [sources, targets] = [api.qemuSglist(from), api.qemuSglist(to)];
    let [i, offset, j, position] = [0, 0, 0, 0];
    for (let left = lengthBytes; left > 0;) {
      const [source, target] = [sources[i], targets[j]];
      if (source === undefined || target === undefined) return -EIO;
      const input = { value: Math.min(left, source.len - offset) };
      const src = api.addressSpaceMap(source.base + offset, input, false);
      if (src === NULL) {
        yield* api.coWaitForMapClient();
        continue;
      }
      const output = { value: Math.min(input.value, target.len - position) };
      const dst = api.addressSpaceMap(target.base + position, output, true);
      if (dst === NULL) {
        api.addressSpaceUnmap(src, input.value, false, 0);
        yield* api.coWaitForMapClient();
        continue;
      }
      const bytes = new Uint8Array(output.value);
      mem.copyTo(bytes, src);
      mem.copyFrom(bytes, dst);
      api.addressSpaceUnmap(dst, output.value, true, output.value);
      api.addressSpaceUnmap(src, input.value, false, output.value);
      left -= output.value;
      offset += output.value;
      position += output.value;
      if (offset === source.len) [i, offset] = [i + 1, 0];
      if (position === target.len) [j, position] = [j + 1, 0];
    }
    return 0;
  },

  mustNotSleep({ api, mem, list, response }) {
    let done = 0;
    for (const { base, len } of api.qemuSglist(list))
      for (let offset = 0; offset < len && done < response.length;) {
        const plen = { value: Math.min(response.length - done, len - offset) };
        const buffer = api.addressSpaceMap(base + offset, plen, true);
        if (buffer === NULL) return -ENOMEM;
        mem.copyFrom(response.subarray(done, done + plen.value), buffer);
        api.addressSpaceUnmap(buffer, plen.value, true, plen.value);
        offset += plen.value;
        done += plen.value;
      }
    return done < response.length ? -EIO : 0;
  },
};

const mistakes: Mistakes = {
  otherOffset: {
    copyResponse: edit('api.addressSpaceUnmap(buffer,', 'api.addressSpaceUnmap(buffer + plen.value,'),
    cursor: edit('true, plen.value);\n        record', 'true, record.length);\n        record'),
  },
  unmapTwice: {
    copyResponse: edit(
      'offset += plen.value;',
      'api.addressSpaceUnmap(buffer, plen.value, true, plen.value);\n        offset += plen.value;',
    ),
  },
  neverUnmapped: {
    copyResponse: edit('api.addressSpaceUnmap(buffer, plen.value, true, plen.value);', ''),
    sharedView: noMap,
  },
  otherFlags: {
    patchHead: edit(
      'api.addressSpaceUnmap(buffer, plen.value, true',
      'api.addressSpaceUnmap(buffer, plen.value, false',
    ),
  },
  usedAfterUnmap: {
    patchHead: edit('api.addressSpaceUnmap(buffer, plen.value, true, plen.value);', '').and(
      'mem.copyFrom',
      'api.addressSpaceUnmap(buffer, plen.value, true, plen.value);\n        mem.copyFrom',
    ),
    sharedView: noMap,
  },
  // The map may be shorter than asked for, and this takes what was asked for.
  tooLong: {
    copyResponse: edit('done + plen.value), buffer', 'done + len - offset), buffer').and(
      'offset += plen.value;\n        done += plen.value;',
      'done += Math.min(response.length - done, len - offset);\n        offset = len;',
    ),
    pioBlocks: edit(
      'const plen = { value: Math.min(left, entry.len - offset) };',
      'const want = Math.min(left, entry.len - offset);\n        const plen = { value: want };',
    )
      .and('fifo.read(plen.value)', 'fifo.read(want)')
      .and('left -= plen.value;\n        offset += plen.value;', 'left -= want;\n        offset += want;'),
  },
  failureIgnored: {
    copyResponse: edit(
      'if (buffer === NULL) {\n          yield* api.coWaitForMapClient();\n          continue;\n        }',
      '',
    ),
    manyMaps: edit('if (buffer === NULL) {\n          errno = -ENOMEM;\n          break;\n        }', '')
      .and('length: plen.value', 'length: len')
      .and('offset += plen.value', 'offset = len'),
  },
  leakOnError: {
    manyMaps: edit('errno = -ENOMEM;\n          break;', 'return -ENOMEM;'),
    twoLists: edit('api.addressSpaceUnmap(src, input.value, false, 0);', ''),
  },
  sleepsWhileMapped: {
    pioBlocks: edit(
      'mem.copyFrom(fifo.read(plen.value), buffer);',
      'yield* fifo.ready();\n        mem.copyFrom(fifo.read(plen.value), buffer);',
    ),
  },
  olderFirst: {
    twoLists: edit(
      'api.addressSpaceUnmap(dst, output.value, true, output.value);\n      api.addressSpaceUnmap(src, input.value, false, output.value);',
      'api.addressSpaceUnmap(src, input.value, false, output.value);\n      api.addressSpaceUnmap(dst, output.value, true, output.value);',
    ),
  },
  handlerUnmaps: noMap,
  plainStore: cannot('the address is always one of system memory, and unmap writes to the device'),
  mapThatSleeps: {
    mustNotSleep: edit(
      'return -ENOMEM;',
      '{\n          api.coWaitForMapClient().next();\n          continue;\n        }',
    ),
  },
};

export default defineCallSites(qemuMap, sites, mistakes);
